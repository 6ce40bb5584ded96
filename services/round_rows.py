"""The rounds of a month prepared for the page: what was asked, whether it was done, and what changed."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.history import entries_of
from accounts.models import AuditEntry
from services.domain.rounds import LogChange, ReviewRound
from services.models import LogComment, MonthlyReport, ServiceLog

CHANGES_SHOWN = 6
# What the timeline shows of a month, by the event that the audit trail names.
STEPS = {
    "submit_month": ("info", _("Submitted")),
    "submit_months": ("info", _("Submitted")),
    "read_month": ("ok", _("Read")),
    "read_plain_months": ("ok", _("Read")),
    "return_month": ("warn", _("Returned")),
    "reopen_month": ("warn", _("Reopened")),
}


def steps_of(report: MonthlyReport) -> list[tuple[str, str, str, str, str]]:
    """Return what happened to the month, for the timeline: tone, title, when, who, text."""
    happened = [
        (*STEPS[entry.event], entry.timestamp, entry.actor.name if entry.actor else "", _remark(entry))
        for entry in entries_of(report, STEPS)
    ]
    if not happened:  # a month that came with a demo has no trail: its own columns tell the last of it
        state = MonthlyReport.State
        if report.submitted_at and report.submitted_by:
            happened.append((*STEPS["submit_month"], report.submitted_at, report.submitted_by.name, ""))
        if report.reviewed_at and report.reviewed_by:
            event = "read_month" if report.state == state.READ else "return_month"
            happened.append((*STEPS[event], report.reviewed_at, report.reviewed_by.name, report.remark))
        happened.sort(key=lambda step: step[2])
    return [(tone, str(title), _moment(when), who, text) for tone, title, when, who, text in happened]


def _remark(entry: AuditEntry) -> str:
    return (entry.changes or {}).get("remark", ("", ""))[1]


def round_row(each: ReviewRound) -> dict[str, Any]:
    """Prepare one round."""
    return {
        "number": each.number,
        "submitted": _step(each.submitted),
        "given_back": _step(each.given_back),
        "is_reopened": each.given_back is not None and each.given_back.event == "reopen_month",
        "read": _step(each.read),
        "remark": each.remark,
        "comments": [_comment(comment) for comment in each.comments],
        "unsettled": sum(comment.settled_at is None for comment in each.comments),
        "changes": [_change(change) for change in each.changes],
    }


def _step(entry: AuditEntry | None) -> dict[str, str] | None:
    if entry is None:
        return None
    return {"who": entry.actor.name if entry.actor else "", "when": _moment(entry.timestamp)}


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")


def _comment(comment: LogComment) -> dict[str, Any]:
    return {
        "text": comment.text,
        "log": _log(comment.log),
        "by": comment.by.name,
        "settled": comment.settled_by.name if comment.settled_by else "",
    }


def _change(change: LogChange) -> dict[str, Any]:
    return {
        "log": _log(change.log),
        "what": change.what,
        "who": change.who,
        "fields": change.changes[:CHANGES_SHOWN],
    }


def _log(log: ServiceLog) -> dict[str, Any]:
    return {"pk": log.pk, "name": f"{date_format(log.date, 'MONTH_DAY_FORMAT')} {log.recipient}"}
