"""The three clocks in words: how urgent a request is, how long is left until a deadline, or for how long it is late.

What each clock measures is said in one place (``MEASURED``): labels of the board, of a request's page and of figures.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from common import spans
from common.templatetags.yiwang import badge
from services.domain.clock import Clock
from services.models import HelpRequest

Urgency = HelpRequest.Urgency
URGENCIES = {
    Urgency.URGENT: ("bad", "siren"),
    Urgency.NORMAL: ("neutral", "circle-dot"),
    Urgency.LOW: ("neutral", "arrow-down"),
}
# What is due next, and what its deadline is called.
CLOCKS = {
    Clock.ANSWER: pgettext_lazy("clock", "Answer"),
    Clock.ARRIVE: pgettext_lazy("clock", "Arrive"),
    Clock.RESOLVE: pgettext_lazy("clock", "Resolve"),
}
MEASURED = {
    Clock.ANSWER: gettext_lazy("From the asking until the team or the office says that it has received it."),
    Clock.ARRIVE: gettext_lazy("From the asking until somebody is at the door."),
    Clock.RESOLVE: gettext_lazy("From the asking until the service that solved it is logged."),
}
WITHOUT_WAITING = gettext_lazy("Around the clock, without the time that the resident was waited for.")
# From here on what is left is said as a warning: a quarter of the span, at the most three hours.
SOON_SHARE, SOON_MINUTES = 4, 3 * spans.HOUR


@dataclass(frozen=True)
class Left:
    """How a deadline stands: the tone, an icon and the words, "30 minutes left" or "late by 2 hours"."""

    tone: str
    icon: str
    words: str

    @property
    def badge(self) -> SafeString:
        """The words with their icon."""
        return badge(self.tone, self.words, self.icon)


def urgency_badge(urgency: str) -> SafeString:
    """Return how urgent a request is as a badge."""
    tone, icon_name = URGENCIES[Urgency(urgency)]
    return badge(tone, Urgency(urgency).label, icon_name)


def left_until(due: datetime, now: datetime, asked: datetime) -> Left:
    """Say how long is left until a deadline of what was asked at ``asked``, or for how long it is late."""
    minutes = int((due - now).total_seconds() // 60)
    if due < now:
        return _late(-minutes - 1 if (due - now).total_seconds() % 60 else -minutes)
    whole = max(1, int((due - asked).total_seconds() // 60))
    return _left(minutes, minutes < min(SOON_MINUTES, whole // SOON_SHARE))


def waiting_for(minutes: int, *, is_too_long: bool) -> Left:
    """Say for how long the resident has been waited for."""
    words = _("for %(span)s") % {"span": spans.said(minutes, parts=2)}
    return Left("warn", "hourglass", words) if is_too_long else Left("info", "circle-pause", words)


def _late(minutes: int) -> Left:
    return Left("bad", "clock-alert", _("late by %(span)s") % {"span": spans.said(minutes, parts=2)})


def _left(minutes: int, is_soon: bool) -> Left:
    words = _("%(span)s left") % {"span": spans.said(minutes, parts=2)}
    return Left("warn", "hourglass", words) if is_soon else Left("neutral", "clock", words)
