"""Qualifications as the lists and the dossier print them."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.templatetags.yiwang import badge
from volunteers.models import Qualification
from volunteers.models.qualification import NEVER

State = Qualification.State
LIST_FIELDS = (
    "id",
    "kind",
    "title",
    "issuer",
    "expires_on",
    "state",
    "volunteer",
    "volunteer__name",
    "volunteer__number",
    "volunteer__township__name",
)


def validity(state: str, expires_on: date, today: date | None = None) -> str:
    """Return how a qualification stands, as a word with an icon."""
    today = today or timezone.localdate()
    if state != State.STANDING:
        return badge("neutral", State(state).label)
    if expires_on < today:
        return badge("bad", _("Expired"))
    if expires_on <= today + timedelta(days=settings.QUALIFICATION_WARN_DAYS):
        return badge("warn", _("Runs out soon"))
    return badge("ok", _("Valid"))


def until(expires_on: date) -> str:
    """Return the last day in words."""
    return _("without an end") if expires_on == NEVER else date_format(expires_on)


def qualification_rows(qualifications: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare one page of the list (``LIST_FIELDS`` of each)."""
    base, today = reverse("volunteers:list"), timezone.localdate()
    kinds = {value: str(label) for value, label in Qualification.Kind.choices}
    return [
        {
            "id": found["id"],
            "url": f"{base}{found['volunteer']}/#qualifications",
            "name": found["volunteer__name"],
            "number": found["volunteer__number"],
            "township": found["volunteer__township__name"],
            "kind": kinds[found["kind"]],
            "title": found["title"],
            "issuer": found["issuer"],
            "until": until(found["expires_on"]),
            "state": validity(found["state"], found["expires_on"], today),
        }
        for found in qualifications
    ]
