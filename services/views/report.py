"""A team's month: the list of months, the month's sheet, and the buttons on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.history import entries_of
from accounts.models import AuditEntry
from accounts.rights import Right, right_required
from common.forms import YiwangForm
from common.hours import hours
from common.lists import list_page
from common.rules import RuleBroken, SavedMeanwhile
from common.wording import sentences
from services.domain.month import has_ended, previous_month
from services.domain.reasons import conflicts, other_reviewers, reasons_to_look
from services.domain.recognition import is_scored
from services.domain.report import comment_on_log, read_month, reopen_month, return_month, submit_month, submit_months
from services.domain.sheet import logs_of, members_of, to_hand_in, totals_of
from services.filters import ReportFilter
from services.forms.report import CommentForm, DeskForm, ReopenForm, ReturnForm, StepForm, SubmitForm
from services.models import MonthlyReport, ServiceLog
from services.models.report import MonthlyReportQuerySet
from services.rows import log_line, month_name, reason_row, report_row, state_badge

# What the timeline shows of a month, by the event that the audit trail names.
STEPS = {
    "submit_month": ("info", gettext_lazy("Submitted")),
    "submit_months": ("info", gettext_lazy("Submitted")),
    "read_month": ("ok", gettext_lazy("Read")),
    "read_plain_months": ("ok", gettext_lazy("Read")),
    "return_month": ("warn", gettext_lazy("Returned")),
    "reopen_month": ("warn", gettext_lazy("Reopened")),
}


@require_safe
@right_required(Right.VIEW_REPORTS)
def report_list(request: HttpRequest) -> HttpResponse:
    """List the months of the teams that the person sees, the latest first; returned ones are named above."""
    reports = MonthlyReport.objects.visible_to(request.user)
    context: dict[str, Any] = {}
    if request.user.may(Right.SUBMIT_REPORTS):
        month = previous_month(timezone.localdate())
        context["hand_in"] = to_hand_in(month, by=request.user)
        context["hand_in_month"] = month_name(month)
        context["hand_in_value"] = f"{month:%Y-%m}"
        returned = reports.filter(state=MonthlyReport.State.RETURNED).select_related("team").order_by("-month", "team")
        context["returned"] = [report_row(report) for report in returned[:10]]
    return list_page(
        request,
        queryset=reports.select_related("team", "township", "reviewed_by"),
        filterset_class=ReportFilter,
        ordering=("-month", "-id"),
        rows=report_rows,
        template="services/report/list.html",
        context=context,
    )


def report_rows(reports: list[MonthlyReport]) -> list[dict[str, Any]]:
    """Prepare the months of one page, with their figures."""
    totals = totals_of(reports)
    return [report_row(report, totals[report.pk]) for report in reports]


@require_safe
@right_required(Right.VIEW_REPORTS)
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team's month: figures, everybody's minutes, the logs with their comments, and what can be done."""
    return _sheet(request, _report(request, pk))


@require_POST
@right_required(Right.SUBMIT_REPORTS)
def report_submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the month in."""
    report = _report(request, pk)
    return _act(
        request,
        report,
        "submit_form",
        SubmitForm(request.POST),
        _("The month was submitted."),
        lambda words: submit_month(report, **words, by=request.user),
    )


@require_POST
@right_required(Right.SUBMIT_REPORTS)
def report_submit_all(request: HttpRequest) -> HttpResponse:
    """Hand in the open months of the person's township that have services."""
    form = DeskForm(request.POST, user=request.user)
    if not form.is_valid() or not form.cleaned_data["month"]:
        messages.error(request, _("Choose the month that is to be submitted."))
        return redirect("services:report_list")
    try:
        result = submit_months(request.user.township, form.cleaned_data["month"], by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        said = [_("Monthly reports submitted: %(submitted)d.") % {"submitted": result.submitted}]
        if result.nil:
            said.append(
                _("Left for you to confirm one by one, because they have no services: %(nil)d.") % {"nil": result.nil}
            )
        messages.success(request, sentences(said))
    return redirect("services:report_list")


@require_POST
@right_required(Right.REVIEW_REPORTS)
def report_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the month as read; then on to the desk, where the next one waits."""
    report = _report(request, pk)
    refusal = _("This month changed after you opened its page. Look at it as it is now, then mark it as read.")
    form = StepForm(request.POST)
    if form.is_valid():
        try:
            read_month(report, **form.cleaned_data, by=request.user)
        except SavedMeanwhile:
            pass  # the page has no entries to compare
        except RuleBroken as broken:
            refusal = broken.message
        else:
            told = {"team": report.team.name, "month": month_name(report.month)}
            messages.success(request, _("%(month)s of %(team)s was marked as read.") % told)
            return redirect(_desk_address(report))
    messages.error(request, refusal)
    return redirect(report)


@require_POST
@right_required(Right.REVIEW_REPORTS)
def report_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the month back with a remark."""
    report = _report(request, pk)
    return _act(
        request,
        report,
        "return_form",
        ReturnForm(request.POST),
        _("The month was returned."),
        lambda words: return_month(report, **words, by=request.user),
    )


@require_POST
@right_required(Right.REVIEW_REPORTS)
def report_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Reopen a read month with a reason."""
    report = _report(request, pk)
    return _act(
        request,
        report,
        "reopen_form",
        ReopenForm(request.POST),
        _("The month was reopened."),
        lambda words: reopen_month(report, **words, by=request.user),
    )


@require_POST
@right_required(Right.REVIEW_REPORTS)
def log_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Comment on a log of a month under review."""
    log = get_object_or_404(ServiceLog.objects.visible_to(request.user).select_related("report"), pk=pk)
    report = _report(request, log.report_id)
    return _act(
        request,
        report,
        "comment_form",
        CommentForm(request.POST, auto_id=f"id_{log.pk}_%s"),
        _("The comment was saved."),
        lambda words: comment_on_log(log, **words, by=request.user),
        anchor=f"log-{log.pk}",
        commented=log.pk,
    )


def _act(
    request: HttpRequest,
    report: MonthlyReport,
    name: str,
    form: YiwangForm,
    done: str,
    act: Callable[[dict[str, Any]], object],
    *,
    anchor: str = "",
    commented: int | None = None,
) -> HttpResponse:
    """Clean the form, run the event, and go back to the sheet; what was refused comes back filled, with 422."""
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except RuleBroken as broken:
            report.refresh_from_db(from_queryset=_shown())
            form.add_rule(broken, current_version=report.version)
        else:
            messages.success(request, done)
            return redirect(f"{report.get_absolute_url()}{'#' if anchor else ''}{anchor}")
    return _sheet(request, report, status=422, commented=commented, **{name: form})


def _report(request: HttpRequest, pk: int) -> MonthlyReport:
    return get_object_or_404(_shown().visible_to(request.user), pk=pk)


def _shown() -> MonthlyReportQuerySet:
    """Bring along what the sheet names."""
    return MonthlyReport.objects.select_related("team", "township", "submitted_by", "reviewed_by")


def _desk_address(report: MonthlyReport) -> str:
    return f"{reverse('services:review_desk')}?month={report.month:%Y-%m}&township={report.township_id}"


def _sheet(
    request: HttpRequest,
    report: MonthlyReport,
    *,
    status: int = 200,
    commented: int | None = None,
    comment_form: CommentForm | None = None,
    **forms: YiwangForm,
) -> HttpResponse:
    """Render the sheet; ``forms`` are those that came back with an error."""
    user = request.user
    totals = totals_of([report])[report.pk]
    may_review = user.may(Right.REVIEW_REPORTS)
    conflict = conflicts([report.pk], user).get(report.pk) if may_review else None
    is_settled = is_scored(report.month.year)
    can_review = may_review and conflict is None and not is_settled
    reasons = reasons_to_look([report])[report.pk]
    can_comment = can_review and report.state == MonthlyReport.State.SUBMITTED
    odd: dict[int, list[str]] = {}
    for reason in reasons:
        for log_pk in reason.log_pks:
            odd.setdefault(log_pk, []).append(reason.text)
    seen = {"version": report.version}
    steps = _steps(report)
    context = {
        "report": report,
        "month": month_name(report.month),
        "state": state_badge(report.state),
        "totals": totals,
        "hours": hours(totals.minutes),
        "members": [{"line": line, "hours": hours(line.minutes)} for line in members_of(report)],
        "logs": [
            log_line(log, odd.get(log.pk, []))
            | {"comment_form": _comment_form(log.pk, commented, comment_form) if can_comment else None}
            for log in logs_of(report)
        ],
        "reasons": [reason_row(reason, report) for reason in reasons],
        "steps": steps,
        "state_word": steps[-1][1] if steps else "",
        "desk_url": _desk_address(report) if may_review else "",
        "conflict": conflict,
        "others": other_reviewers(report)[:5] if conflict else [],
        "has_ended": has_ended(report.month),
        "is_settled": is_settled,
        "can_log": user.may(Right.LOG_SERVICES) and report.takes_logs and not is_settled,
        "can_submit": user.may(Right.SUBMIT_REPORTS) and report.allows("submit") and not is_settled,
        "can_read": can_review and report.allows("read"),
        "can_return": can_review and report.allows("return"),
        "can_reopen": can_review and report.allows("reopen"),
        "submit_form": SubmitForm(initial=seen),
        "return_form": ReturnForm(initial=seen),
        "reopen_form": ReopenForm(initial=seen),
    }
    shown = {"submit_form": context["can_submit"], "return_form": context["can_return"]}
    shown |= {"reopen_form": context["can_reopen"], "comment_form": can_comment}
    for name, form in {**forms, "comment_form": comment_form}.items():
        if form is not None and not shown[name]:
            _say(request, form)
    return render(request, "services/report/detail.html", context | forms, status=status)


def _say(request: HttpRequest, form: YiwangForm) -> None:
    """Say why a form was refused that the page no longer shows, because the month has gone on."""
    for error in form.non_field_errors():
        messages.error(request, error)


def _comment_form(log_pk: int, commented: int | None, form: CommentForm | None) -> CommentForm:
    return form if form is not None and log_pk == commented else CommentForm(auto_id=f"id_{log_pk}_%s")


def _steps(report: MonthlyReport) -> list[tuple[str, str, str, str, str]]:
    """Return what happened to the month, for the timeline: tone, title, when, who, text."""
    happened = [
        (*STEPS[entry.event], entry.timestamp, entry.actor.name if entry.actor else "", _remark(entry))
        for entry in entries_of(report, STEPS)
    ]
    if not happened:  # a month that came with a demo has no trail: its own columns tell the last of it
        state = MonthlyReport.State
        if report.submitted_at:
            happened.append((*STEPS["submit_month"], report.submitted_at, report.submitted_by.name, ""))
        if report.reviewed_at:
            event = "read_month" if report.state == state.READ else "return_month"
            happened.append((*STEPS[event], report.reviewed_at, report.reviewed_by.name, report.remark))
        happened.sort(key=lambda step: step[2])
    return [
        (tone, str(title), date_format(timezone.localtime(when), "DATETIME_FORMAT"), who, text)
        for tone, title, when, who, text in happened
    ]


def _remark(entry: AuditEntry) -> str:
    return (entry.changes or {}).get("remark", ("", ""))[1]
