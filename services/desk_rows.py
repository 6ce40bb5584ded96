"""The desk's teams prepared for the page, so that a township of 84 teams costs the template a line each."""

from datetime import date
from functools import cache, lru_cache
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from common.hours import hours
from common.templatetags.yiwang import badge
from services.domain.desk import Desk, DeskLine, Progress
from services.domain.recognition import is_scored
from services.flag_rows import flag_chips
from services.models import LogFlag, MonthlyReport
from services.rows import state_badge

State = MonthlyReport.State
RULES = frozenset(LogFlag.Rule.values)
# How the reasons that are no flags look: tone and icon.
REASONS = {"conflict": ("neutral", "user-x"), "returned": ("info", "history"), "nil": ("neutral", "circle-slash")}


def desk_parts(desk: Desk, month: date) -> dict[str, list[dict[str, Any]]]:
    """Prepare the desk, part by part."""
    is_settled = is_scored(month.year)
    return {name: [desk_row(line, name, is_settled) for line in lines] for name, lines in desk.parts().items()}


def find_row(desk: Desk, team: int, month: date, body: SafeString | str = "") -> list[dict[str, Any]]:
    """Prepare the one team of the desk, opened when there is a ``body``; nothing for a team that is not on it."""
    is_settled = is_scored(month.year)
    return [
        desk_row(line, name, is_settled) | {"body": body, "hidden": "" if body else "hidden"}
        for name, lines in desk.parts().items()
        for line in lines
        if line.team == team
    ]


def desk_row(line: DeskLine, part: str, is_settled: bool) -> dict[str, Any]:
    """Prepare one team. ``can`` names what a key may do at once, ``look`` asks for the row to be opened before."""
    report = line.report
    can_read = report is not None and report.state == State.SUBMITTED and not line.has_conflict and not is_settled
    return {
        "pk": line.team,
        "team": line.name,
        "leader": line.leader,
        "url": f"{_base('services:report_list')}{report.pk}/" if report else f"{_base('grids:team_list')}{line.team}/",
        "report": report.pk if report else "",
        "version": report.version if report else "",
        "can": "read" if can_read else "",
        "look": "look" if part == "look" else "",
        "logs": line.totals.logs,
        "people": line.totals.people,
        "hours": hours(line.totals.minutes),
        "signs": _signs(line, part),
        "body": "",
        "hidden": "hidden",
    }


def _signs(line: DeskLine, part: str) -> SafeString:
    """Return flags, other reasons and the state, each as word and icon."""
    signs = [flag_chips(line.flags)] if line.flags else []
    shown = {flag.rule for flag in line.flags}
    for reason in line.reasons:
        if reason.code not in shown:
            tone, icon_name = REASONS.get(reason.code, ("warn", "eye"))
            signs.append(badge(tone, reason.text, icon_name))
    if line.asked:
        signs.append(_asked(line.asked, get_language() or ""))
    if part in ("waiting", "read"):
        state = line.report.state if line.report else ""
        signs.append(_standing(state, not line.totals.logs, get_language() or ""))
    return mark_safe("".join(signs))  # noqa: S308 (badges escape what they print)


@lru_cache(maxsize=64)
def _standing(state: str, is_silent: bool, language: str) -> SafeString:
    shown = state_badge(state) if state else badge("warn", _("No report"), "circle-off")
    return format_html("{}{}", shown, badge("warn", _("No service"), "bell-off") if is_silent else "")


@lru_cache(maxsize=64)
def _asked(count: int, language: str) -> SafeString:
    words = ngettext("%(count)d comment to settle", "%(count)d comments to settle", count) % {"count": count}
    return badge("info", words, "message-square")


def late_signs(line: Progress) -> SafeString:
    """Say who of a township is late, and by how many days: its teams, its reviewers, and who was."""
    signs = []
    if line.days_to_review:
        words = ngettext("Review: %(days)d day", "Review: %(days)d days", line.days_to_review)
        signs.append(badge("bad", words % {"days": line.days_to_review}, "clock-alert"))
    if line.days_to_submit:
        words = ngettext("Submission: %(days)d day", "Submission: %(days)d days", line.days_to_submit)
        signs.append(badge("warn", words % {"days": line.days_to_submit}, "clock-alert"))
    if line.submitted_late:
        words = ngettext("%(count)d submitted late", "%(count)d submitted late", line.submitted_late)
        signs.append(badge("neutral", words % {"count": line.submitted_late}, "clock"))
    return mark_safe("".join(signs))  # noqa: S308 (badges escape what they print)


@cache
def _base(name: str) -> str:
    """Return the address of a list, below which its records lie."""
    return reverse(name)
