"""Photos are shown to those who see their log, added to it and taken away."""

import logging

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import Right, right_required
from common.rules import RuleBroken
from services import photo_files
from services.domain.photo import add_photos, remove_photo
from services.forms.photo import PhotoAddForm
from services.models import LogPhoto
from services.models.stored_photo import StoredPhoto
from services.views.log import detail_page, log_of

logger = logging.getLogger(__name__)


@require_safe
@right_required(Right.VIEW_LOGS)
def photo(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the photo."""
    return _file(request, pk, small=False)


@require_safe
@right_required(Right.VIEW_LOGS)
def photo_thumbnail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the small one."""
    return _file(request, pk, small=True)


@require_POST
@right_required(Right.MEND_LOGS)
def photo_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add photos to a log of a month that takes logs."""
    log = log_of(request, pk)
    form = PhotoAddForm(request.POST, request.FILES, user=request.user, log=log)
    form.take_photos()
    if form.is_valid():
        try:
            added = add_photos(log, form_key=form.form_key, by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            if added:
                said = ngettext("%(count)d photo was added.", "%(count)d photos were added.", added)
                messages.success(request, said % {"count": added})
            else:
                messages.info(request, _("The log had these photos already."))
            return redirect(log)
    return detail_page(request, log, photos_form=form, status=422)


@require_POST
@right_required(Right.MEND_LOGS)
def photo_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a photo away from its log for good."""
    photos = LogPhoto.objects.visible_to(request.user).filter(log__isnull=False).select_related("log")
    photo = get_object_or_404(photos, pk=pk)
    try:
        remove_photo(photo, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The photo was taken away. Its file was deleted."))
    return redirect(photo.log)


def _file(request: HttpRequest, pk: int, *, small: bool) -> HttpResponseBase:
    return photo_file(get_object_or_404(LogPhoto.objects.visible_to(request.user).standing(), pk=pk), small=small)


def photo_file(photo: StoredPhoto, *, small: bool) -> HttpResponseBase:
    """Give one of a photo's two files to somebody who may see it."""
    try:
        file = photo_files.storage.open(photo_files.path_of(photo.name, small=small))
    except FileNotFoundError as error:
        logger.error("%s %s lacks its file: restore PHOTO_ROOT from the backup", type(photo).__name__, photo.pk)
        raise Http404 from error
    # The name says nothing about where it came from, and the browser shows it rather than saving it.
    return FileResponse(file, content_type="image/jpeg", filename=f"photo-{photo.pk}.jpg")
