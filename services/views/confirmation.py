"""Slips for those who were served, and the public page on which they say whether it took place."""

from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.addresses import client_address, network_of
from accounts.rights import Right, right_required
from common.clean import key_of
from common.rules import RuleBroken
from common.throttle import Limit
from services.domain.confirmation import answer_confirmation, code_of, find, issue_slips
from services.forms.confirmation import MOST_SLIPS, AnswerForm, CodeForm, DayForm, SlipsForm
from services.models import Confirmation, ServiceLog
from services.models.log import ServiceLogQuerySet

WRONG_CODES = Limit("confirmation code", most=10)
ALL_WRONG_CODES = Limit("confirmation code, everybody", most=300)
# Beyond that each line has one more try: nobody keeps all others from answering by typing wrong codes from many lines.
ONE_EACH = Limit("confirmation code, one each", most=1)


# --- The public page ------------------------------------------------------------------------------------


@login_not_required
@cache_control(no_store=True)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a slip, show the service that it belongs to, and take the answer.

    The code travels in the body of a POST only (the slip's QR code holds it behind ``#``, which browsers do not send):
    it stands in no log of a server and in no referrer.
    """
    if request.method != "POST":
        return _page(request, "ask.html", {"form": CodeForm()})
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, "ask.html", {"form": form}, status=422)
    who = network_of(client_address(request))
    if not (WRONG_CODES.take(who) and (ALL_WRONG_CODES.take() or ONE_EACH.take(who))):
        until = date_format(timezone.localtime(WRONG_CODES.over_at), "TIME_FORMAT")
        form.add_error(None, _("Too many wrong codes were typed. Try again after %(time)s.") % {"time": until})
        return _page(request, "ask.html", {"form": form}, status=429)
    confirmation = find(form.cleaned_data["code"])
    if confirmation is None:
        form.add_error("code", _("No slip has this code. Compare each sign with the slip."))
        return _page(request, "ask.html", {"form": form}, status=422)
    WRONG_CODES.give_back(who)
    ALL_WRONG_CODES.give_back()
    ONE_EACH.give_back(who)
    if "answer" in request.POST:
        return _take(request, confirmation)
    return _service(request, confirmation, AnswerForm(initial={"code": form.cleaned_data["code"]}))


def _take(request: HttpRequest, confirmation: Confirmation) -> HttpResponse:
    form = AnswerForm(request.POST)
    if request.user.is_authenticated:
        form.add_error(None, _("You are signed in. The answer is the recipient's own: sign out first."))
    elif form.is_valid():
        try:
            confirmation = answer_confirmation(
                confirmation, answer=form.cleaned_data["answer"], remark=form.cleaned_data["remark"]
            )
        except RuleBroken as broken:
            form.add_rule(broken)
            confirmation.refresh_from_db(
                from_queryset=Confirmation.objects.select_related("log__team", "log__category")
            )
        else:
            return _service(request, confirmation, form, has_just=True)
    return _service(request, confirmation, form, status=422)


def _service(
    request: HttpRequest, confirmation: Confirmation, form: AnswerForm, *, has_just: bool = False, status: int = 200
) -> HttpResponse:
    """Show no more of the service than its recipient needs: no names, no phones, not what was written about them."""
    log = confirmation.log
    context = {
        "form": form,
        "confirmation": confirmation,
        "log": log,
        "has_just": has_just,
        "answered_on": date_format(timezone.localtime(confirmation.answered_at)) if confirmation.answered_at else "",
    }
    return _page(request, "service.html", context, status=status)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, f"services/confirmation/{template}", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


# --- Slips ------------------------------------------------------------------------------------------------


@require_POST
@right_required(Right.MEND_LOGS)
def slip(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the slip of one log, or show it again."""
    log = get_object_or_404(ServiceLog.objects.visible_to(request.user), pk=pk)
    if not issue_slips([log], by=request.user):
        messages.error(request, _("This log was withdrawn: it needs no slip."))
        return redirect(log)
    return redirect(f"{reverse('services:slip_print')}?logs={log.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MEND_LOGS)
def slip_list(request: HttpRequest) -> HttpResponse:
    """List the services of a day, to tick those that need a slip."""
    if request.method == "POST":
        form = SlipsForm(request.POST, logs=_logs(request))
        if form.is_valid():
            issue_slips(form.found, by=request.user)
            chosen = ".".join(str(log.pk) for log in form.found)
            return redirect(f"{reverse('services:slip_print')}?logs={chosen}")
        return _slip_list(request, form, status=422)
    return _slip_list(request, None)


@require_safe
@right_required(Right.MEND_LOGS)
def slip_print(request: HttpRequest) -> HttpResponse:
    """Show slips to be printed: those that were made, of the logs that the address names."""
    pks = {key_of(part) for part in request.GET.get("logs", "").split(".")[:MOST_SLIPS]} - {None}
    logs = list(_logs(request).filter(pk__in=pks, confirmation__isnull=False))
    address = request.build_absolute_uri(reverse("confirm"))
    slips = [_slip(log, address) for log in logs]
    context = {"slips": slips, "address": address.partition("://")[2].rstrip("/")}
    return render(request, "services/confirmation/slips.html", context)


def _slip_list(request: HttpRequest, form: SlipsForm | None, *, status: int = 200) -> HttpResponse:
    day_form = DayForm(request.GET if "day" in request.GET else {"day": f"{timezone.localdate():%Y-%m-%d}"})
    logs: list[ServiceLog] = []
    if day_form.is_valid():
        logs = list(_logs(request).filter(date=day_form.cleaned_data["day"])[:MOST_SLIPS])
    lines = [{"log": log, "confirmation": getattr(log, "confirmation", None), "time": _time(log)} for log in logs]
    context = {"day_form": day_form, "form": form, "lines": lines}
    return render(request, "services/confirmation/list.html", context, status=status)


def _logs(request: HttpRequest) -> ServiceLogQuerySet:
    logs = ServiceLog.objects.visible_to(request.user).standing()
    return logs.select_related("team", "category", "confirmation").order_by("date", "starts_at", "id")


def _slip(log: ServiceLog, address: str) -> dict[str, Any]:
    code = code_of(log)
    return {"log": log, "time": _time(log), "code": code, "qr": _qr(f"{address}#{code}")}


def _qr(text: str) -> SafeString:
    drawn = segno.make(text, error="m", micro=False).svg_inline(scale=4, border=2, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (made of our own address and code)


def _time(log: ServiceLog) -> str:
    return f"{timezone.localtime(log.starts_at):%H:%M}–{timezone.localtime(log.ends_at):%H:%M}"
