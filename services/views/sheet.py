"""What a team's month shows, on its own page and opened on the desk: one context for both."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.rights import Right
from common.forms import YiwangForm
from common.hours import hours
from services.correction_rows import corrections_in
from services.domain.confirmation import confirmation_counts
from services.domain.flag import ANSWERED_IN
from services.domain.month import has_ended
from services.domain.reasons import conflicts, other_reviewers, reasons_to_look
from services.domain.recognition import is_scored
from services.domain.rounds import rounds_of
from services.domain.sheet import logs_of, members_of, totals_of
from services.flag_rows import flag_kinds
from services.forms.report import (
    AnswerAllForm,
    AnswerForm,
    CommentForm,
    ReadForm,
    ReopenForm,
    ReturnForm,
    SubmitForm,
)
from services.models import MonthlyReport, SampledReport, ServiceLog, Thanks
from services.models.report import MonthlyReportQuerySet
from services.round_rows import round_row, steps_of
from services.rows import badge_of, log_line, month_name, reason_row

State = MonthlyReport.State


def shown_reports() -> MonthlyReportQuerySet:
    """Bring along what the sheet names."""
    return MonthlyReport.objects.select_related("team", "township", "submitted_by", "reviewed_by")


def desk_address(report: MonthlyReport) -> str:
    """Return the address of the desk on which the month lies."""
    return f"{reverse('services:review_desk')}?month={report.month:%Y-%m}&township={report.township_id}"


def form_id(name: str, pk: int) -> str:
    """Return the pattern of the ids of a form's fields: a page shows the same form for several records."""
    return f"id_{name}-{pk}_%s"


class Forms:
    """The forms of a sheet: fresh ones, or those that came back, each at its place."""

    def __init__(self, came_back: dict[str, YiwangForm]) -> None:
        """Take the forms that were refused, by name."""
        self.came_back = came_back
        self.placed: set[str] = set()

    def place(self, name: str, is_offered: bool, make: Callable[[], YiwangForm]) -> YiwangForm | None:
        """Return the form of this name where the sheet offers it, and none where it does not."""
        if not is_offered:
            return None
        self.placed.add(name)
        return self.came_back.get(name) or make()

    def homeless(self) -> list[str]:
        """Return why forms were refused that the sheet no longer shows, because the month has gone on."""
        gone = [form for name, form in self.came_back.items() if name not in self.placed]
        return [error for form in gone for errors in form.errors.values() for error in errors]


def sheet_context(
    request: HttpRequest, report: MonthlyReport, **came_back: YiwangForm
) -> tuple[dict[str, Any], list[str]]:
    """Return what the templates of a month print, and what was refused without a place on it.

    ``came_back`` are the forms that were refused: ``return_form``, or ``comment_7`` for the log with that key.
    """
    user = request.user
    forms = Forms(came_back)
    totals = totals_of([report])[report.pk]
    may_review = user.may(Right.REVIEW_REPORTS)
    conflict = conflicts([report.pk], user).get(report.pk) if may_review else None
    is_settled = is_scored(report.month.year)
    can_review = may_review and conflict is None and not is_settled
    can_comment = can_review and report.state == State.SUBMITTED
    can_answer = may_review and conflict is None and report.state in ANSWERED_IN
    reasons = reasons_to_look([report])[report.pk]
    logs = list(logs_of(report))
    can = {step: can_review and report.allows(step) for step in ("read", "return", "reopen")}
    can["submit"] = user.may(Right.SUBMIT_REPORTS) and report.allows("submit") and not is_settled
    seen = {"version": report.version}
    step_forms = {"submit": SubmitForm, "read": ReadForm, "return": ReturnForm, "reopen": ReopenForm}
    steps = steps_of(report)
    context = {
        "report": report,
        "month": month_name(report.month),
        "state": badge_of(report),
        "totals": totals,
        "confirmed": confirmation_counts([report])[report.pk],
        "confirmed_url": f"{reverse('services:log_list')}?team={report.team_id}&month={report.month:%Y-%m}"
        "&confirmation=yes",
        "hours": hours(totals.minutes),
        "members": [{"line": line, "hours": hours(line.minutes)} for line in members_of(report)],
        "logs": _logs(logs, reasons, forms, user=user, can_comment=can_comment, can_answer=can_answer),
        "reasons": [reason_row(reason, report) for reason in reasons],
        "flag_kinds": _kinds(report, logs, forms) if can_answer else [],
        "corrections": corrections_in(report),
        "rounds": [round_row(each) for each in rounds_of(report)],
        "thanks": list(Thanks.objects.filter(report=report).select_related("by")[:1]),
        "findings": _findings(report, user) if may_review else [],
        "steps": steps,
        "state_word": steps[-1][1] if steps else "",
        "desk_url": desk_address(report) if may_review else "",
        "conflict": conflict,
        "others": other_reviewers(report)[:5] if conflict else [],
        "has_ended": has_ended(report.month),
        "is_settled": is_settled,
        "can_log": user.may(Right.LOG_SERVICES) and report.takes_logs and not is_settled,
        **{f"can_{step}": allowed for step, allowed in can.items()},
        **{
            f"{step}_form": forms.place(
                f"{step}_form",
                can[step],
                lambda step=step, form=form: form(initial=seen, auto_id=form_id(step, report.pk)),
            )
            for step, form in step_forms.items()
        },
    }
    return context, forms.homeless()


def _logs(
    logs: list[ServiceLog], reasons: list[Any], forms: Forms, *, user: User, can_comment: bool, can_answer: bool
) -> list[dict[str, Any]]:
    """Prepare the logs, each with the forms for its comments and flags."""
    odd: dict[int, list[str]] = {}
    for reason in reasons:
        for log_pk in reason.log_pks:
            odd.setdefault(log_pk, []).append(reason.text)
    others = {flag.other_id for log in logs for flag in log.flags.all()} - {None}
    seen = set(ServiceLog.objects.visible_to(user).filter(pk__in=others).values_list("pk", flat=True)) if others else ()
    lines = []
    for log in logs:
        line = log_line(log, [] if log.flags.all() else odd.get(log.pk, []), seen)
        line["can_settle"] = can_comment
        line["comment_form"] = forms.place(
            f"comment_{log.pk}", can_comment, lambda pk=log.pk: CommentForm(auto_id=form_id("comment", pk))
        )
        for flag in line["flags"]:
            flag["form"] = forms.place(
                f"flag_{flag['pk']}",
                can_answer and not flag["answer"] and not log.is_withdrawn,
                lambda pk=flag["pk"]: AnswerForm(auto_id=form_id("flag", pk)),
            )
        lines.append(line)
    return lines


def _kinds(report: MonthlyReport, logs: list[ServiceLog], forms: Forms) -> list[dict[str, Any]]:
    """Prepare the kinds of flags of which the month has several: one answer for all."""
    kinds = [kind for kind in flag_kinds(logs) if kind["count"] > 1]
    for kind in kinds:
        rule = kind["rule"]
        kind["form"] = forms.place(
            f"flags_{rule}",
            True,
            lambda rule=rule: AnswerAllForm(initial={"rule": rule}, auto_id=form_id(f"flags-{rule}", report.pk)),
        )
    return kinds


def _findings(report: MonthlyReport, user: User) -> list[SampledReport]:
    """Return what the city's samples found in the month."""
    found = SampledReport.objects.visible_to(user).filter(report=report).exclude(finding="")
    return list(found.select_related("checked_by", "answered_by").order_by("pk"))
