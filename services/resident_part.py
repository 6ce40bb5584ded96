"""What the resident said and showed, on the office's page of a request: words, photos, and how satisfied they are."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from services.models import HelpRequest, RequestStep
from services.request_parts import Context, Section, register
from services.request_rows import rating_badge

Kind = RequestStep.Kind

SAID = (Kind.WORD, Kind.REOPENED)
WORDS_SHOWN = 20


def register_all() -> None:
    """Put the part on the page of every request."""
    register(Section("resident", _("From the resident"), "services/request/parts/_resident.html", _resident, order=30))


def _resident(asked: HelpRequest, reader: User) -> Context | None:
    """Prepare it; nothing where the resident has neither said nor shown more than what is asked."""
    said = asked.steps.filter(actor=RequestStep.Actor.RESIDENT, kind__in=SAID).order_by("-at", "-id")[:WORDS_SHOWN]
    words = [
        ("warn" if step.kind == Kind.REOPENED else "info", step.get_kind_display(), _moment(step.at), "", step.text)
        for step in reversed(said)
    ]
    photos = list(asked.photos.standing())
    if not (words or photos or asked.rating or asked.confirmed_at):
        return None
    return {
        "words": words,
        "photos": photos,
        "rating": rating_badge(asked.rating) if asked.rating else "",
        "rating_words": asked.rating_words,
        "confirmed": _moment(asked.confirmed_at) if asked.confirmed_at else "",
    }


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
