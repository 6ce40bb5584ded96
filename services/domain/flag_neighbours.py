"""What a log is held against: its team's month around, the same text, its people's day, the night, their December.

``around`` asks for a few logs in a number of queries that does not depend on the history; ``townships`` reads all
there is, township by township, for the command that judges everything.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, Self

from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from areas.models import TownshipSettings
from areas.models.settings import Holdings
from services.domain.flag_lines import (
    BUSY_MINUTES,
    JUMP_PERCENT,
    NEAR_DAYS,
    NIGHT_FIRST,
    NIGHT_LAST,
    NIGHT_MINUTES,
    TEXT_DAYS,
    TEXT_LOGS,
)
from services.models import Participation, RecognitionRound, ServiceLog
from services.similar import recipient_key

NEAR, FAR, DAY = timedelta(days=NEAR_DAYS), timedelta(days=TEXT_DAYS), timedelta(days=1)
# Asia/Shanghai has been eight hours ahead of UTC without summer time since 1991.
SHANGHAI = timedelta(hours=8)
FIELDS = (
    "id", "team_id", "township_id", "date", "starts_at", "minutes", "category_id", "recipient", "people_served",
    "text_key", "recorded_at", "changed_at",
)  # fmt: skip
Written = tuple[datetime, int]


class Trace:
    """What the rules look at in a log; ``start`` and ``end`` are minutes from the midnight of its day in Shanghai."""

    __slots__ = (
        "category", "date", "minutes", "pk", "recipient", "recorded_at", "served", "start", "team", "text", "township",
        "written",
    )  # fmt: skip

    def __init__(
        self, pk: int, team: int, township: int, day: date, starts_at: datetime, minutes: int, category: int,
        recipient: str, served: int, text: int | None, recorded_at: datetime, changed_at: datetime | None,
    ) -> None:  # fmt: skip
        """Take the values of ``FIELDS``."""
        self.pk, self.team, self.township, self.date, self.minutes = pk, team, township, day, minutes
        self.start = (starts_at.hour * 60 + starts_at.minute + 480) % 1440
        self.category, self.recipient, self.served, self.text = category, recipient_key(recipient), served, text
        self.recorded_at = recorded_at
        self.written: Written = (changed_at or recorded_at, pk)

    @classmethod
    def of(cls, log: ServiceLog) -> Self:
        """Return the trace of a log that is at hand; its moments may be in any zone, the database's are in UTC."""
        values: list[Any] = []
        for name in FIELDS:
            value = getattr(log, name)
            values.append(value.astimezone(UTC) if isinstance(value, datetime) else value)
        return cls(*values)

    @property
    def end(self) -> int:
        """When it ended; past 1440 on the next day."""
        return self.start + self.minutes

    @property
    def recorded_day(self) -> date:
        """The day in Shanghai on which it was recorded."""
        return (self.recorded_at + SHANGHAI).date()

    @property
    def night_minutes(self) -> int:
        """How much of it lay in the night."""
        return sum(minutes for _night, minutes in self.nights())

    def nights(self) -> Iterator[tuple[date, int]]:
        """Yield the nights that it touches, by the day of their evening, and how much of it lay in them."""
        for evening, back in ((self.date - DAY, 1440), (self.date, 0)):
            minutes = min(self.end + back, NIGHT_LAST) - max(self.start + back, NIGHT_FIRST)
            if minutes > 0:
                yield evening, minutes


@dataclass
class Sums:
    """Minutes and services together."""

    minutes: int = 0
    services: int = 0


@dataclass
class Year:
    """Somebody's months up to November, the year's thresholds, and the services of their December."""

    minutes: int
    services: int
    min_minutes: int
    min_services: int
    december: list[tuple[Written, int]] = field(default_factory=list)  # when written and which log, minutes

    def until(self, log: Trace) -> tuple[Sums, int | None]:
        """Return what was written of December up to ``log``, and the log before it."""
        sums, other = Sums(), None
        for written, minutes in self.december:
            if written <= log.written:
                sums.minutes, sums.services = sums.minutes + minutes, sums.services + 1
                other = written[1] if written < log.written else other
        return sums, other


class Neighbours:
    """The logs around those that are judged, by what the rules ask."""

    def __init__(self, holdings: Holdings | None = None) -> None:
        """Begin with none; ``holdings`` are asked for when the first late entry is, unless they are given."""
        self.teams: dict[int, list[Trace]] = {}  # by day
        self.days_of_teams: dict[int, list[date]] = {}
        self.texts: dict[int, list[Trace]] = {}  # the latest day first
        self.days: dict[int, dict[int, list[tuple[Written, int]]]] = defaultdict(dict)
        self.nights: dict[tuple[int, date], set[int]] = defaultdict(set)
        self.years: dict[int, list[Year]] = defaultdict(list)
        self._holdings = holdings

    def late_after(self, log: Trace) -> int:
        """Return after how many days an entry is late in the township of ``log``."""
        self._holdings = TownshipSettings.by_township() if self._holdings is None else self._holdings
        return self._holdings[log.township].late_entry_days

    def before(self, log: Trace) -> list[Trace]:
        """Return the team's logs of the days around that were written before ``log``."""
        days = self.days_of_teams.get(log.team, [])
        near = self.teams.get(log.team, [])[
            bisect_left(days, log.date - NEAR) : bisect_left(days, log.date + NEAR + DAY)
        ]
        return [other for other in near if other.written < log.written]

    def same_text(self, log: Trace) -> list[Trace]:
        """Return the logs of the same text, those of the latest days: enough to know a phrase by."""
        if log.text is None:
            return []
        found = []
        for other in self.texts.get(log.text, []):
            if other.pk != log.pk and abs((other.date - log.date).days) <= TEXT_DAYS:
                found.append(other)
                if len(found) == TEXT_LOGS:
                    break
        return found

    def teams_of_text(self, log: Trace) -> int:
        """Return how many teams use the text of ``log``, with its own."""
        return len({other.team for other in self.same_text(log)} | {log.team})

    def longest_day(self, log: Trace) -> tuple[int, int | None]:
        """Return the minutes of the fullest day of those who took part, and another log of that day."""
        most, other = 0, None
        for parts in self.days.get(log.pk, {}).values():
            before = [(written, minutes) for written, minutes in parts if written <= log.written]
            minutes = sum(each for _written, each in before)
            if minutes > most and len(before) > 1:
                most, other = minutes, max(written for written, _minutes in before if written[1] != log.pk)[1]
        return most, other

    def company(self, log: Trace) -> int:
        """Return how many other teams of the township were out in the same night."""
        nights = [self.nights[log.township, night] - {log.team} for night, _minutes in log.nights()]
        return max((len(teams) for teams in nights), default=0)

    def decembers(self, log: Trace) -> list[Year]:
        """Return the year of each participant whom December brings near the threshold."""
        return self.years.get(log.pk, [])

    # --- filling ------------------------------------------------------------------------------------------

    def take_teams(self, traces: Iterable[Trace]) -> None:
        """Keep the logs of teams."""
        for team, logs in groupby(sorted(traces, key=lambda log: (log.team, log.date, log.pk)), lambda log: log.team):
            self.teams[team] = list(logs)
            self.days_of_teams[team] = [log.date for log in self.teams[team]]

    def take_texts(self, traces: Iterable[Trace]) -> None:
        """Keep the logs by their text."""
        for log in sorted(traces, key=lambda log: (log.date, log.pk), reverse=True):
            if log.text is not None:
                self.texts.setdefault(log.text, []).append(log)

    def take_nights(self, traces: Iterable[Trace]) -> None:
        """Note which teams were out in which nights."""
        for log in traces:
            for night, minutes in log.nights():
                if minutes > NIGHT_MINUTES:
                    self.nights[log.township, night].add(log.team)

    def take_days(self, participations: QuerySet[Participation]) -> None:
        """Keep the days of people, among ``participations``, that are over the line."""
        over = participations.order_by().values("volunteer", "date").annotate(day=Sum("minutes"))
        days = set(over.filter(day__gt=BUSY_MINUTES).values_list("volunteer", "date"))
        if not days:
            return
        by_day: dict[tuple[int, date], list[tuple[Written, int]]] = defaultdict(list)
        for volunteer, day, log, minutes, written in _parts(
            Q(volunteer__in={volunteer for volunteer, _day in days}, date__in={day for _volunteer, day in days})
        ):
            if (volunteer, day) in days:
                by_day[volunteer, day].append((written, minutes))
                self.days[log][volunteer] = by_day[volunteer, day]

    def take_decembers(self, year: int, participations: QuerySet[Participation]) -> None:
        """Keep the December of the people of ``participations`` whom it brings near the thresholds of ``year``."""
        first, december, last = date(year, 1, 1), date(year, 12, 1), date(year, 12, 31)
        least = RecognitionRound.objects.filter(year=year).values_list("min_minutes", "min_services").first()
        min_minutes, min_services = least or (RecognitionRound().min_minutes, RecognitionRound().min_services)
        early = Q(date__lt=december)
        sums = (
            participations.filter(date__range=(first, last)).order_by().values("volunteer")
            .annotate(
                minutes_before=Sum("minutes", filter=early, default=0), before=Count("pk", filter=early),
                all_minutes=Sum("minutes"), all=Count("pk"),
            )
            .filter(
                Q(all_minutes__gte=min_minutes * JUMP_PERCENT // 100) | Q(all__gte=min_services * JUMP_PERCENT // 100),
                minutes_before__lt=min_minutes, before__lt=min_services,
            )
            .values_list("volunteer", "minutes_before", "before")
        )  # fmt: skip
        years = {pk: Year(minutes, services, min_minutes, min_services) for pk, minutes, services in sums}
        if not years:
            return
        for volunteer, _day, log, minutes, written in _parts(Q(volunteer__in=years, date__range=(december, last))):
            years[volunteer].december.append((written, minutes))
            self.years[log].append(years[volunteer])
        for each in years.values():
            each.december.sort()


def around(logs: Sequence[Trace]) -> Neighbours:
    """Return what stands around a few logs: two queries, one more for December and one for the night."""
    found = Neighbours()
    rows = _team_logs({log.team for log in logs}, logs)
    texts = {log.text for log in logs if log.text is not None}
    traces = {log.pk: log for log in _traces(rows.union(*(_text_logs(text, logs) for text in sorted(texts)), all=True))}
    traces |= {log.pk: log for log in logs}
    found.take_teams(traces.values())
    found.take_texts(log for log in traces.values() if log.text in texts)
    pks, days = [log.pk for log in logs], {log.date for log in logs}
    people = Participation.objects.filter(log__in=pks).order_by().values("volunteer")
    served = Participation.objects.standing().filter(volunteer__in=people)
    found.take_days(served.filter(date__in=days))
    nights = [log for log in logs if log.night_minutes > NIGHT_MINUTES]
    if nights:
        evenings = {day for log in nights for night, _minutes in log.nights() for day in (night, night + DAY)}
        out = ServiceLog.objects.standing().filter(township__in={log.township for log in nights}, date__in=evenings)
        found.take_nights(_traces(out.order_by().values_list(*FIELDS)))
    for year in sorted({day.year for day in days if day.month == 12}):
        found.take_decembers(year, served)
    return found


def townships(logs: QuerySet[ServiceLog]) -> Iterator[tuple[list[Trace], Neighbours]]:
    """Yield the standing ``logs`` of one township after the other, with what stands around them."""
    standing = ServiceLog.objects.standing().order_by()
    span = logs.order_by().aggregate(first=Min("date"), last=Max("date"))
    if span["first"] is None:
        return
    near = standing.filter(date__range=(span["first"] - NEAR, span["last"] + NEAR))
    far = standing.filter(date__range=(span["first"] - FAR, span["last"] + FAR), text_key__isnull=False)
    whole, holdings = Neighbours(), TownshipSettings.by_township()
    repeated = far.values("text_key").annotate(count=Count("pk")).filter(count__gt=1)
    whole.take_texts(_traces(far.filter(text_key__in=repeated.values("text_key")).values_list(*FIELDS)))
    served = Participation.objects.standing()
    whole.take_days(served.filter(date__range=(span["first"], span["last"])))
    for year in range(span["first"].year, span["last"].year + 1):
        if span["first"] <= date(year, 12, 31) and span["last"] >= date(year, 12, 1):
            whole.take_decembers(year, served)
    for township in sorted(set(logs.order_by().values_list("township", flat=True).distinct())):
        traces = list(_traces(near.filter(township=township).values_list(*FIELDS)))
        judged = set(logs.order_by().filter(township=township).values_list("pk", flat=True))
        here = Neighbours(holdings)
        here.texts, here.days, here.years = whole.texts, whole.days, whole.years
        here.take_teams(traces)
        here.take_nights(traces)
        yield [log for log in traces if log.pk in judged], here


def _team_logs(teams: set[int], logs: Sequence[Trace]) -> QuerySet[Any, Any]:
    first, last = min(log.date for log in logs), max(log.date for log in logs)
    near = ServiceLog.objects.standing().filter(team__in=teams, date__range=(first - NEAR, last + NEAR))
    return near.order_by().values_list(*FIELDS)


def _text_logs(text: int, logs: Sequence[Trace]) -> QuerySet[Any, Any]:
    """Return the logs of a text on the days around those of ``logs``, of the latest days no more than are looked at."""
    days = [log.date for log in logs if log.text == text]
    same = ServiceLog.objects.standing().filter(text_key=text, date__range=(min(days) - FAR, max(days) + FAR))
    latest = same.order_by("-date", "-id").values("pk")[: TEXT_LOGS + len(days)]
    return ServiceLog.objects.filter(pk__in=latest).order_by().values_list(*FIELDS)


def _traces(rows: QuerySet[Any, Any]) -> Iterator[Trace]:
    return (Trace(*row) for row in rows.iterator(chunk_size=5_000))


def _parts(which: Q) -> Iterator[tuple[int, date, int, int, Written]]:
    """Yield of the participations in standing logs: volunteer, day, log, minutes, and when that log was written."""
    rows = Participation.objects.standing().filter(which).order_by()
    for volunteer, day, log, minutes, recorded_at, changed_at in rows.values_list(
        "volunteer", "date", "log", "minutes", "log__recorded_at", "log__changed_at"
    ):
        yield volunteer, day, log, minutes, (changed_at or recorded_at, log)
