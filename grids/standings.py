"""Who is in which team now, for many teams in one question."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from grids.models import Membership


@dataclass
class Standing:
    """Who is in a team now: its leader's name, how many they are, their primary skill types."""

    leader: str = ""
    count: int = 0
    skills: set[int] = field(default_factory=set)


def standings(teams: Iterable[Any]) -> dict[int, Standing]:
    """Return the standing of each team (or team's key) by its key, in one query; an empty one where nobody is in it."""
    found: dict[int, Standing] = defaultdict(Standing)
    members = Membership.objects.current().filter(team__in=teams).order_by()
    for team, role, name, skill in members.values_list(
        "team_id", "role", "volunteer__name", "volunteer__primary_skill_id"
    ):
        standing = found[team]
        standing.count += 1
        standing.skills.add(skill)
        if role == Membership.Role.LEADER:
            standing.leader = name
    return found
