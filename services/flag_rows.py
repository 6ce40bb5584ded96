"""Flags prepared for the page: each rule a word and an icon, what it states, and what was answered."""

from collections.abc import Container, Iterable
from functools import lru_cache
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Right
from common.templatetags.yiwang import icon
from services.domain.desk import FlagCount
from services.domain.flag_lines import RULE_TEXTS, measured_in_words
from services.models import LogFlag, ServiceLog

Rule = LogFlag.Rule
ICONS = {
    Rule.LATE: "clock-alert",
    Rule.SPLIT: "split",
    Rule.LONG: "hourglass",
    Rule.BUSY: "timer",
    Rule.NIGHT: "moon",
    Rule.SAME_TEXT: "copy",
    Rule.SAME_PHOTO: "images",
    Rule.BURST: "zap",
    Rule.DAILY: "repeat",
    Rule.ROUTINE: "metronome",
    Rule.JUMP: "trending-up",
}


def flag_icon(rule: str) -> str:
    """Return the icon of a rule."""
    return ICONS[Rule(rule)]


def flag_chips(flags: Iterable[FlagCount]) -> SafeString:
    """Return a month's flags as chips: icon, word and how many; those that were answered stand back."""
    return _chips(tuple((flag.rule, flag.unanswered, flag.answered) for flag in flags), get_language() or "")


@lru_cache(maxsize=2048)
def _chips(flags: tuple[tuple[str, int, int], ...], language: str) -> SafeString:
    chips = []
    for rule, unanswered, answered in flags:
        if unanswered:
            chips.append(("warn", icon(flag_icon(rule), 15), Rule(rule).label, unanswered, ""))
        if answered:
            chips.append(("neutral", icon("check", 15), Rule(rule).label, answered, _("answered")))
    return format_html_join(
        "", '<span class="state state-{} chip-flag">{}{} <b>{}</b>{}</span>', (
            (tone, drawn, label, count, format_html(" {}", word) if word else "")
            for tone, drawn, label, count, word in chips
        )
    )  # fmt: skip


def flag_rows(log: ServiceLog, seen: Container[int] = ()) -> list[dict[str, Any]]:
    """Prepare the flags of a log whose flags, answers and other logs are at hand; ``seen`` logs are linked to."""
    return [
        {
            "pk": flag.pk,
            "rule": flag.rule,
            "label": flag.get_rule_display(),
            "icon": flag_icon(flag.rule),
            "text": RULE_TEXTS[flag.rule],
            "measured": measured_in_words(flag.rule, flag.measured) if flag.measured else "",
            "other": _other(flag, seen),
            "answer": flag.answer,
            "by": flag.answered_by.name if flag.answered_by else "",
            "at": date_format(timezone.localtime(flag.answered_at), "SHORT_DATE_FORMAT") if flag.answered_at else "",
        }
        for flag in log.flags.all()
    ]


def flags_for(log: ServiceLog, user: User) -> list[dict[str, Any]]:
    """Prepare the flags of one log for those who review it and those who write it down; nobody else is shown any."""
    if not (user.may(Right.REVIEW_REPORTS) or user.may(Right.MEND_LOGS)):
        return []
    prefetch_related_objects([log], Prefetch("flags", LogFlag.objects.select_related("other__team", "answered_by")))
    others = [flag.other_id for flag in log.flags.all() if flag.other_id is not None]
    return flag_rows(log, set(ServiceLog.objects.visible_to(user).filter(pk__in=others).values_list("pk", flat=True)))


def _other(flag: LogFlag, seen: Container[int]) -> dict[str, str] | None:
    """Name the other log with the way to it; of one that the reader does not see, only that there is one."""
    if flag.other is None:
        return None
    if flag.other.pk not in seen:
        return {"url": "", "name": _("a log of another team")}
    day = date_format(flag.other.date, "SHORT_DATE_FORMAT")
    return {"url": flag.other.get_absolute_url(), "name": f"{day} {flag.other.team.name}"}


def flag_kinds(logs: Iterable[ServiceLog]) -> list[dict[str, Any]]:
    """Prepare the unanswered flags of a month rule by rule, for one answer to all of a kind."""
    found: dict[str, list[int]] = {}
    for log in logs:
        if not log.is_withdrawn:
            for flag in log.flags.all():
                if flag.answered_at is None:
                    found.setdefault(flag.rule, []).append(log.pk)
    return [
        {
            "rule": rule,
            "label": Rule(rule).label,
            "icon": flag_icon(rule),
            "text": RULE_TEXTS[rule],
            "count": len(found[rule]),
            "button": ngettext("Answer %(count)d flag", "Answer all %(count)d flags", len(found[rule]))
            % {"count": len(found[rule])},
            "logs": [{"number": place, "pk": pk} for place, pk in enumerate(found[rule][:5], start=1)],
            "more": max(0, len(found[rule]) - 5),
        }
        for rule in Rule.values
        if rule in found
    ]
