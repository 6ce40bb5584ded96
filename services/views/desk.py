"""The reviewer's desk: a township's month on one screen, what needs eyes first; the city's progress before it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import Right, right_required
from areas.models import Township
from common.rules import RuleBroken
from services.domain.month import next_month, previous_month
from services.domain.report import read_plain_months
from services.domain.sheet import desk_of, progress_of
from services.forms.report import DeskForm
from services.models import MonthlyReport
from services.rows import desk_row, month_name


@require_safe
@right_required(Right.REVIEW_REPORTS)
def review_desk(request: HttpRequest) -> HttpResponse:
    """Show a township's month; for the city level without a township, how far each township has come."""
    form = DeskForm(request.GET, user=request.user)
    problems = [] if form.is_valid() else [error for errors in form.errors.values() for error in errors]
    last = previous_month(timezone.localdate())
    month = form.cleaned_data.get("month") or last
    township = form.cleaned_data.get("township") or request.user.township
    context = {
        "month": month_name(month),
        "month_value": f"{month:%Y-%m}",
        "problems": problems,
        "earlier_url": _address(previous_month(month), township),
        "later_url": _address(next_month(month), township) if month < timezone.localdate().replace(day=1) else "",
    }
    if township is None:
        lines = progress_of(month, by=request.user)
        rows = [{"line": line, "url": _address(month, line.township)} for line in lines]
        sums = {name: sum(getattr(line, name) for line in lines) for name in ("due", "submitted", "read", "missing")}
        return render(request, "services/report/progress.html", {**context, "rows": rows, "sums": sums})
    desk = desk_of(township, month, by=request.user)
    parts = {part: [desk_row(line) for line in getattr(desk, part)] for part in ("look", "plain", "waiting", "read")}
    city_url = _address(month, None) if request.user.is_city_wide else ""
    context |= {**parts, "township": township, "city_url": city_url}
    return render(request, "services/report/desk.html", context)


@require_POST
@right_required(Right.REVIEW_REPORTS)
def report_read_plain(request: HttpRequest) -> HttpResponse:
    """Mark the township's plain months as read; the rest stays on the desk with its reasons."""
    form = DeskForm(request.POST, user=request.user)
    if not form.is_valid() or not form.cleaned_data["month"]:
        messages.error(request, _("Choose the month that is to be read."))
        return redirect("services:review_desk")
    month, township = form.cleaned_data["month"], form.cleaned_data["township"] or request.user.township
    if township is None:
        messages.error(request, _("Choose the township whose months are to be read."))
        return redirect(_address(month, None))
    reports = MonthlyReport.objects.visible_to(request.user).filter(township=township, month=month)
    try:
        result = read_plain_months(reports, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _said(result.read, len(result.left)))
    return redirect(_address(month, township))


def _said(read: int, left: int) -> str:
    text = ngettext("%(read)d month was marked as read.", "%(read)d months were marked as read.", read)
    if left:
        text += " " + ngettext("%(left)d is left to be looked at.", "%(left)d are left to be looked at.", left)
    return text % {"read": read, "left": left}


def _address(month: date, township: Township | None) -> str:
    query: dict[str, Any] = {"month": f"{month:%Y-%m}"}
    if township is not None:
        query["township"] = township.pk
    return f"{reverse('services:review_desk')}?{urlencode(query)}"
