"""The reviewer's desk: a township's month on one screen, what needs eyes first; the city's progress before it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.rights import Right, right_required
from areas.models import Township
from common.forms import YiwangForm
from common.rules import RuleBroken
from common.wording import sentences
from services.desk_rows import desk_parts, find_row, late_signs
from services.domain.desk import Desk, desk_of, progress_of
from services.domain.month import days_after, due_on, next_month, previous_month, review_by
from services.domain.report import read_plain_months
from services.forms.report import DeskForm, PlainForm
from services.models import MonthlyReport
from services.rows import month_name
from services.views.sheet import sheet_context, shown_reports


@require_safe
@right_required(Right.REVIEW_REPORTS)
def review_desk(request: HttpRequest) -> HttpResponse:
    """Show a township's month; for the city level without a township, how far each township has come."""
    form = DeskForm(request.GET, user=request.user)
    problems = [] if form.is_valid() else [error for errors in form.errors.values() for error in errors]
    month = form.cleaned_data.get("month") or previous_month(timezone.localdate())
    township = form.cleaned_data.get("township") or request.user.township
    context = {
        "month": month_name(month),
        "problems": problems,
        "earlier_url": _address(previous_month(month), township),
        "later_url": _address(next_month(month), township) if month < timezone.localdate().replace(day=1) else "",
        "due_on": date_format(due_on(month), "MONTH_DAY_FORMAT"),
        "review_by": date_format(review_by(month), "MONTH_DAY_FORMAT"),
        "days_to_submit": days_after(due_on(month)),
        "days_to_review": days_after(review_by(month)),
    }
    if township is None or (not form.cleaned_data.get("township") and _has_former(request.user, month)):
        return _progress(request, month, context)
    desk = desk_of(township, month, by=request.user)
    city_url = _address(month, None) if request.user.is_city_wide or _has_former(request.user, month) else ""
    context |= {**_head(desk, township, month, user=request.user), **desk_parts(desk, month), "city_url": city_url}
    return render(request, "services/report/desk.html", context)


def _has_former(user: User, month: date) -> bool:
    """Whether the reviewer of one township has months of another that was merged into it: then they choose."""
    if user.is_city_wide or not user.chooses_township:
        return False
    return MonthlyReport.objects.visible_to(user).filter(month=month).exclude(township=user.township_id).exists()


def _progress(request: HttpRequest, month: date, context: dict[str, Any]) -> HttpResponse:
    """Show how far each township has come, and who is late."""
    lines = progress_of(month, by=request.user)
    rows = [
        {
            "line": line,
            "url": _address(month, line.township),
            "late": late_signs(line),
            "handed_in": line.read + line.submitted,
        }
        for line in lines
    ]
    names = ("due", "submitted", "read", "returned", "missing")
    sums = {name: sum(getattr(line, name) for line in lines) for name in names}
    late = {
        "submit": sum(line.missing + line.returned for line in lines if line.days_to_submit),
        "review": sum(line.submitted for line in lines if line.days_to_review),
    }
    return render(request, "services/report/progress.html", {**context, "rows": rows, "sums": sums, "late": late})


def _head(desk: Desk, township: Township, month: date, *, user: Any) -> dict[str, Any]:
    """Return what stands above the teams: how many there are of each kind, and the button for the plain ones."""
    return {
        "township": township,
        "counts": {name: len(lines) for name, lines in desk.parts().items()},
        "month_value": f"{month:%Y-%m}",
        "plain_form": PlainForm(user=user, auto_id="id_plain_%s"),
    }


@require_safe
@right_required(Right.REVIEW_REPORTS)
def desk_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one team's month as it opens on the desk: logs with flags, comments and what can be done."""
    report = get_object_or_404(shown_reports().visible_to(request.user), pk=pk)
    context, _homeless = sheet_context(request, report)
    return render(request, "services/desk/_team.html", context | {"logs": _odd_first(context["logs"])})


def _odd_first(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the logs with something to look at before the others, each in the order of their days."""
    return sorted(lines, key=lambda line: not (line["marks"] or any(not flag["answer"] for flag in line["flags"])))


def desk_answer(
    request: HttpRequest,
    report: MonthlyReport,
    *,
    said: str = "",
    status: int = 200,
    is_open: bool = False,
    **forms: YiwangForm,
) -> HttpResponse:
    """Answer the desk: the team's row as it is now (open, with the ``forms`` that were refused) and the figures."""
    report = shown_reports().get(pk=report.pk)
    body = ""
    if is_open:
        context, homeless = sheet_context(request, report, **forms)
        context["logs"] = _odd_first(context["logs"])
        body = render_to_string("services/desk/_team.html", context, request)
        said = said or sentences(homeless) or _("It was not saved. Please put this right:")
    desk = desk_of(report.township, report.month, by=request.user)
    context = {
        **_head(desk, report.township, report.month, user=request.user),
        "said": said,
        "is_refused": status != 200,
        "rows": find_row(desk, report.team_id, report.month, body),
    }
    return render(request, "services/desk/_answer.html", context, status=status)


@require_POST
@right_required(Right.REVIEW_REPORTS)
def report_read_plain(request: HttpRequest) -> HttpResponse:
    """Mark the township's plain months as read; the rest stays on the desk with its reasons."""
    form = PlainForm(request.POST, user=request.user)
    if "thanks" in form.errors:
        messages.error(request, sentences(form.errors["thanks"]))
        month, township = (form.cleaned_data.get(name) for name in ("month", "township"))
        return redirect(_address(month or previous_month(timezone.localdate()), township))
    if not form.is_valid() or not form.cleaned_data["month"]:
        messages.error(request, _("Choose the month that is to be read."))
        return redirect("services:review_desk")
    month, township = form.cleaned_data["month"], form.cleaned_data["township"] or request.user.township
    if township is None:
        messages.error(request, _("Choose the township whose months are to be read."))
        return redirect(_address(month, None))
    reports = MonthlyReport.objects.visible_to(request.user).filter(township=township, month=month)
    try:
        result = read_plain_months(reports, thanks=form.cleaned_data["thanks"], by=request.user)
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
