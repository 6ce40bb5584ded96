"""A team's month prepared for the page: squares, bars and sentences, so that the template only prints."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.hours import hours
from common.templatetags.yiwang import badge
from grids.models import Team
from services.domain.month import due_on
from services.domain.sheet import MemberLine
from services.domain.team_month import Day
from services.domain.visit_plan import Round
from services.models import HelpRequest, MonthlyReport, ServiceLog
from services.rows import month_name, state_badge

LOGS_SHOWN = 3


def day_in_words(day: date) -> str:
    """Return a day of this or the last months: 12月5日."""
    return date_format(day, "MONTH_DAY_FORMAT")


def day_squares(weeks: Sequence[Sequence[Day]], team: Team, *, can_log: bool) -> list[list[dict[str, Any]]]:
    """Prepare the calendar; each day leads to its services, and to the form for one of that day."""
    log_url, list_url = reverse("services:log_create"), reverse("services:log_list")

    def square(day: Day) -> dict[str, Any]:
        name = day_in_words(day.day)
        iso = day.day.isoformat()
        count = len(day.logs)
        return {
            "day": day,
            "name": name,
            "anchor": f"day-{iso}",
            "logs": [_log(log) for log in day.logs],
            "shown": [_log(log) for log in day.logs[:LOGS_SHOWN]],
            "more": max(0, count - LOGS_SHOWN),
            "said": ngettext("%(day)s: %(count)d service", "%(day)s: %(count)d services", count)
            % {"day": name, "count": count},
            "list_url": f"{list_url}?team={team.pk}&since={iso}&until={iso}&state=standing",
            "log_url": f"{log_url}?team={team.pk}&date={iso}" if can_log and day.has_come and day.is_of_month else "",
        }

    return [[square(day) for day in week] for week in weeks]


def _log(log: ServiceLog) -> dict[str, Any]:
    starts, ends = timezone.localtime(log.starts_at), timezone.localtime(log.ends_at)
    return {
        "url": log.get_absolute_url(),
        "start": f"{starts:%H:%M}",
        "time": f"{starts:%H:%M}–{ends:%H:%M}",
        "minutes": log.minutes,
        "recipient": log.recipient,
        "category": str(log.category),
        "content": log.content,
    }


def member_rows(lines: Sequence[MemberLine]) -> list[dict[str, Any]]:
    """Prepare everybody's month with a bar; who did nothing has an empty one."""
    most = max((line.minutes for line in lines), default=0) or 1
    return [
        {"line": line, "hours": hours(line.minutes), "width": round(100 * line.minutes / most, 1)} for line in lines
    ]


def round_rows(rounds: Iterable[Round]) -> list[dict[str, Any]]:
    """Prepare the visit plans: when each is due, how late it is, and the way to log the visit."""
    log_url = reverse("services:log_create")
    return [
        {
            "plan": each.plan,
            "rhythm": each.plan.get_every_days_display(),
            "due": day_in_words(each.due_on),
            "state": _due_badge(each),
            "last": day_in_words(each.last_visit) if each.last_visit else "",
            "last_url": reverse("services:log_detail", args=[each.last_log]) if each.last_log else "",
            "log_url": f"{log_url}?visit={each.plan.pk}",
            "edit_url": reverse("services:visit_plan_edit", args=[each.plan.pk]),
        }
        for each in rounds
    ]


def _due_badge(each: Round) -> SafeString:
    if each.days_overdue:
        late = ngettext("%(count)d day overdue", "%(count)d days overdue", each.days_overdue)
        return badge("warn", late % {"count": each.days_overdue}, "clock-alert")
    if each.due_on == timezone.localdate():
        return badge("info", _("Due today"), "calendar-check")
    return badge("neutral", _("Due on %(day)s") % {"day": day_in_words(each.due_on)}, "calendar")


def request_rows(requests: Iterable[HelpRequest], today: date) -> list[dict[str, Any]]:
    """Prepare the requests that wait for a service, with the form for it."""
    log_url = reverse("services:log_create")
    return [
        {
            "request": each,
            "asked": _days_ago((today - timezone.localtime(each.asked_at).date()).days),
            "url": reverse("services:request_detail", args=[each.pk]),
            "log_url": f"{log_url}?request={each.pk}",
        }
        for each in requests
    ]


def _days_ago(days: int) -> str:
    if days <= 0:
        return _("today")
    return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}


def finish_rows(reports: Iterable[MonthlyReport], today: date, address: Callable[[date], str]) -> list[dict[str, Any]]:
    """Prepare the other months that still have to be submitted."""
    return [
        {
            "month": month_name(report.month),
            "state": state_badge(report.state),
            "due": due_text(due_on(report.month), today),
            "url": address(report.month),
        }
        for report in reports
    ]


def due_text(due: date, today: date) -> str:
    """Say by when a month is to be submitted, or since when it is late."""
    words = {"day": day_in_words(due)}
    if due < today:
        days = (today - due).days
        late = ngettext(
            "It was to be submitted by %(day)s, %(count)d day ago.",
            "It was to be submitted by %(day)s, %(count)d days ago.",
            days,
        )
        return late % (words | {"count": days})
    if due == today:
        return _("It is to be submitted today, %(day)s.") % words
    return _("To be submitted by %(day)s.") % words
