"""A township's question as the database has it: who is free, who is where, and what a team must satisfy there."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Sum
from django.db.models.functions import Coalesce

from areas.models import TownshipSettings, Village
from grids.composing.problem import Mode, Person, Place, Problem, Rule, Seat
from grids.models import Grid, Team
from grids.models.grid import GridQuerySet
from volunteers.models import SkillType, Volunteer


def problem_of(grids: GridQuerySet, *, mode: Mode, locked: Iterable[Seat] = (), barred: Iterable[Seat] = ()) -> Problem:
    """Return the question of ``grids``, those in use of one township, in a constant number of queries.

    People are the township's free volunteers and the members of the grids' teams. ``ValueError`` for grids of several
    townships: they are composed one by one.
    """
    own: Any = grids.in_use().order_by("pk")
    rows = list(own.values_list("pk", "village_id", "households", "village__township_id"))
    townships = {township for *_, township in rows}
    if len(townships) > 1:
        raise ValueError("Teams are composed township by township.")
    teams = dict(Team.objects.standing().filter(grid__in=[pk for pk, *_ in rows]).values_list("grid_id", "pk"))
    places = tuple(Place(pk, village, households, teams.get(pk)) for pk, village, households, _ in rows)
    skills = tuple(SkillType.objects.in_use().values_list("pk", flat=True))
    if not townships:
        return Problem((), (), mode=mode, locked=frozenset(locked), barred=frozenset(barred), skills=skills)
    township = townships.pop()
    people = _people(township, {place.grid for place in places})
    return Problem(
        people=people,
        places=places,
        rule=rule_of(township),
        near=dict(Village.objects.filter(township=township).values_list("pk", "district")),
        locked=frozenset(locked),
        barred=frozenset(barred),
        mode=mode,
        skills=skills,
        fair_seats=_fair_seats(township, places, sum(1 for person in people if person.grid is None)),
    )


def rule_of(township: int) -> Rule:
    """Return what a team of the township satisfies."""
    return Rule(settings.TEAM_MIN_MEMBERS, settings.TEAM_MAX_MEMBERS, TownshipSettings.of(township).least_skill_types)


def _people(township: int, grids: set[int]) -> tuple[Person, ...]:
    """Return the township's volunteers who are free or in a team of one of ``grids``."""
    volunteers = Volunteer.objects.filter(township=township).active().persons()
    attendances: Any = Volunteer.attendances.rel.related_model
    records = Volunteer.objects.filter(merged_into=OuterRef("pk"), attendances__isnull=False)
    is_trained = Exists(attendances.objects.filter(volunteer=OuterRef("pk"))) | Exists(records)
    rows = (
        volunteers.with_present_membership()
        .annotate(seat=F("present__team__grid"), part=F("present__role"), trained=is_trained)
        .order_by("pk")
        .values_list("pk", "primary_skill_id", "village_id", "seat", "part", "trained")
    )
    minutes = dict(
        Volunteer.objects.filter(township=township, volunteeryears__isnull=False)
        .order_by()
        .values_list(Coalesce("merged_into", "pk"))
        .annotate(minutes=Sum("volunteeryears__minutes"))
    )
    return tuple(
        Person(pk, skill, village, minutes.get(pk, 0), trained, grid, role or "")
        for pk, skill, village, grid, role, trained in rows
        if grid is None or grid in grids
    )


def _fair_seats(township: int, places: tuple[Place, ...], free: int) -> int | None:
    """Return the share of the free people that these grids may take, by households of the grids without a team."""
    uncovered = dict(Grid.objects.filter(village__township=township).uncovered().values_list("pk", "households"))
    own = sum(uncovered.pop(place.grid, 0) for place in places)
    others = sum(uncovered.values())
    return None if not others else -(-free * own // (own + others))
