"""What is asked of the composing of teams, and what it answers: plain values, keys instead of records."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Mode = Literal["propose", "repair"]
Seat = tuple[int, int]  # a person's key and a grid's

# From so much service on, ten hours, somebody may be asked to lead without having been trained.
LEADS_FROM_MINUTES = 600
LEADING_ROLES = ("leader", "deputy")


@dataclass(frozen=True, slots=True)
class Person:
    """A volunteer who serves: ``grid`` is where they are in a team now (None: in none), ``role`` what they are there.

    ``skill`` and ``village`` are keys of the primary skill type and the home village; ``experience`` is in minutes.
    """

    pk: int
    skill: int
    village: int
    experience: int = 0
    is_trained: bool = False
    grid: int | None = None
    role: str = ""

    @property
    def can_lead(self) -> bool:
        """Whether they are a candidate: they lead or are deputy now, were trained, or have served for ten hours."""
        return self.is_trained or self.experience >= LEADS_FROM_MINUTES or self.role in LEADING_ROLES


@dataclass(frozen=True, slots=True)
class Place:
    """A grid that a team is wanted for; ``team`` is the key of the one that stands there now."""

    grid: int
    village: int
    households: int
    team: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What a team satisfies: how many members, and how many different primary skill types."""

    least: int = 3
    most: int = 10
    least_skills: int = 3


@dataclass(frozen=True)
class Problem:
    """One township's question.

    ``people`` are the free volunteers and the members of the places' teams, each with their present ``grid``.

    ``mode``: *propose* seats free people; members stay where they are, and a team that is complete already (enough
    members and skill types) stays as it is. *repair* may move everybody, and moves as few as possible.

    ``near`` says which district (片区) a village belongs to; a village that is not in it, or whose district is empty,
    is near to no other.
    ``locked`` people must be in that grid, ``barred`` ones must not; a lock or bar on a member opens a complete team.
    ``skills`` are the types that a volunteer who is still to be found may have, in the order of the pages.
    ``fair_seats`` is how many people *propose* seats: a grid that asks alone takes its share of the free people, not
    all of them. None: everybody for whom there is room. More are seated where the rule needs more.
    """

    people: tuple[Person, ...]
    places: tuple[Place, ...]
    rule: Rule = Rule()
    near: Mapping[int, str] = field(default_factory=dict)
    locked: frozenset[Seat] = frozenset()
    barred: frozenset[Seat] = frozenset()
    mode: Mode = "propose"
    skills: tuple[int, ...] = ()
    fair_seats: int | None = None


@dataclass(frozen=True, slots=True)
class Shortage:
    """What the team of ``grid`` lacks in the plan.

    ``kind``:

    * ``skills``: ``count`` (1) further volunteer of the type ``skill``. ``is_choice``: another type that the team has
      not yet would do as well; the one named is that of which the township has fewest people.
    * ``members``: ``count`` further volunteers of any type.
    * ``full``: ``count`` types are missing and the team is full, or it has ``count`` members too many (in *propose*,
      where its members stay: repair it); or fewer skill types exist than the rule asks for. No further volunteer can
      put that right.
    * ``leader``: nobody of the team was trained or has experience; somebody is proposed all the same. The team is
      served nevertheless.

    ``skills`` and ``members`` together are the least number of further volunteers with whom every grid could be served;
    this number is unique, which types and which grids they are for mostly is not.
    """

    grid: int
    kind: Literal["members", "skills", "full", "leader"]
    skill: int | None
    count: int
    is_choice: bool = False


@dataclass(frozen=True)
class Solution:
    """The plan: who sits where, and how good it is.

    ``seats`` holds everybody who is in a team in the plan, also those who stay; ``leaders`` one for each team that has
    anybody in it. ``served`` are the grids whose team satisfies the rule.

    ``is_proven``: there is no better plan in any of the aims (``grids.composing.aims``). Else ``gap`` says how far, at
    most, the first aim that was not finished is from the best, as a share of it (0.02: two per cent); 1.0 where
    nothing is known of it.
    ``solver_seconds`` is the part of ``seconds`` that was spent in HiGHS.
    ``moves``: people whose seat differs from today's: who leaves, joins, or changes teams, each counts once.

    ``reasons`` are codes for each person of ``seats`` and for each who loses a seat:

    * one of ``stays``, ``joins`` (was in no team), ``moves`` (from another grid's), ``leaves`` (in no team any more);
    * ``locked``: an officer wanted it;
    * one of ``home`` (lives in the grid's village), ``near`` (in the same district), ``far`` (elsewhere);
    * ``only_skill``: the only one of their primary skill type in this team;
    * for the leader ``leads`` and one of ``role`` (leads or is deputy there now), ``trained``, ``experienced`` (the
      most minutes), ``somebody`` (nobody of the team is a candidate).
    """

    seats: dict[int, int]
    leaders: dict[int, int]
    served: frozenset[int]
    is_proven: bool
    gap: float
    seconds: float
    solver_seconds: float
    unmet: tuple[Shortage, ...]
    moves: int
    reasons: dict[int, tuple[str, ...]]

    @property
    def further_needed(self) -> dict[int | None, int]:
        """How many further volunteers are missing altogether, by skill type; None counts those of any type.

        「大荆镇还缺12名医疗服务型义工」: with so many more, every grid could be served.
        """
        found: Counter[int | None] = Counter()
        for each in self.unmet:
            if each.kind in ("skills", "members"):
                found[each.skill] += each.count
        return dict(found)


class Conflict(Exception):  # noqa: N818 (it names an answer, not a fault)
    """The locks cannot hold together. ``locks`` is a smallest set that cannot: without any one of them it could.

    ``rule``:

    * ``person``, ``grid``: the person or the grid of a lock is not part of the question (any more);
    * ``one_team``: one person is locked into several grids;
    * ``barred``: a person is locked into a grid that they are barred from;
    * ``most``: more people than a team has members are locked into ``grid``;
    * ``skills``: with these locked there is no room left for as many skill types as the rule asks for;
    * ``full``: the members of ``grid`` stay where they are (*propose*), and beside them there is no room.
    """

    def __init__(self, rule: str, locks: frozenset[Seat], grid: int | None = None) -> None:
        """Name the rule, the locks, and the grid where it is about one."""
        super().__init__(rule)
        self.rule, self.locks, self.grid = rule, locks, grid


class Cancelled(Exception):  # noqa: N818 (somebody wanted it)
    """``is_cancelled`` said so while the programme was being solved: there is no plan."""
