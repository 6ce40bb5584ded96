"""What everybody may do without an account: apply to become a volunteer, and follow the application by its code."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.addresses import client_address, network_of
from areas.models import Township
from common.public import public_page
from common.rules import RuleBroken
from common.throttle import Limit
from volunteers.application_rows import progress_of
from volunteers.domain.application import apply as take_in
from volunteers.domain.application import find_application
from volunteers.forms.application import ApplicationForm, FollowForm
from volunteers.models.volunteer import mask_phone

# Several people may apply at one office; an office reads each application.
FROM_ONE_LINE = Limit("application", most=20)
FOR_ONE_TOWNSHIP = Limit("application, one township", most=200)
WRONG_CODES = Limit("application code", most=10)
ALL_WRONG_CODES = Limit("application code, everybody", most=300)
# Beyond that each line has one more try: nobody keeps all others away by trying from many lines.
ONE_EACH = Limit("application, one each", most=1)
ONE_CODE_EACH = Limit("application code, one each", most=1)


@public_page
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Say what the programme asks for, and ask for the township."""
    return _page(request, "start.html", {"townships": Township.objects.current().order_by("code")})


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, code: str) -> HttpResponse:
    """Take an application to one township in; who is on record already makes no difference to the answer."""
    township = get_object_or_404(Township, code=code).present
    if request.method != "POST":
        return _form(request, township, ApplicationForm(township=township))
    form = ApplicationForm(request.POST, township=township)
    if not form.is_valid():
        return _form(request, township, form, status=422)
    who = network_of(client_address(request))
    if not (FROM_ONE_LINE.take(who) and (FOR_ONE_TOWNSHIP.take(code) or ONE_EACH.take(who))):
        form.add_error(None, _("Many applications have come from here within the hour. Try again later."))
        return _form(request, township, form, status=429)
    values = form.cleaned_data
    try:
        application, follow_code = take_in(values, key=values["key"], texts=list(values["texts"]))
    except RuleBroken as broken:
        form.add_rule(broken)
        return _form(request, township, form, status=422)
    context = {
        "township": township,
        "name": application.name,
        "phone": mask_phone(application.phone),
        "code": follow_code,
    }
    return _page(request, "sent.html", context)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """Show how far an application is; its code travels in the body of a POST, so it stands in no server's log."""
    if request.method != "POST":
        return _page(request, "follow.html", {"form": FollowForm()})
    form = FollowForm(request.POST)
    if not form.is_valid():
        return _page(request, "follow.html", {"form": form}, status=422)
    who = network_of(client_address(request))
    if not (WRONG_CODES.take(who) and (ALL_WRONG_CODES.take() or ONE_CODE_EACH.take(who))):
        until = date_format(timezone.localtime(WRONG_CODES.over_at), "TIME_FORMAT")
        form.add_error(None, _("Too many wrong codes were typed. Try again after %(time)s.") % {"time": until})
        return _page(request, "follow.html", {"form": form}, status=429)
    application = find_application(form.cleaned_data["code"])
    if application is None:
        form.add_error("code", _("No application has this code. Compare each sign with what you wrote down."))
        return _page(request, "follow.html", {"form": form}, status=422)
    for limit, whose in ((WRONG_CODES, who), (ALL_WRONG_CODES, ""), (ONE_CODE_EACH, who)):
        limit.give_back(whose)
    context = {"application": application, "progress": progress_of(application)}
    return _page(request, "progress.html", context)


def _form(request: HttpRequest, township: Township, form: ApplicationForm, *, status: int = 200) -> HttpResponse:
    return _page(request, "form.html", {"form": form, "township": township}, status=status)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"volunteers/apply/{template}", context, status=status)
