"""The photo of a volunteer: shown to those who see the volunteer, sent, and taken away."""

import logging

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.private_files import storage
from volunteers.domain import portrait as domain
from volunteers.forms.portrait import PortraitForm
from volunteers.models import Portrait, Volunteer

logger = logging.getLogger(__name__)


@require_safe
@right_required(Right.VIEW_VOLUNTEERS)
def portrait(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the photo of the volunteer ``pk``."""
    found = get_object_or_404(Portrait.objects.visible_to(request.user).standing(), volunteer=pk)
    try:
        file = storage.open(domain.path_of(found.name))
    except FileNotFoundError as error:
        logger.error("Portrait %s lacks its file: restore PHOTO_ROOT from the backup", found.pk)
        raise Http404 from error
    return FileResponse(file, content_type="image/jpeg", filename=f"portrait-{found.volunteer_id}.jpg")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.REGISTER_VOLUNTEERS)
def portrait_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a photo in place of the present one."""
    volunteer = _volunteer(request, pk)
    form, status = PortraitForm(), 200
    if request.method == "POST":
        form, status = PortraitForm(request.POST, request.FILES), 422
        if form.is_valid():
            if domain.keep_portrait(volunteer, form.cleaned_data["photo"], by=request.user):
                messages.success(request, _("The photo is in the dossier. Look whether it is cut well."))
            else:
                messages.info(request, _("The dossier had this photo already."))
            return redirect(volunteer)
    has_photo = volunteer.portraits.standing().exists()
    context = {"form": form, "volunteer": volunteer, "has_photo": has_photo}
    return render(request, "volunteers/portrait/form.html", context, status=status)


@require_POST
@right_required(Right.REGISTER_VOLUNTEERS)
def portrait_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the photo away for good."""
    volunteer = _volunteer(request, pk)
    if domain.remove_portrait(volunteer, by=request.user):
        messages.success(request, _("The photo was taken away. Its file was deleted."))
    return redirect(volunteer)


def _volunteer(request: HttpRequest, pk: int) -> Volunteer:
    return get_object_or_404(Volunteer.objects.visible_to(request.user), pk=pk)
