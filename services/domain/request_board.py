"""The board of what is due: open requests in lanes by the clock that is to be met next, the late ones first."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Case, Count, F, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from services.models import RequestStep
from services.models.request import HelpRequestQuerySet

# So many of a lane are shown beside the others, and where it is asked for alone.
BESIDE, ALONE = 30, 300
CARD = (
    "pk",
    "caller",
    "content",
    "place",
    "village__name",
    "grid",
    "grid__number",
    "township",
    "township__name",
    "team",
    "team__name",
    "team__state",
    "urgency",
    "asked_at",
    "handed_at",
    "answered_at",
    "set_out_at",
    "arrived_at",
    "times_reopened",
    "due_at",
    "waiting_since",
    "escalation",
)


class Lane(models.TextChoices):
    """What an open request waits for next."""

    ANSWER = "answer", _("To be answered")
    ARRIVE = "arrive", _("Somebody is to arrive")
    RESOLVE = "resolve", _("To be resolved")
    WAITING = "waiting", _("Waits for the resident")


# The resident is waited for, whatever is due after it; who arrives has answered.
LANE = Case(
    When(waiting_since__isnull=False, then=Value(Lane.WAITING)),
    When(answered_at__isnull=True, then=Value(Lane.ANSWER)),
    When(arrived_at__isnull=True, then=Value(Lane.ARRIVE)),
    default=Value(Lane.RESOLVE),
    output_field=models.CharField(),
)


@dataclass
class Board:
    """The lanes with their cards (``CARD``), the most pressing first; how many there are of each, and how many late.

    ``reasons`` says by request what the resident is waited for; ``townships`` counts open and late ones by township.
    """

    cards: dict[Lane, list[dict[str, Any]]] = field(default_factory=lambda: {lane: [] for lane in Lane})
    counts: Counter[Lane] = field(default_factory=Counter)
    late: Counter[Lane] = field(default_factory=Counter)
    reasons: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many open requests there are."""
        return self.counts.total()

    @property
    def total_late(self) -> int:
        """How many of them have missed a deadline."""
        return self.late.total()


def board_of(requests: HelpRequestQuerySet, now: datetime, *, lane: Lane | None = None) -> Board:
    """Read the board of ``requests`` as far as they are open: three questions however many there are.

    With ``lane`` the cards are those of this lane alone, and more of them.
    """
    board = Board()
    found = requests.open().order_by().annotate(lane=LANE)
    late = Count("pk", filter=models.Q(due_at__lt=now))
    for each, count, late_count in found.values_list("lane").annotate(count=Count("pk"), late=late):
        board.counts[Lane(each)], board.late[Lane(each)] = count, late_count
    if lane is not None:
        found = found.filter(lane=lane)
    rank = Window(RowNumber(), partition_by=F("lane"), order_by=(F("due_at"), F("waiting_since"), F("pk")))
    shown = found.annotate(rank=rank).filter(rank__lte=ALONE if lane else BESIDE).order_by("lane", "rank")
    for card in shown.values("lane", *CARD):
        board.cards[Lane(card["lane"])].append(card)
    waiting = [card["pk"] for card in board.cards[Lane.WAITING]]
    if waiting:
        steps = RequestStep.objects.filter(request__in=waiting, kind=RequestStep.Kind.WAITING)
        board.reasons = dict(steps.order_by("at", "id").values_list("request", "text"))
    return board


def late_by_township(requests: HelpRequestQuerySet, now: datetime) -> list[tuple[int, str, int]]:
    """Count the late requests of each township that has any, the most first: key, name, number."""
    late = requests.overdue(now).order_by().values_list("township", "township__name").annotate(Count("pk"))
    return sorted(late, key=lambda row: (-row[2], row[0]))
