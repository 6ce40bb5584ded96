"""How many volunteers there are of each kind among those that a list has found, and how many are new."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F
from django.db.models.functions import TruncMonth

from volunteers.models import Volunteer
from volunteers.models.volunteer import VolunteerQuerySet

Status = Volunteer.Status
MONTHS = 12


@dataclass(frozen=True)
class Counts:
    """The volunteers by the keys of townships and skill types and by kinds of unit; who has two skills counts twice."""

    by_township: dict[int, int]
    by_skill: dict[int, int]
    by_unit_kind: dict[str, int]


def counts_of(found: VolunteerQuerySet) -> Counts:
    """Count in two questions, whatever was found and however many they are."""
    by_township: dict[int, int] = {}
    by_skill: dict[int, int] = {}
    by_unit_kind: dict[str, int] = {}
    groups = found.order_by().values_list("township", "primary_skill", "unit_kind").annotate(people=Count("pk"))
    for township, skill, unit_kind, people in groups:
        by_township[township] = by_township.get(township, 0) + people
        by_skill[skill] = by_skill.get(skill, 0) + people
        by_unit_kind[unit_kind] = by_unit_kind.get(unit_kind, 0) + people
    further = Volunteer.further_skills.through.objects.filter(volunteer__in=found.order_by().values("pk"))
    others = further.exclude(skilltype=F("volunteer__primary_skill"))
    for skill, people in others.order_by().values_list("skilltype").annotate(people=Count("pk")):
        by_skill[skill] = by_skill.get(skill, 0) + people
    return Counts(by_township, by_skill, by_unit_kind)


def months_until(day: date) -> list[date]:
    """Return the first days of the twelve months that end with that of ``day``."""
    last = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]


def new_by_month(found: VolunteerQuerySet, months: list[date]) -> dict[date, int]:
    """Count who joined in each of the months; applicants and whoever was turned down joined nothing."""
    joined = found.that_joined().filter(joined_on__gte=months[0]).order_by()
    by_month = joined.annotate(month=TruncMonth("joined_on")).values_list("month").annotate(people=Count("pk"))
    return dict(by_month)
