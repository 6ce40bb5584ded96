"""Months and their logs prepared for the page: words, dates and addresses, so that templates only print."""

from collections.abc import Container, Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.hours import hours
from common.templatetags.yiwang import badge
from services.domain.sheet import Totals
from services.flag_rows import flag_rows
from services.models import MonthlyReport, ServiceLog

State = MonthlyReport.State

# A state is a word, an icon and a tone: the same everywhere.
STATES = {
    State.OPEN: ("neutral", "pencil-line"),
    State.SUBMITTED: ("info", "send"),
    State.READ: ("ok", "circle-check"),
    State.RETURNED: ("bad", "undo-2"),
}


def month_name(month: date) -> str:
    """Return the month in words: 2026年7月."""
    return date_format(month, "YEAR_MONTH_FORMAT")


def clock_range(starts: datetime, ends: datetime) -> str:
    """Return from when to when, in Shanghai: 08:30–09:30."""
    return f"{timezone.localtime(starts):%H:%M}–{timezone.localtime(ends):%H:%M}"


def state_badge(state: str) -> SafeString:
    """Return a report's state as a badge."""
    tone, icon_name = STATES[State(state)]
    return badge(tone, str(State(state).label), icon_name)


def badge_of(report: MonthlyReport) -> SafeString:
    """Return how a report stands as a badge; nobody waits for one that its township's logs were turned off before."""
    if not report.is_expected:
        return badge("neutral", _("Not expected"), "circle-off")
    return state_badge(report.state)


def report_row(report: MonthlyReport, totals: Totals | None = None) -> dict[str, Any]:
    """Prepare one month of the list, with its figures where they are shown."""
    row: dict[str, Any] = {
        "url": report.get_absolute_url(),
        "team": report.team.name,
        "month": month_name(report.month),
        "state": badge_of(report),
        "remark": report.remark if report.state == State.RETURNED else "",
    }
    if totals is not None:
        row |= {
            "township": report.township.name,
            "totals": totals,
            "hours": hours(totals.minutes),
            "reviewed": report.reviewed_by.name if report.reviewed_by else "",
        }
    return row


def reason_row(reason: Any, report: MonthlyReport | None) -> dict[str, Any]:
    """Prepare a reason to look, with the way to each log that it names."""
    url = report.get_absolute_url() if report else ""
    links = [{"number": place, "url": f"{url}#log-{pk}"} for place, pk in enumerate(reason.log_pks, start=1)]
    return {"text": reason.text, "logs": links[:5], "more": max(0, len(links) - 5), "code": reason.code}


def log_line(log: ServiceLog, marks: Sequence[Any], seen: Container[int] = ()) -> dict[str, Any]:
    """Prepare one log of a team's month; ``marks`` say what stands out, ``seen`` are other logs that flags lead to."""
    starts, ends = timezone.localtime(log.starts_at), timezone.localtime(log.ends_at)
    return {
        "log": log,
        "url": log.get_absolute_url(),
        "day": date_format(log.date, "MONTH_DAY_FORMAT"),
        "time": f"{starts:%H:%M}–{ends:%H:%M}",
        "minutes": log.minutes,
        "people": [
            {"name": part.volunteer.name, "minutes": part.minutes, "is_helper": part.is_helper}
            for part in log.participations.all()
        ],
        "photos": log.photos.all(),
        "confirmation": getattr(log, "confirmation", None),
        "recorded": log.recorded_by.name,
        "recorded_on": _day(log.recorded_at),
        "marks": marks,
        "flags": flag_rows(log, seen),
        "comments": [
            {
                "pk": comment.pk,
                "text": comment.text,
                "by": comment.by.name,
                "at": _day(comment.at),
                "settled": comment.settled_by.name if comment.settled_by else "",
            }
            for comment in log.comments.all()
        ],
    }


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATE_FORMAT")
