"""Badges and prints as the lists print them: everything ready, nothing asked per row."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from common.templatetags.yiwang import badge as state
from volunteers.models import Badge, BadgePrint, Volunteer

BADGE_FIELDS = (
    "id",
    "number",
    "state",
    "issued_on",
    "valid_until",
    "printed_at",
    "volunteer_id",
    "volunteer__name",
    "volunteer__status",
    "volunteer__township__name",
    "present__team__name",
)
NEED_FIELDS = ("id", "name", "name_pinyin", "number", "village__name", "present__team__name")
PRINT_FIELDS = ("id", "at", "layout", "count", "printed", "work_state", "file_name", "by__name", "township__name")

TONES: dict[str, str] = {
    Badge.Standing.VALID: "ok",
    Badge.Standing.EXPIRED: "warn",
    Badge.Standing.AWAY: "warn",
    Badge.Standing.VOID: "neutral",
}


def standing_badge(badge: Badge, status: str) -> SafeString:
    """Return what the badge of a volunteer with ``status`` is worth today; what is void says why."""
    standing = badge.standing_on(timezone.localdate(), status)
    label = badge.get_state_display() if standing == Badge.Standing.VOID else standing.label
    return state(TONES[standing], label)


def badge_rows(badges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of the list of badges (``BADGE_FIELDS`` of each)."""
    base = reverse("volunteers:list")
    rows = []
    for values in badges:
        badge = Badge(state=values["state"], valid_until=values["valid_until"])
        rows.append(
            {
                "pk": values["id"],
                "url": f"{base}{values['volunteer_id']}/#badges",
                "number": values["number"],
                "name": values["volunteer__name"],
                "team": values["present__team__name"] or "",
                "township": values["volunteer__township__name"],
                "standing": standing_badge(badge, values["volunteer__status"]),
                "issued_on": date_format(values["issued_on"]),
                "valid_until": date_format(values["valid_until"]),
                "printed": date_format(timezone.localtime(values["printed_at"])) if values["printed_at"] else "",
            }
        )
    return rows


def need_rows(volunteers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of the list of those who need a badge, with their latest one, by one more query."""
    base = reverse("volunteers:list")
    latest: dict[int, Badge] = {}
    for badge in Badge.objects.filter(volunteer__in=[row["id"] for row in volunteers]).order_by("issue"):
        latest[badge.volunteer_id] = badge
    return [
        {
            "pk": values["id"],
            "url": f"{base}{values['id']}/#badges",
            "name": values["name"],
            "number": values["number"],
            "village": values["village__name"],
            "team": values["present__team__name"] or "",
            "latest": _latest(latest.get(values["id"])),
        }
        for values in volunteers
    ]


def print_rows(prints: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of the list of prints."""
    layouts = {BadgePrint.Layout.SHEETS: "A4", BadgePrint.Layout.CARDS: "85.6 × 54 mm"}
    return [
        {
            "url": reverse("volunteers:badge_print_detail", args=[values["id"]]),
            "at": date_format(timezone.localtime(values["at"]), "DATETIME_FORMAT"),
            "by": values["by__name"],
            "township": values["township__name"] or "",
            "layout": layouts[values["layout"]],
            "count": values["count"],
            "printed": values["printed"],
            "left_out": values["count"] - values["printed"] if values["work_state"] == "done" else 0,
            "state": print_badge(values["work_state"], bool(values["file_name"]), values["printed"]),
        }
        for values in prints
    ]


def print_badge(work_state: str, has_file: bool, printed: int) -> SafeString:
    """Say whether the file of a print is being made, waits, or is gone."""
    if work_state != BadgePrint.WorkState.DONE:
        return state("bad" if work_state == "failed" else "info", BadgePrint.WorkState(work_state).label)
    if has_file:
        return state("ok", _("The file waits"))
    return state("neutral", _("The file is gone") if printed else _("Nothing could be printed"))


def badges_section(volunteer: Volunteer, reader: User) -> dict[str, Any]:
    """Return what the dossier shows: the badge that stands and those before it, also of a record that was given up."""
    badges = sorted(
        Badge.objects.filter(volunteer__in=volunteer.records).select_related("volunteer"),
        key=lambda badge: (badge.volunteer_id == volunteer.pk, badge.issue),
        reverse=True,
    )
    own = (badge for badge in badges if badge.volunteer_id == volunteer.pk)
    present = next((badge for badge in own if badge.state == Badge.State.ISSUED), None)
    today = timezone.localdate()
    return {
        "badges": badges,
        "present": present,
        "present_state": standing_badge(present, volunteer.status) if present else "",
        "is_valid": present is not None and present.standing_on(today, volunteer.status) == Badge.Standing.VALID,
        "history": [(badge, standing_badge(badge, badge.volunteer.status)) for badge in badges if badge != present],
    }


def _latest(badge: Badge | None) -> SafeString | str:
    if badge is None:
        return ""
    if badge.state != Badge.State.ISSUED:
        return state("neutral", f"{badge.number} · {badge.get_state_display()}")
    return state(
        "warn", _("%(number)s, valid until %(day)s") % {"number": badge.number, "day": date_format(badge.valid_until)}
    )
