"""Who of a team did how much: services and minutes of this month, this year and the last twelve months.

Counted are all services with the team that stand, whether or not their month has been read: it is about the load.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Aggregate, Count, Q, Sum

from common.months import month_after
from grids.models import Team
from services.domain.month import first_day, last_day
from services.models import Participation

# The names of the spans, the longest last; a year's part never lies outside of the twelve months.
SPANS = ("month", "year", "twelve")


@dataclass(frozen=True)
class Done:
    """Services and the minutes in them."""

    services: int = 0
    minutes: int = 0

    def __add__(self, other: "Done") -> "Done":
        """Add up."""
        return Done(self.services + other.services, self.minutes + other.minutes)


Load = dict[str, Done]
NOTHING: Load = dict.fromkeys(SPANS, Done())


def first_days(day: date) -> dict[str, date]:
    """Return on which day each of the spans that end with the month of ``day`` begins."""
    return {"month": first_day(day), "year": date(day.year, 1, 1), "twelve": month_after(day, -11)}


def loads_of(team: Team, day: date) -> dict[int, Load]:
    """Return what everybody did with the team, by the volunteer's key, in one query; who did nothing is not there."""
    first = first_days(day)
    parts = Participation.objects.standing().filter(log__team=team, log__date__range=(first["twelve"], last_day(day)))
    sums: dict[str, Aggregate] = {}
    for span in SPANS:
        within = Q(date__gte=first[span])
        sums |= {f"{span}_services": Count("pk", filter=within), f"{span}_minutes": Sum("minutes", filter=within)}
    rows: Any = parts.order_by().values("volunteer").annotate(**sums)
    return {
        row["volunteer"]: {span: Done(row[f"{span}_services"], row[f"{span}_minutes"] or 0) for span in SPANS}
        for row in rows
    }


def bearers_of_half(minutes: Collection[int]) -> int:
    """Return how few people did at least half of all the minutes; 0 where nobody did anything."""
    half, borne = sum(minutes) / 2, 0
    for number, each in enumerate(sorted(minutes, reverse=True), start=1):
        borne += each
        if borne >= half and borne:
            return number
    return 0
