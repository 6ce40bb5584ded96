"""Waiting for the resident: the clocks of a request are stopped, and run again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from grids.views.pages import form_page, posted, press
from services.domain.waiting import hold_request, resume_request
from services.forms.waiting import HoldForm
from services.models import HelpRequest


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.ANSWER_REQUESTS)
def request_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the clocks of a request; the page of the request has the same form."""
    asked = _asked(request, pk)

    def version() -> int:
        return HelpRequest.objects.values_list("version", flat=True).get(pk=asked.pk)

    return form_page(
        request,
        HoldForm(posted(request), initial={"version": asked.version}),
        act=lambda values: hold_request(asked, **values, by=request.user),
        title=_("Wait for the resident"),
        submit=_("Stop the clocks"),
        back=asked.get_absolute_url(),
        up=_("Request"),
        done=_("The clocks stand still until the resident says a word or the team goes on."),
        current_version=version,
        lead=_("While the resident is waited for, the deadlines move on by the time that it takes."),
    )


@require_POST
@right_required(Right.ANSWER_REQUESTS)
def request_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the clocks of a request run again."""
    asked = _asked(request, pk)
    return press(
        request,
        lambda: resume_request(asked, by=request.user),
        back=asked,
        done=_("The clocks run again. The deadlines have moved on by the wait."),
    )


def _asked(request: HttpRequest, pk: int) -> HelpRequest:
    return get_object_or_404(HelpRequest.objects.visible_to(request.user), pk=pk)
