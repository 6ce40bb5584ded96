"""The programme's figures for a period: counted from the logs of read months, and the same from the roll-ups.

``from_rollups`` is what the dashboard shows; ``live`` counts the records themselves and proves it. Persons are
counted once each, person-times once a service. Minutes are person-minutes. Figures of what stands today (teams, grids,
volunteers, months due) are querysets: the figure is their count, and the page links to the same rows.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from accounts.models import User
from areas.models import Township
from grids.models import Grid, Team
from grids.models.team import TeamQuerySet
from services.models import (
    Participation,
    ServiceLog,
    TownshipMonth,
    VolunteerMonth,
    VolunteerYear,
)
from services.models.report import MonthlyReportQuerySet
from volunteers.homes import homes_on
from volunteers.models import Volunteer

FIRST_YEAR = 2009


@dataclass(frozen=True)
class Period:
    """A calendar year, or one month of it."""

    year: int
    month: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``2026`` or ``2026-07``. Raises ``ValueError`` for anything else, and for years without a programme."""
        year, dash, month = text.partition("-")
        if not (text.isascii() and year.isdecimal() and len(year) == 4 and (not dash or month.isdecimal())):
            raise ValueError(text)
        period = cls(int(year), int(month) if dash else None)
        if not FIRST_YEAR <= period.year <= timezone.localdate().year or period.month not in {None, *range(1, 13)}:
            raise ValueError(text)
        return period

    def __str__(self) -> str:
        """Print the period as the address has it: ``2026`` or ``2026-07``."""
        return f"{self.year}" if self.month is None else f"{self.year}-{self.month:02}"

    @property
    def label(self) -> str:
        """The period in the reader's language."""
        if self.month is None:
            return date_format(self.first, gettext("Y"))
        return date_format(self.first, "YEAR_MONTH_FORMAT")

    @property
    def first(self) -> date:
        """The first day."""
        return date(self.year, self.month or 1, 1)

    @property
    def last(self) -> date:
        """The last day."""
        return _next_month(date(self.year, self.month or 12, 1)) - timedelta(days=1)


@dataclass(frozen=True)
class Totals:
    """Counted services of some kind or place: logs, people served, person-times and person-minutes."""

    logs: int = 0
    people_served: int = 0
    person_times: int = 0
    minutes: int = 0


@dataclass(frozen=True)
class Figures:
    """The counted services of a period, in all and by category, month and township (by their keys)."""

    total: Totals
    persons: int
    by_category: dict[int, Totals]
    by_month: dict[date, Totals]
    by_township: dict[int, Totals]
    persons_by_township: dict[int, int]


@dataclass(frozen=True)
class Standing:
    """What stands today: active volunteers and teams, silent teams, grids with and without an active team."""

    volunteers: int
    teams: int
    silent: int
    covered: int
    uncovered: int


def standing(user: User, township: Township | None = None) -> Standing:
    """Count what stands today, as far as ``user`` sees it, in one township where one is given."""
    volunteers, teams, grids = (
        Volunteer.objects.visible_to(user).active(),
        Team.objects.visible_to(user),
        Grid.objects.visible_to(user),
    )
    if township:
        volunteers, teams = volunteers.filter(township=township), teams.filter(township=township)
        grids = grids.filter(village__township=township)
    uncovered = grids.uncovered().count()
    return Standing(
        volunteers=volunteers.count(),
        teams=teams.active().count(),
        silent=silent_teams(teams, timezone.localdate()).count(),
        covered=grids.in_use().count() - uncovered,
        uncovered=uncovered,
    )


def from_rollups(period: Period, township: Township | None = None) -> Figures:
    """Return the figures of ``period`` from the roll-ups: a handful of small aggregates."""
    rows = TownshipMonth.objects.filter(month__range=(period.first, period.last), logs__gt=0)
    if township:
        rows = rows.filter(township=township)
    if period.month is None:
        people: QuerySet[Any] = VolunteerYear.objects.filter(year=period.year, services__gt=0)
    else:
        people = VolunteerMonth.objects.filter(month=period.first, services__gt=0)

    def grouped(key: str) -> dict[Any, Totals]:
        sums = (
            rows.order_by()
            .values_list(key)
            .annotate(Sum("logs"), Sum("people_served"), Sum("participations"), Sum("minutes"))
        )
        return {value: Totals(*numbers) for value, *numbers in sorted(sums)}

    by_category = grouped("category")
    persons = _persons_by_township(people, township, period.last)
    return Figures(
        total=_sum(by_category),
        persons=sum(persons.values()),
        by_category=by_category,
        by_month=grouped("month"),
        by_township=grouped("township"),
        persons_by_township=persons,
    )


def live(period: Period, township: Township | None = None) -> Figures:
    """Return the figures of ``period`` counted from the logs and participations of read months: the proof."""
    logs = ServiceLog.objects.counted().between(period.first, period.last).annotate(month=TruncMonth("date"))
    served = Participation.objects.counted().filter(date__range=(period.first, period.last))
    parts = served.annotate(month=TruncMonth("date"), category=F("log__category"), township=F("log__township"))
    if township:
        logs, parts = logs.filter(township=township), parts.filter(township=township.pk)

    def grouped(key: str) -> dict[Any, Totals]:
        # Two aggregates, never one over a join: each log's people would be counted once a participant.
        of_logs = logs.order_by().values_list(key).annotate(Count("pk"), Sum("people_served"))
        of_parts = parts.order_by().values_list(key).annotate(Count("pk"), Sum("minutes"))
        person_times = {value: tuple(numbers) for value, *numbers in of_parts}
        return {value: Totals(*numbers, *person_times[value]) for value, *numbers in sorted(of_logs)}

    by_category = grouped("category")
    persons = _persons_by_township(served, township, period.last)
    return Figures(
        total=_sum(by_category),
        persons=sum(persons.values()),
        by_category=by_category,
        by_month=grouped("month"),
        by_township=grouped("township"),
        persons_by_township=persons,
    )


def silent_teams(teams: TeamQuerySet, today: date) -> TeamQuerySet:
    """Keep the active teams without a service for as many days as their township allows (久未服务的服务队).

    A team that became active within those days is given its time. Where no logs are kept, nobody is silent.
    """
    return teams.silent(today)


def due_in(reports: MonthlyReportQuerySet, period: Period) -> MonthlyReportQuerySet:
    """Keep the expected reports of the period's months that are over."""
    this_month = timezone.localdate().replace(day=1)
    return reports.expected().filter(month__range=(period.first, period.last), month__lt=this_month)


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _sum(parts: dict[Any, Totals]) -> Totals:
    return Totals(
        logs=sum(part.logs for part in parts.values()),
        people_served=sum(part.people_served for part in parts.values()),
        person_times=sum(part.person_times for part in parts.values()),
        minutes=sum(part.minutes for part in parts.values()),
    )


def _persons_by_township(rows: QuerySet[Any], township: Township | None, last: date) -> dict[int, int]:
    """Count the volunteers of each township (of one where it is given), as its list of volunteers has them.

    Whose township was merged into another after ``last``, the period's last day, counts where they belonged then.
    """
    home = homes_on(last)
    twice = _counted_twice(rows, home)
    rows = rows.annotate(home=home("volunteer"))
    if township:
        rows = rows.filter(home=township.pk)
    records = dict(rows.order_by().values_list("home").annotate(Count("volunteer", distinct=True)))
    townships = [township.pk] if township else sorted(records.keys() | twice.keys())
    persons = {pk: records.get(pk, 0) - twice[pk] for pk in townships}
    return {pk: count for pk, count in persons.items() if count}


def _counted_twice(rows: QuerySet[Any], home: Callable[[str], Any]) -> Counter[int]:
    """Return by how many each township's records outnumber its persons: one with two records counts where they live."""
    gone = set(
        rows.order_by()
        .filter(volunteer__merged_into__isnull=False)
        .annotate(home=home("volunteer"), persons_home=home("volunteer__merged_into"))
        .values_list("volunteer", "home", "volunteer__merged_into", "persons_home")
        .distinct()
    )
    twice: Counter[int] = Counter()
    if not gone:
        return twice
    kept = {person for _pk, _township, person, _lives_in in gone}
    there = set(rows.order_by().filter(volunteer__in=kept).values_list("volunteer", flat=True))
    for _pk, township, person, lives_in in gone:
        twice[township] += 1
        if person not in there:  # counts by this record alone, and in the township where the person lives
            there.add(person)
            twice[lives_in] -= 1
    return twice
