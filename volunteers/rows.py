"""Volunteers as the lists print them: everything ready, nothing asked per row."""

from typing import Any

from django.urls import reverse

from common.templatetags.yiwang import badge
from common.wording import reads_chinese
from volunteers.models import Volunteer
from volunteers.models.volunteer import mask_phone

LIST_FIELDS = (
    "id",
    "name",
    "name_pinyin",
    "number",
    "phone",
    "status",
    "unit_kind",
    "primary_skill__name",
    "primary_skill__name_en",
    "village__name",
    "present__team__name",
)

TONES: dict[str, str] = {
    Volunteer.Status.APPLIED: "info",
    Volunteer.Status.ACTIVE: "ok",
    Volunteer.Status.SUSPENDED: "warn",
    Volunteer.Status.LEFT: "neutral",
    Volunteer.Status.REJECTED: "neutral",
}


def status_badge(volunteer: Volunteer) -> str:
    """Return where the volunteer stands, as a word with an icon."""
    return badge(TONES[volunteer.status], volunteer.get_status_display())


def volunteer_rows(volunteers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of the list (``LIST_FIELDS`` of each)."""
    base = reverse("volunteers:list")
    badges = {status: badge(tone, Volunteer.Status(status).label) for status, tone in TONES.items()}
    kinds = {value: str(label) for value, label in Volunteer.UnitKind.choices}
    skill = "primary_skill__name" if reads_chinese() else "primary_skill__name_en"
    return [
        {
            "pk": volunteer["id"],
            "url": f"{base}{volunteer['id']}/",
            "name": volunteer["name"],
            "number": volunteer["number"],
            "skill": volunteer[skill],
            "village": volunteer["village__name"],
            "team": volunteer["present__team__name"] or "",
            "unit_kind": kinds[volunteer["unit_kind"]],
            "phone": mask_phone(volunteer["phone"]),
            "status": badges[volunteer["status"]],
        }
        for volunteer in volunteers
    ]
