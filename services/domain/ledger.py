"""台账: what a volunteer or a team did in a year, month by month: what counts, what is not read yet, what is missing.

What counts comes from the roll-ups; what waits, and who only helped, from the participations themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from accounts.models import User
from grids.models import Membership, Team
from services.domain.month import months
from services.domain.recognition import lifetime
from services.models import (
    MonthlyReport,
    Participation,
    RecognitionRound,
    ServiceLog,
    VolunteerMonth,
    VolunteerYear,
)
from volunteers.models import Volunteer


@dataclass(frozen=True)
class Line:
    """Services and minutes that count and that wait to be read; of all these, how often as a helper.

    ``unseen`` are services among them whose logs the reader does not see: another township's, another team's.
    """

    services: int = 0
    minutes: int = 0
    waiting_services: int = 0
    waiting_minutes: int = 0
    helped: int = 0
    unseen: int = 0

    def __add__(self, other: "Line") -> "Line":
        """Add up."""
        return Line(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    def short_of(self, terms: RecognitionRound) -> tuple[int, int]:
        """Return how many counted minutes and services are missing to the terms, 0 for what is reached."""
        return max(0, terms.min_minutes - self.minutes), max(0, terms.min_services - self.services)


@dataclass(frozen=True)
class Ledger:
    """A year: its months in their order, their sum, the year's terms, and what counts of all years until then."""

    year: int
    by_month: dict[date, Line]
    terms: RecognitionRound
    lifetime_services: int
    lifetime_minutes: int

    @property
    def total(self) -> Line:
        """The whole year."""
        return sum(self.by_month.values(), Line())


@dataclass(frozen=True)
class Person:
    """One volunteer's year with a team, and in all teams.

    ``is_visible``: whether the reader sees their record; ``is_in_reach``: whether a list may be narrowed to them.
    """

    volunteer: Volunteer
    is_member: bool
    is_visible: bool
    is_in_reach: bool
    here: Line
    everywhere: Line


def terms_of(year: int) -> RecognitionRound:
    """Return the year's round, or one that is not stored with the programme's terms."""
    return RecognitionRound.objects.filter(year=year).first() or RecognitionRound(year=year)


def volunteer_ledger(volunteer: Volunteer, year: int, reader: User) -> Ledger:
    """Return the volunteer's year with all teams; ``reader`` decides which of the services can be looked at."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    records = volunteer.records
    parts = Participation.objects.standing().filter(volunteer__in=records, date__range=(first, last)).order_by()
    counted = VolunteerMonth.objects.filter(volunteer__in=records, month__range=(first, last))
    unseen: dict[date, int] = {}
    if not reader.is_city_wide:
        hidden = parts.exclude(log__in=ServiceLog.objects.visible_to(reader))
        unseen = dict(_by_month(hidden).annotate(Count("pk")).values_list("month", "pk__count"))
    lines = {
        month: replace(line, unseen=unseen.get(month, 0))
        for month, line in _lines("month", counted, _by_month(parts)).items()
    }
    ever = lifetime(volunteer.pk, year)
    return Ledger(year, _whole_year(year, lines), terms_of(year), ever["services"], ever["minutes"])


def team_ledger(team: Team, year: int) -> Ledger:
    """Return the team's year: its services, and the person-minutes of everybody in them; who helped is theirs alone."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    logs = ServiceLog.objects.standing().filter(team=team, date__range=(first, last)).order_by()
    is_read = Q(report__state=MonthlyReport.State.READ)
    lines: defaultdict[date, Line] = defaultdict(Line)
    for month, read, waiting in (
        logs.annotate(month=TruncMonth("date"))
        .values("month")
        .annotate(read=Count("pk", filter=is_read), waiting=Count("pk", filter=~is_read))
        .values_list("month", "read", "waiting")
    ):
        lines[month] += Line(services=read, waiting_services=waiting)
    for month, minutes in _minutes_of(team, first, last):
        lines[month] += Line(minutes=minutes)
    waiting_parts = _by_month(_parts_of(team, first, last).filter(counted=False)).annotate(Sum("minutes"))
    for month, minutes in waiting_parts.values_list("month", "minutes__sum"):
        lines[month] += Line(waiting_minutes=minutes)
    ever = ServiceLog.objects.counted().filter(team=team, date__lte=last).order_by()
    minutes = sum(minutes for _month, minutes in _minutes_of(team, team.formed_on, last))
    return Ledger(year, _whole_year(year, lines), terms_of(year), ever.count(), minutes)


def people_of(team: Team, year: int, reader: User) -> list[Person]:
    """Return the team's present members, also without any service, then whoever else served with it in the year."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    counted = VolunteerMonth.objects.filter(team=team, month__in=list(months(first, last)))
    here = _lines("volunteer", counted, _parts_of(team, first, last).values("volunteer"))
    members = set(Membership.objects.current().filter(team=team).values_list("volunteer", flat=True))
    people = Volunteer.objects.filter(pk__in=members | set(here)).order_by("name_pinyin", "id")
    in_all = VolunteerYear.objects.filter(volunteer__in=people.order_by().values("pk"), year=year)
    waiting = Participation.objects.standing().filter(
        volunteer__in=people.order_by().values("pk"), date__range=(first, last)
    )
    everywhere = _lines("volunteer", in_all, waiting.order_by().values("volunteer"))
    visible = set(Volunteer.objects.visible_to(reader).filter(pk__in=members | set(here)).values_list("pk", flat=True))
    nothing = Line()
    rows = [
        Person(
            volunteer=person,
            is_member=person.pk in members,
            is_visible=person.pk in visible,
            is_in_reach=reader.is_city_wide or person.township_id in reader.township_ids,
            here=here.get(person.pk, nothing),
            everywhere=everywhere.get(person.pk, nothing),
        )
        for person in people.only("name", "number", "township_id")
    ]
    return sorted(rows, key=lambda row: not row.is_member)


def _lines(key: str, counted: QuerySet[Any], parts: QuerySet[Any, Any]) -> dict[Any, Line]:
    """Put together what the roll-up has counted and what the participations, grouped by ``key``, say beyond that."""
    lines: defaultdict[Any, Line] = defaultdict(Line)
    sums = counted.order_by().values(key).annotate(Sum("services"), Sum("minutes"))
    for value, services, minutes in sums.values_list(key, "services__sum", "minutes__sum"):
        lines[value] += Line(services=services, minutes=minutes)
    waits = Q(counted=False)
    found = parts.annotate(
        waiting=Count("pk", filter=waits),
        time=Sum("minutes", filter=waits),
        helps=Count("pk", filter=Q(is_helper=True)),
    )
    for value, waiting, time, helps in found.values_list(key, "waiting", "time", "helps"):
        lines[value] += Line(waiting_services=waiting, waiting_minutes=time or 0, helped=helps)
    return lines


def _by_month(parts: QuerySet[Participation]) -> QuerySet[Any, Any]:
    return parts.annotate(month=TruncMonth("date")).values("month")


def _parts_of(team: Team, first: date, last: date) -> QuerySet[Participation]:
    """Return who took part in the team's services: by its logs, whose index begins with the team."""
    logs = Participation.objects.standing().filter(log__team=team, log__date__range=(first, last))
    return logs.order_by()


def _minutes_of(team: Team, first: date, last: date) -> Iterable[tuple[date, int]]:
    """Return the team's counted person-minutes by month: the roll-up's index begins with the month."""
    counted = VolunteerMonth.objects.filter(team=team, month__in=list(months(first, last))).order_by()
    return counted.values("month").annotate(Sum("minutes")).values_list("month", "minutes__sum")


def _whole_year(year: int, lines: Mapping[date, Line]) -> dict[date, Line]:
    return {month: lines.get(month, Line()) for month in months(date(year, 1, 1), date(year, 12, 1))}
