"""Certificates as the register, the dossier and their own page print them."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format

from common.hours import hours
from common.templatetags.yiwang import badge
from services.models import Certificate

Standing = Certificate.Standing
LIST_FIELDS = (
    "id",
    "number",
    "name",
    "volunteer_number",
    "township__name",
    "starts_on",
    "ends_on",
    "minutes",
    "services",
    "issued_on",
    "revoked_at",
    "successor__id",
)
TONES = {Standing.VALID: "ok", Standing.SUPERSEDED: "warn", Standing.REVOKED: "bad"}


def standing_badge(standing: str) -> str:
    """Return what a certificate is worth, as a word with an icon."""
    return badge(TONES[Standing(standing)], Standing(standing).label)


def certificate_rows(certificates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare certificates for a list (``LIST_FIELDS`` of each)."""
    base = reverse("services:certificate_list")
    return [
        {
            "url": f"{base}{found['id']}/",
            "number": found["number"],
            "name": found["name"],
            "volunteer_number": found["volunteer_number"],
            "township": found["township__name"],
            "period": f"{date_format(found['starts_on'])} – {date_format(found['ends_on'])}",
            "hours": hours(found["minutes"]),
            "services": found["services"],
            "issued_on": date_format(found["issued_on"]),
            "standing": standing_badge(_standing(found)),
        }
        for found in certificates
    ]


def _standing(found: dict[str, Any]) -> str:
    if found["revoked_at"] is not None:
        return Standing.REVOKED
    return Standing.SUPERSEDED if found["successor__id"] is not None else Standing.VALID
