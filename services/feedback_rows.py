"""Feedback prepared for the page: the list, the figures, and the dossier."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from areas.models import Township
from common.templatetags.yiwang import badge
from services.domain.feedback import Tally, tallies
from services.feedback_filters import ANSWERED, IN_TIME, OVERDUE
from services.models import Feedback
from volunteers.models import Badge, Volunteer

KINDS = {
    Feedback.Kind.PRAISE: ("ok", "thumbs-up"),
    Feedback.Kind.SUGGESTION: ("info", "lightbulb"),
    Feedback.Kind.COMPLAINT: ("warn", "message-circle-warning"),
}
# So much of the words stands in a list.
EXCERPT = 60
SHOWN_IN_DOSSIER = 10


def kind_badge(kind: str) -> SafeString:
    """Say what kind of feedback it is."""
    tone, icon_name = KINDS[Feedback.Kind(kind)]
    return badge(tone, Feedback.Kind(kind).label, icon_name)


def state_badge(feedback: Feedback) -> SafeString:
    """Say whether it was answered, in time or late, waits, or waits too long."""
    if feedback.answered_at:
        return (
            badge("ok", _("Answered")) if feedback.was_in_time else badge("neutral", _("Answered late"), "clock-alert")
        )
    if feedback.is_overdue:
        return badge("bad", _("Overdue"), "clock-alert")
    return badge("warn", _("Waits for an answer"), "hourglass")


def badge_warning(feedback: Feedback) -> SafeString | str:
    """Say what the badge was worth when it was not valid: then it may not have been the volunteer at all."""
    if feedback.badge_standing == Badge.Standing.VALID:
        return ""
    label = _("Badge: %(standing)s") % {"standing": feedback.get_badge_standing_display()}
    return badge("warn", label, "shield-alert")


def feedback_rows(found: Iterable[Feedback]) -> list[dict[str, Any]]:
    """Prepare the feedback of one page."""
    return [
        {
            "url": one.get_absolute_url(),
            "kind": kind_badge(one.kind),
            "text": one.text if len(one.text) <= EXCERPT else f"{one.text[:EXCERPT]}…",
            "volunteer": str(one.volunteer),
            "warning": badge_warning(one),
            "team": one.team.name if one.team else "",
            "made": date_format(timezone.localtime(one.made_at), "SHORT_DATE_FORMAT"),
            "due": date_format(one.due_on, "SHORT_DATE_FORMAT"),
            "state": state_badge(one),
        }
        for one in found
    ]


# --- Figures --------------------------------------------------------------------------------------------


def feedback_address(**query: object) -> str:
    """Return the address of the list narrowed by ``query``."""
    return f"{reverse('services:feedback_list')}?{urlencode(query)}"


def figures_of(user: User, year: int) -> dict[str, Any]:
    """Return the figures of what ``user`` sees and came within the year: in all, and township by township."""
    since, until = date(year, 1, 1), date(year, 12, 31)
    found = Feedback.objects.visible_to(user).between(since, until)
    counted = tallies(found)
    period = {"since": since.isoformat(), "until": until.isoformat()}
    townships = list(Township.objects.visible_to(user).order_by("code"))
    total = {
        kind: sum((counted.get((township.pk, kind), Tally()) for township in townships), start=Tally())
        for kind in Feedback.Kind.values
    }
    return {
        "total": _figures(total, **period),
        "townships": [
            {
                "name": township.name,
                **_figures(
                    {kind: counted.get((township.pk, kind), Tally()) for kind in Feedback.Kind.values},
                    **period,
                    **({"township": township.pk} if user.chooses_township else {}),
                ),
            }
            for township in townships
        ],
    }


def _figures(by_kind: dict[str, Tally], **query: object) -> dict[str, Any]:
    whole = sum(by_kind.values(), start=Tally())
    return {
        "kinds": [_cell(Feedback.Kind(kind).label, tally, kind=kind, **query) for kind, tally in by_kind.items()],
        "whole": _cell("", whole, **query),
    }


def _cell(label: Any, tally: Tally, **query: object) -> dict[str, Any]:
    """Return one line of figures, each with the address of the rows that it counts."""
    return {
        "label": label,
        "received": (tally.received, feedback_address(**query)),
        "answered": (tally.answered, feedback_address(**query, state=ANSWERED)),
        "in_time": (tally.in_time, feedback_address(**query, state=IN_TIME)),
        "overdue": (tally.overdue, feedback_address(**query, state=OVERDUE)),
    }


# --- The dossier ----------------------------------------------------------------------------------------


def feedback_section(volunteer: Volunteer, reader: User) -> dict[str, Any] | None:
    """Return what the dossier says of residents' words: their number by kind and the latest; nothing without any."""
    found = Feedback.objects.visible_to(reader).about(volunteer)
    counts = dict(found.order_by().values_list("kind").annotate(Count("pk")))
    if not counts:
        return None
    return {
        "counts": [
            (kind.label, counts.get(kind, 0), feedback_address(volunteer=volunteer.pk, kind=kind))
            for kind in Feedback.Kind
        ],
        "rows": feedback_rows(found.select_related("volunteer", "team").order_by("-made_at", "-id")[:SHOWN_IN_DOSSIER]),
        "url": feedback_address(volunteer=volunteer.pk),
    }
