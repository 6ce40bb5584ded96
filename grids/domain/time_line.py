"""Who was in a team when, in which role, and what happened to it: read from the records, never stored twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from operator import attrgetter

from django.utils import timezone

from accounts.history import entries_of
from grids.models import Membership, Team

Role = Membership.Role


@dataclass(frozen=True)
class Spell:
    """Somebody's time in one role, both days included; ``last`` is None while it lasts."""

    role: str
    first: date
    last: date | None


class Kind(StrEnum):
    """What happened."""

    FORMED = "formed"
    ACTIVATED = "activated"
    FELL_BACK = "fell_back"
    DISSOLVED = "dissolved"
    JOINED = "joined"
    LEFT = "left"
    REPLACED = "replaced"
    ROLE = "role"


@dataclass(frozen=True)
class Happening:
    """One thing that happened to the team: whom it concerned, who came instead, and as what."""

    day: date
    kind: Kind
    who: str = ""
    successor: str = ""
    role: str = ""
    reason: str = ""


def stays_of(team: Team) -> list[Membership]:
    """Return everybody's times in the team with their changes of role, the first first; three questions."""
    stays = team.memberships.select_related("volunteer__primary_skill").prefetch_related("role_changes")
    return list(stays.order_by("joined_on", "pk"))


def spells_of(stay: Membership) -> list[Spell]:
    """Divide a membership by its roles; a role taken and lost within a day leaves nothing."""
    changes = [change for change in stay.role_changes.all() if stay.left_on is None or change.day <= stay.left_on]
    starts = {stay.joined_on: changes[0].before if changes else role_at_end(stay)}
    starts |= {max(stay.joined_on, change.day): change.after for change in changes}  # the day's last one
    spells: list[Spell] = []
    for day, role in starts.items():
        if spells and spells[-1].role == role:
            continue
        if spells:
            spells[-1] = replace(spells[-1], last=day - timedelta(days=1))
        spells.append(Spell(role, day, stay.left_on))
    return spells


def role_at_end(stay: Membership) -> str:
    """Return the role that somebody has, or had when they left: what was entered later is no longer theirs."""
    late = [change for change in stay.role_changes.all() if stay.left_on is not None and change.day > stay.left_on]
    return late[0].before if late else stay.role


def role_on(stay: Membership, day: date) -> str:
    """Return the role that a member had at the end of ``day``, on which they were in the team."""
    later = [change for change in stay.role_changes.all() if change.day > day]
    return later[0].before if later else stay.role


def in_team_on(stays: Sequence[Membership], day: date) -> list[Membership]:
    """Return who was in the team on ``day``, as ``Membership.objects.on`` finds them, the leader first."""
    there = [stay for stay in stays if stay.joined_on <= day and (stay.left_on is None or stay.left_on >= day)]
    order = list(Role.values)
    return sorted(there, key=lambda stay: (order.index(role_on(stay, day)), stay.joined_on, stay.pk))


def happenings_of(team: Team, stays: Sequence[Membership]) -> list[Happening]:
    """Tell what happened to the team, the latest first. An exchange is one thing, not a departure and an arrival."""
    by_pk = {stay.pk: stay for stay in stays}
    newcomers = {stay.replaced_by_id for stay in stays}
    told = [Happening(team.formed_on, Kind.FORMED)]
    for stay in stays:
        who = stay.volunteer.name
        if stay.pk not in newcomers:
            told.append(Happening(stay.joined_on, Kind.JOINED, who, role=spells_of(stay)[0].role))
        told += [
            Happening(change.day, Kind.ROLE, who, role=change.after)
            for change in stay.role_changes.all()
            if stay.left_on is None or change.day <= stay.left_on
        ]
        if stay.left_on is not None:
            successor = by_pk.get(stay.replaced_by_id or 0)
            told.append(
                Happening(stay.left_on, Kind.REPLACED, who, successor.volunteer.name, reason=stay.reason)
                if successor
                else Happening(stay.left_on, Kind.LEFT, who, reason=stay.reason)
            )
    told += _states_of(team)
    if team.dissolved_on is not None:
        told.append(Happening(team.dissolved_on, Kind.DISSOLVED))
    return sorted(told, key=attrgetter("day"))[::-1]


def _states_of(team: Team) -> list[Happening]:
    """Tell when the team became active and when it fell back to forming, from the trail.

    The team itself says only since when it has been active. It falls back when a member is entered as gone.
    """
    told = []
    for at, said in entries_of(team).filter(changes__has_key="state").values_list("timestamp", "changes"):
        state, since = said["state"][1], (said.get("activated_on") or [None, None])[1]
        if state == Team.State.ACTIVE and since not in (None, "None"):
            told.append(Happening(date.fromisoformat(since), Kind.ACTIVATED))
        elif state == Team.State.FORMING and said["state"][0] == Team.State.ACTIVE:
            told.append(Happening(timezone.localtime(at).date(), Kind.FELL_BACK))
    activated = {each.day for each in told if each.kind is Kind.ACTIVATED}
    if team.activated_on is not None and team.activated_on not in activated:
        told.append(Happening(team.activated_on, Kind.ACTIVATED))
    return told
