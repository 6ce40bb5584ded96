"""Notices and objections prepared for the page."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.hours import hours
from common.templatetags.yiwang import badge
from services.domain.notice import TeamLine, lines_of, sum_of
from services.models import Notice, Objection
from services.rows import month_name


def notice_badge(notice: Notice) -> SafeString:
    """Say whether the notice runs, has ended or was withdrawn."""
    if notice.is_withdrawn:
        return badge("neutral", _("Withdrawn"), "ban")
    return badge("info", _("Running"), "megaphone") if notice.is_running else badge("ok", _("Ended"))


def notice_rows(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """Prepare the notices of one page; ``waiting`` and ``objections`` are counted with them."""
    return [
        {
            "url": notice.get_absolute_url(),
            "township": notice.township.name,
            "month": month_name(notice.month),
            "days": f"{_day(notice.opened_on)} – {_day(notice.closes_on)}",
            "objections": notice.objections_made,  # type: ignore[attr-defined]  # counted by the view
            "state": notice_badge(notice),
        }
        for notice in notices
    ]


def shown(notice: Notice) -> dict[str, Any]:
    """Return what everybody sees of a notice: names while it runs only, and nothing once it is withdrawn."""
    lines = lines_of(notice, with_names=notice.is_running) if not notice.is_withdrawn else []
    total = sum_of(lines)
    answered = notice.objections.filter(is_public=True).order_by("made_at", "id")
    return {
        "notice": notice,
        "month": month_name(notice.month),
        "state": notice_badge(notice),
        "lines": [_line(line) for line in lines],
        "total": total,
        "total_hours": hours(total.minutes),
        "as_of": timezone.localtime(),
        "answered": list(answered) if not notice.is_withdrawn else [],
    }


def _line(line: TeamLine) -> dict[str, Any]:
    return {
        "team": line.name,
        "logs": line.totals.logs,
        "people": line.totals.people,
        "people_served": line.totals.people_served,
        "hours": hours(line.totals.minutes),
        "named": "、".join(line.named),
        "unnamed": line.unnamed,
    }


def objection_rows(objections: Sequence[Objection]) -> list[dict[str, Any]]:
    """Prepare the objections of one page."""
    return [
        {
            "url": f"{one.notice.get_absolute_url()}#objection-{one.pk}",
            "notice": f"{one.notice.township.name} · {month_name(one.notice.month)}",
            "text": one.text,
            "made": _day(timezone.localtime(one.made_at)),
            "answered": f"{_day(timezone.localtime(one.answered_at))} · {one.answered_by.name}"
            if one.answered_at and one.answered_by
            else "",
            "state": objection_badge(one),
        }
        for one in objections
    ]


def objection_badge(objection: Objection) -> SafeString:
    """Say whether the objection was answered."""
    return badge("ok", _("Answered")) if objection.answered_at else badge("warn", _("Waits for an answer"), "hourglass")


def _day(day: Any) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
