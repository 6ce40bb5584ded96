"""Photos that a resident sent are shown to the office and the team that see the request, and taken away."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import Right, right_required
from services.domain.request_album import remove_request_photo
from services.models import RequestPhoto
from services.views.photo import photo_file


@require_safe
@right_required(Right.VIEW_REQUESTS)
def photo(request: HttpRequest, pk: int, *, small: bool) -> HttpResponseBase:
    """Give a photo, or the small one of it."""
    return photo_file(get_object_or_404(RequestPhoto.objects.visible_to(request.user).standing(), pk=pk), small=small)


@require_POST
@right_required(Right.KEEP_REQUESTS)
def photo_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a photo away from its request for good."""
    photos = RequestPhoto.objects.visible_to(request.user).select_related("request")
    found = get_object_or_404(photos, pk=pk)
    remove_request_photo(found, by=request.user)
    messages.success(request, _("The photo was taken away. Its file was deleted."))
    return redirect(found.request)
