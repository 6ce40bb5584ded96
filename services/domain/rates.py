"""应答率、到场率、解决率: how many requests were answered, arrived at and resolved, how many in time, and how fast.

All three rates have the same denominator, the requests that were asked in the period and not withdrawn (``COUNTED``):
what was referred, could not be solved or is still open stays in it. Each number is defined once, as a query of the
list of requests (``NUMBERS``), and counted by the very conditions that this list narrows by (``condition``): a figure
and the rows behind its link cannot differ. Minutes are those of the clocks: round the clock, without the time that
the resident was waited for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.months import month_after
from services.domain.clock import MET_AT, Clock
from services.domain.figures import Period
from services.models import HelpRequest
from services.models.request import HelpRequestQuerySet

State, Rating, Escalation = HelpRequest.State, HelpRequest.Rating, HelpRequest.Escalation

# What the list can be narrowed to, beside what is stored as it is: by filter, its values with words and conditions.
COUNTED, SETTLED, OVERDUE, WAITING = "counted", "settled", "overdue", "waiting"
ESCALATED, CITY, REOPENED = "escalated", "city", "reopened"
RATED, UNRATED = "rated", "unrated"
# The words for: met, met in time, met late, not met.
MET, IN_TIME, LATE, NOT_YET = "{}", "{}_in_time", "{}_late", "{}_not"


def clock_choices() -> list[tuple[str, Any]]:
    """Return what a list can be narrowed to by its clocks, in the order in which things happen."""
    return [
        ("answer", _("Answered")),
        ("answer_in_time", _("Answered in time")),
        ("answer_late", _("Answered late")),
        ("answer_not", _("Not answered")),
        ("arrive", _("Arrived")),
        ("arrive_in_time", _("Arrived in time")),
        ("arrive_late", _("Arrived late")),
        ("arrive_not", _("Nobody arrived")),
        ("resolve", pgettext_lazy("request", "Resolved")),
        ("resolve_in_time", _("Resolved in time")),
        ("resolve_late", _("Resolved late")),
        ("resolve_not", _("Not resolved")),
    ]


def _by_state(value: str, now: datetime) -> Q:
    conditions = {
        COUNTED: ~Q(state=State.WITHDRAWN),
        SETTLED: ~Q(state=State.OPEN),
        OVERDUE: Q(due_at__lt=now),
        WAITING: Q(state=State.OPEN, waiting_since__isnull=False),
    }
    return conditions.get(value, Q(state=value))


def _by_clock(value: str, now: datetime) -> Q:
    clock, _sign, how = value.partition("_")
    met = Q(**{f"{clock}_minutes__isnull": False})
    if not how:
        return met
    if how == "not":
        return Q(**{f"{clock}_minutes__isnull": True})
    due = F(f"{clock}_due_at")
    return met & Q(**{f"{MET_AT[Clock(clock)]}__{'lte' if how == 'in_time' else 'gt'}": due})


def _by_rating(value: str, now: datetime) -> Q:
    return {RATED: ~Q(rating=""), UNRATED: Q(rating="")}.get(value, Q(rating=value))


def _by_mark(value: str, now: datetime) -> Q:
    conditions = {
        ESCALATED: Q(escalation__gt=Escalation.NONE),
        CITY: Q(escalation=Escalation.CITY),
        REOPENED: Q(times_reopened__gt=0),
    }
    return conditions[value]


CONDITIONS = {"state": _by_state, "clock": _by_clock, "rating": _by_rating, "mark": _by_mark}


def condition(name: str, value: str, now: datetime | None = None) -> Q:
    """Return what the filter ``name`` of the list means by ``value``."""
    return CONDITIONS[name](value, now or timezone.now())


# Each number as the query of the list that shows its rows.
NUMBERS: dict[str, dict[str, str]] = {
    "asked": {},
    "withdrawn": {"state": State.WITHDRAWN},
    "counted": {"state": COUNTED},
    **{
        word.format(clock): {"state": COUNTED, "clock": word.format(clock)}
        for clock in Clock
        for word in (MET, IN_TIME, LATE, NOT_YET)
    },
    "referred": {"state": State.REFERRED},
    "unsolved": {"state": State.UNSOLVED},
    "open": {"state": State.OPEN},
    "waiting": {"state": WAITING},
    "overdue": {"state": OVERDUE},
    "rated": {"state": COUNTED, "rating": RATED},
    **{rating.value: {"state": COUNTED, "rating": rating.value} for rating in Rating},
    "reopened": {"state": COUNTED, "mark": REOPENED},
}


class By(StrEnum):
    """What the requests are parted by."""

    TOWNSHIP = "township"
    VILLAGE = "village"
    CATEGORY = "category"
    CHANNEL = "channel"
    URGENCY = "urgency"
    MONTH = "month"


@dataclass(frozen=True)
class Spread:
    """The minutes until a clock was met: half took ``median`` at the most, nine of ten ``ninety``."""

    median: int
    ninety: int


@dataclass(frozen=True)
class Rates:
    """The numbers of a group of requests (``NUMBERS``), and the spread of each clock that was met."""

    numbers: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(NUMBERS, 0))
    spreads: Mapping[Clock, Spread] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        """Return one of the numbers."""
        return self.numbers[name]

    @property
    def content(self) -> int:
        """How many of those who rated were satisfied or fairly satisfied."""
        return self.numbers[Rating.SATISFIED] + self.numbers[Rating.FAIR]


@dataclass(frozen=True)
class Parted:
    """The rates of all, and of each part: by the key of the township, village or category, the channel or the month."""

    total: Rates
    parts: dict[Any, Rates]


def asked_in(requests: HelpRequestQuerySet, period: Period) -> HelpRequestQuerySet:
    """Keep what was asked in the period, by the calendar of Shanghai."""
    return requests.filter(asked_at__gte=_midnight(period.first), asked_at__lt=_midnight(period.last + timedelta(1)))


def months_of(period: Period, today: date) -> list[Period]:
    """Return the months of the period that have begun."""
    months = [Period(period.year, period.month)] if period.month else [Period(period.year, m) for m in range(1, 13)]
    return [month for month in months if month.first <= today]


def rates_of(
    requests: HelpRequestQuerySet, by: By | None = None, *, period: Period, now: datetime, with_spreads: bool = True
) -> Parted:
    """Count the requests asked in ``period``, in all and by ``by``: one aggregate, and two queries for each median.

    ``now`` decides what is overdue.
    """
    found = asked_in(requests, period).order_by().annotate(part=_part(by, period))
    numbers = _numbers(found, now)
    total = {name: sum(each[name] for each in numbers.values()) for name in NUMBERS}
    spreads: dict[Any, dict[Clock, Spread]] = {}
    in_all: dict[Clock, Spread] = {}
    if with_spreads:
        for clock in Clock:
            measured = found.filter(_meaning(NUMBERS[clock], now))
            for part, spread in _spreads(measured, clock, ["part"] if by else []).items():
                spreads.setdefault(part, {})[clock] = spread
            if by:
                in_all.update((clock, spread) for spread in _spreads(measured, clock, []).values())
    return Parted(
        total=Rates(total, in_all if by else spreads.get(None, {})),
        parts={part: Rates(each, spreads.get(part, {})) for part, each in numbers.items()} if by else {},
    )


def _meaning(query: Mapping[str, str], now: datetime) -> Q:
    return reduce(and_, (condition(name, value, now) for name, value in query.items()), Q())


def _numbers(found: Any, now: datetime) -> dict[Any, dict[str, int]]:
    counts = {
        f"n_{name}": Count("pk", filter=_meaning(query, now)) if query else Count("pk")
        for name, query in NUMBERS.items()
    }
    rows = found.values("part").annotate(**counts)
    return {row["part"]: {name: row[f"n_{name}"] for name in NUMBERS} for row in rows}


def _spreads(measured: Any, clock: Clock, parted: list[str]) -> dict[Any, Spread]:
    """Return median and 90th percentile of each part by the nearest rank, found by the database alone.

    The rows are numbered by their minutes, and two of each part are read: those of the ranks ⌈n/2⌉ and ⌈9n/10⌉.
    """
    minutes = f"{clock}_minutes"
    numbered = measured.annotate(
        of=Window(Count("pk"), partition_by=parted),
        rank=Window(RowNumber(), partition_by=parted, order_by=F(minutes).asc()),
    )
    half, ninety = (F("of") + 1) / 2, (F("of") * 9 + 9) / 10
    found: dict[Any, list[int]] = {}
    rows = numbered.filter(Q(rank=half) | Q(rank=ninety)).values_list("part", minutes)
    for part, taken in rows:
        found.setdefault(part if parted else None, []).append(taken)
    return {part: Spread(min(taken), max(taken)) for part, taken in found.items()}


def _part(by: By | None, period: Period) -> Any:
    """Return what a request's part is known by; months by their first days, compared by the database, not computed."""
    if by is None:
        return Value(None, output_field=IntegerField())
    if by != By.MONTH:
        return F(by)
    months = months_of(period, period.last)
    ends = [(month, _midnight(month_after(month.first, 1))) for month in months]
    return Case(*(When(asked_at__lt=end, then=Value(str(month))) for month, end in ends))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
