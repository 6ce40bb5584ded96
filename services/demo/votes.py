"""The votes of the year: most households tick 满意, a few volunteers miss the 80 %, some grids have not voted yet."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from random import Random

from services.demo.teams import DemoTeam, Place

TALLY_FIELDS = (
    "id", "round_id", "grid_id", "volunteer_id", "satisfied", "fairly_satisfied", "dissatisfied", "unknown",
)  # fmt: skip


def tallies(place: Place, round_pk: int, year: int, keys: count, random: Random) -> Iterator[tuple]:
    """Yield the counts of every grid that has voted in the order of ``TALLY_FIELDS``: one ballot marks everybody."""
    for team in place.teams:
        if _votes(team, year) and random.random() < 0.93:
            ballots = round(team.households * random.uniform(0.45, 0.9))
            for member in team.members:
                if member.left is None:
                    counts = _counts(ballots, random)
                    yield next(keys), round_pk, team.grid, member.person.pk, *counts


def _votes(team: DemoTeam, year: int) -> bool:
    return team.state == "active" and team.activated is not None and team.activated <= date(year, 12, 31)


def _counts(ballots: int, random: Random) -> tuple[int, int, int, int]:
    """Return satisfied, fairly satisfied, dissatisfied and unknown, which add up to ``ballots``."""
    unknown = round(ballots * random.uniform(0, 0.22))
    valid = ballots - unknown
    satisfied = round(valid * min(1.0, random.gauss(0.9, 0.075)))
    dissatisfied = round((valid - satisfied) * random.uniform(0, 0.4))
    return satisfied, valid - satisfied - dissatisfied, dissatisfied, unknown
