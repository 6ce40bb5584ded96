"""Deadlines of requests prepared for the page: what holds by urgency, and what was changed when, by whom and why."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from areas.models import Township
from services.clock_words import urgency_badge
from services.domain.deadline import Deadlines
from services.forms.deadline import WORDS, said
from services.models import HelpRequest, RequestDeadline
from services.models.request_deadline import MINUTES

Urgency = HelpRequest.Urgency


def deadline_rows(held: Deadlines, township: Township | None) -> list[dict[str, Any]]:
    """Return a row for each urgency: what holds, and whether it is the township's own."""
    key = township.pk if township else None
    return [
        {
            "urgency": urgency_badge(urgency),
            "spans": [(WORDS[name], said(value)) for name, value in held.of(key, urgency).as_columns().items()],
            "is_own": (key, urgency) in held.own,
        }
        for urgency in Urgency
    ]


def history_rows(versions: Iterable[RequestDeadline]) -> list[dict[str, Any]]:
    """Prepare versions, the latest first: from when on, what, why and by whom."""
    return [
        {
            "since": date_format(timezone.localtime(version.set_at), "DATETIME_FORMAT"),
            "urgency": urgency_badge(version.urgency),
            "what": _("As the city has it")
            if version.is_as_the_city
            else [(WORDS[name], said(getattr(version, name))) for name in MINUTES],
            "is_as_the_city": version.is_as_the_city,
            "reason": version.reason,
            "by": version.set_by.name if version.set_by else _("Taken over from the earlier settings"),
        }
        for version in versions
    ]
