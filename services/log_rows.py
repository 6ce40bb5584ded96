"""Service logs prepared for the page: words, dates and addresses, so that templates only print."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.events import event_label
from accounts.history import entries_of, readable_changes
from accounts.models import AuditEntry, User
from common.templatetags.yiwang import badge
from common.wording import in_words
from services.models import Correction, MonthlyReport, Participation, ServiceLog
from services.models.log import WRITTEN_BY
from services.rows import state_badge
from volunteers.models import Volunteer

LIST_FIELDS = (
    "id",
    "date",
    "starts_at",
    "ends_at",
    "minutes",
    "team__name",
    "category__name",
    "category__name_en",
    "recipient",
    "content",
    "is_withdrawn",
    "report__state",
    "corrects",
)
NAMES_SHOWN = 4


def log_rows(logs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare the logs of one page (``LIST_FIELDS`` of each), with the names of who took part."""
    names: defaultdict[int, list[str]] = defaultdict(list)
    parts = Participation.objects.filter(log__in=[log["id"] for log in logs]).order_by("log_id", "is_helper", "id")
    for log_pk, name in parts.values_list("log_id", "volunteer__name"):
        names[log_pk].append(name)
    marks = correction_marks([log["id"] for log in logs])
    badges: dict[tuple[bool, str], Any] = {}
    days: dict[date, str] = {}
    base = reverse("services:log_list")
    zone = timezone.get_current_timezone()
    and_more = _("%(names)s and %(more)s more")
    rows = []
    for log in logs:
        key = (log["is_withdrawn"], log["report__state"])
        if key not in badges:
            badges[key] = standing_badge(*key)
        if log["date"] not in days:
            days[log["date"]] = date_format(log["date"], "SHORT_DATE_FORMAT")
        people = names[log["id"]]
        shown = "、".join(people[:NAMES_SHOWN])
        starts, ends = log["starts_at"].astimezone(zone), log["ends_at"].astimezone(zone)
        rows.append(
            {
                "url": f"{base}{log['id']}/",
                "date": days[log["date"]],
                "time": f"{starts:%H:%M}–{ends:%H:%M}",
                "team": log["team__name"],
                "category": in_words(log["category__name"], log["category__name_en"]),
                "recipient": log["recipient"],
                "content": log["content"],
                "people": and_more % {"names": shown, "more": len(people) - NAMES_SHOWN}
                if len(people) > NAMES_SHOWN
                else shown,
                "minutes": log["minutes"],
                "state": marks.get(log["id"], badges[key]),
                "mark": mark_of_correction() if log["corrects"] else "",
            }
        )
    return rows


def correction_marks(log_pks: Sequence[int]) -> dict[int, Any]:
    """Return, by the log's key, what corrections say of where it stands: corrected, struck, or asked about."""
    marks = {
        ("granted", "change"): badge("neutral", _("Corrected"), "file-pen"),
        ("granted", "strike"): badge("neutral", _("Struck"), "ban"),
        ("asked", "change"): badge("info", _("Correction asked for"), "hourglass"),
        ("asked", "strike"): badge("info", _("Correction asked for"), "hourglass"),
    }
    found = Correction.objects.filter(log__in=log_pks, state__in=("asked", "granted")).order_by()
    return {log: marks[state, kind] for log, state, kind in found.values_list("log", "state", "kind")}


def mark_of_correction() -> Any:
    """Return the mark of a log that stands in place of another."""
    return badge("info", _("Correction"), "file-check")


def standing_badge(is_withdrawn: bool, report_state: str) -> Any:
    """Say whether a log counts: withdrawn, counted, or where its month stands."""
    if is_withdrawn:
        return badge("neutral", _("Withdrawn"), "ban")
    if report_state == MonthlyReport.State.READ:
        return badge("ok", _("Counted"))
    return state_badge(report_state)


def parts_of(log: ServiceLog, reader: User) -> list[dict[str, Any]]:
    """Prepare who took part, members first; with the address of those whose records the reader may see."""
    parts = log.participations.select_related("volunteer").order_by("is_helper", "volunteer__name_pinyin", "id")
    seen = Volunteer.objects.visible_to(reader).filter(pk__in=[part.volunteer_id for part in parts])
    visible = set(seen.values_list("pk", flat=True))
    return [
        {
            "name": part.volunteer.name,
            "number": part.volunteer.number,
            "url": part.volunteer.get_absolute_url() if part.volunteer_id in visible else "",
            "minutes": part.minutes,
            "is_helper": part.is_helper,
        }
        for part in parts
    ]


def history_of(log: ServiceLog) -> list[dict[str, Any]]:
    """Prepare what happened to a log, the latest first: who, when, what, from what to what."""
    entries = list(entries_of(log).order_by("-id")[:50])
    changes = readable_changes(entries)
    return [
        {
            "when": date_format(timezone.localtime(entry.timestamp), "DATETIME_FORMAT"),
            "who": entry.actor.name if entry.actor else "",
            "what": event_label(entry.event, entry.action),
            # What was written first stands above; only later changes are news.
            "changes": changes[entry.pk] if entry.event not in WRITTEN_BY else [],
        }
        for entry in entries
        if not (entry.event in WRITTEN_BY and entry.action == AuditEntry.Action.UPDATE)
    ]
