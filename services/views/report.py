"""A team's month: the list of months, the month's sheet, and the buttons on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.forms import YiwangForm
from common.lists import list_page
from common.rules import RuleBroken, SavedMeanwhile
from common.wording import sentences
from services.domain.comment import settle_comment
from services.domain.flag import answer_flag, answer_flags
from services.domain.month import previous_month
from services.domain.report import (
    comment_on_log,
    last_step,
    read_month,
    reopen_month,
    return_month,
    submit_month,
    submit_months,
)
from services.domain.sheet import to_hand_in, totals_of
from services.exports import REPORTS
from services.filters import ReportFilter
from services.forms.report import (
    AnswerAllForm,
    AnswerForm,
    CommentForm,
    DeskForm,
    ReadForm,
    ReopenForm,
    ReturnForm,
    SettleForm,
    SubmitForm,
)
from services.models import LogComment, LogFlag, MonthlyReport, ServiceLog
from services.rows import month_name, report_row
from services.views.desk import desk_answer
from services.views.sheet import desk_address, form_id, sheet_context, shown_reports


@require_http_methods(["GET", "HEAD", "POST"])
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
        export=REPORTS,
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
    form = ReadForm(request.POST, auto_id=form_id("read", report.pk))
    refusal = ""
    if form.is_valid():
        try:
            read_month(report, **form.cleaned_data, by=request.user)
        except SavedMeanwhile:
            pass  # the page has no entries to compare
        except RuleBroken as broken:
            refusal = broken.message
        else:
            told = {"team": report.team.name, "month": month_name(report.month)}
            done = _("%(month)s of %(team)s was marked as read.") % told
            if request.htmx:
                return desk_answer(request, report, said=done)
            messages.success(request, done)
            return redirect(desk_address(report))
    elif "thanks" in form.errors:
        return _sheet(request, report, status=422, read_form=form)
    report.refresh_from_db(from_queryset=shown_reports())
    refusal = refusal or sentences(
        [
            last_step(report),
            _("This month changed after you opened its page. Look at it as it is now, then mark it as read."),
        ]
    )
    if request.htmx:
        return desk_answer(request, report, said=refusal, status=422, is_open=True)
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
        ReturnForm(request.POST, auto_id=form_id("return", pk)),
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
    return _act(
        request,
        _report(request, log.report_id),
        f"comment_{log.pk}",
        CommentForm(request.POST, auto_id=form_id("comment", log.pk)),
        _("The comment was saved."),
        lambda words: comment_on_log(log, **words, by=request.user),
        anchor=f"log-{log.pk}",
    )


@require_POST
@right_required(Right.REVIEW_REPORTS)
def comment_settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a comment as settled, or take the tick back."""
    comments = LogComment.objects.visible_to(request.user).select_related("log")
    comment = get_object_or_404(comments, pk=pk)
    form = SettleForm(request.POST)
    is_settled = form.is_valid() and form.cleaned_data["is_settled"]
    return _act(
        request,
        _report(request, comment.log.report_id),
        "settle_form",
        form,
        _("The comment is settled.") if is_settled else _("The comment waits again."),
        lambda words: settle_comment(comment, **words, by=request.user),
        anchor=f"log-{comment.log_id}",
    )


@require_POST
@right_required(Right.REVIEW_REPORTS)
def flag_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a flag, once and for all."""
    flag = get_object_or_404(LogFlag.objects.visible_to(request.user).select_related("log"), pk=pk)
    return _act(
        request,
        _report(request, flag.log.report_id),
        f"flag_{flag.pk}",
        AnswerForm(request.POST, auto_id=form_id("flag", flag.pk)),
        _("The flag was answered."),
        lambda words: answer_flag(flag, **words, by=request.user),
        anchor=f"log-{flag.log_id}",
    )


@require_POST
@right_required(Right.REVIEW_REPORTS)
def report_answer_flags(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one answer to all flags of a rule in the month."""
    report = _report(request, pk)
    rule = request.POST.get("rule", "")
    rule = rule if rule in LogFlag.Rule.values else ""
    return _act(
        request,
        report,
        f"flags_{rule}",
        AnswerAllForm(request.POST, auto_id=form_id(f"flags-{rule}", report.pk)),
        _("The flags were answered."),
        lambda words: answer_flags(report, **words, by=request.user),
        anchor="flags",
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
) -> HttpResponse:
    """Clean the form, run the event, and go back to the sheet; what was refused comes back filled, with 422.

    Where the desk asked, its answer is the team's row as it is now.
    """
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except RuleBroken as broken:
            report.refresh_from_db(from_queryset=shown_reports())
            form.add_rule(broken, current_version=report.version)
        else:
            if request.htmx:
                return desk_answer(request, report, said=done, is_open=True)
            messages.success(request, done)
            return redirect(f"{report.get_absolute_url()}{'#' if anchor else ''}{anchor}")
    return _sheet(request, report, status=422, **{name: form})


def _report(request: HttpRequest, pk: int) -> MonthlyReport:
    return get_object_or_404(shown_reports().visible_to(request.user), pk=pk)


def _sheet(request: HttpRequest, report: MonthlyReport, *, status: int = 200, **forms: YiwangForm) -> HttpResponse:
    """Render the sheet, or the desk's row where the desk asked; ``forms`` are those that came back with an error."""
    if request.htmx:
        return desk_answer(request, report, status=status, is_open=True, **forms)
    context, homeless = sheet_context(request, report, **forms)
    for error in homeless:
        messages.error(request, error)
    return render(request, "services/report/detail.html", context, status=status)
