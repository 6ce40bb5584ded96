"""Volunteers as the lists print them: everything ready, nothing asked per row."""

from typing import Any

from django.urls import reverse

from common.templatetags.yiwang import badge
from volunteers.models import Volunteer

TONES = {
    Volunteer.Status.APPLIED: "info",
    Volunteer.Status.ACTIVE: "ok",
    Volunteer.Status.SUSPENDED: "warn",
    Volunteer.Status.LEFT: "neutral",
    Volunteer.Status.REJECTED: "neutral",
}


def status_badge(volunteer: Volunteer) -> str:
    """Return where the volunteer stands, as a word with an icon."""
    return badge(TONES[volunteer.status], volunteer.get_status_display())


def volunteer_rows(volunteers: list[Volunteer]) -> list[dict[str, Any]]:
    """Prepare one page of the list; the teams of its volunteers come by one query."""
    memberships = Volunteer.memberships.rel.related_model
    teams = dict(memberships.objects.current().filter(volunteer__in=volunteers).values_list("volunteer", "team__name"))
    base = reverse("volunteers:list")
    badges = {status: badge(tone, status.label) for status, tone in TONES.items()}
    kinds = dict(Volunteer.UnitKind.choices)
    return [
        {
            "url": f"{base}{volunteer.pk}/",
            "name": volunteer.name,
            "number": volunteer.number,
            "skill": str(volunteer.primary_skill),
            "village": volunteer.village.name,
            "team": teams.get(volunteer.pk, ""),
            "unit_kind": kinds[volunteer.unit_kind],
            "phone": volunteer.masked_phone,
            "status": badges[volunteer.status],
        }
        for volunteer in volunteers
    ]
