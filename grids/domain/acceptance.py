"""A proposal is accepted, for one grid or for all: what it rests on is looked at again, then the teams change.

Grids between which somebody moves belong together: they are accepted together or not at all. Locks are taken in the
order composition, grids, teams, volunteers, each by key; then every group of grids is done in a savepoint of its own.
Members leave before others join, and the rule is looked at when all have: in between a chain of moves may break it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from common.wording import sentences
from grids.domain.composition import locked_standing
from grids.domain.composition_count import recount
from grids.domain.rule import members_of, missing_for_activation, require_rule
from grids.domain.team import activate_team, add_member, choose_leader, form_team, take_out
from grids.models import Composition, CompositionPart, Grid, Membership, ProposedSeat, ProposedTeam, Team
from volunteers.models import Volunteer

# So many people join teams in one step at the most; a township has fewer.
MOST_JOINING = 1_000
Members = dict[int, dict[int, Membership]]


@dataclass
class Accepted:
    """What became of an acceptance: how many teams changed, and why others were left as they are."""

    teams: int = 0
    refused: list[str] = field(default_factory=list)


@dataclass
class Group:
    """Grids between which somebody moves, with the seats of whoever is in one of them today or then."""

    teams: list[ProposedTeam]
    seats: list[ProposedSeat]


@event
def accept_composition(
    composition: Composition,
    *,
    version: int,
    by: User,
    team: ProposedTeam | None = None,
    part: CompositionPart | None = None,
    only_standing: bool = False,
) -> Accepted:
    """Let the teams become what is proposed: for one grid (``team``) with what hangs together with it, a part, or all.

    What has changed since is refused with names. With ``only_standing`` the rest is accepted all the same.
    """
    composition = locked_standing(composition, version=version)
    parts = list(composition.parts.filter(state=CompositionPart.State.SOLVED, changed__gt=0).order_by("pk"))
    if team is not None:
        part = team.part
    if part is not None:
        parts = [each for each in parts if each.pk == part.pk]
    groups = [group for each in parts for group in groups_of(each) if team is None or team in group.teams]
    if not groups:
        raise RuleBroken(_("There is nothing to accept here: the teams stand as they are proposed."))
    _require_few(groups)
    members = _lock(groups)
    outcome = Accepted()
    for group in groups:
        try:
            with transaction.atomic():
                _accept(group, members, by)
        except RuleBroken as broken:
            outcome.refused.append(str(broken.message))
        else:
            outcome.teams += len(group.teams)
    if outcome.refused and not (only_standing and outcome.teams):
        raise RuleBroken(_refusal(outcome.refused, others=outcome.teams > 0), code="changed")
    for each in parts:
        recount(each)
    still = composition.parts.filter(state=CompositionPart.State.SOLVED, changed__gt=0).exists()
    still = still or composition.parts.exclude(state=CompositionPart.State.SOLVED).exists()
    composition.state = Composition.State.PARTLY if still else Composition.State.ACCEPTED
    composition.save()
    return outcome


def groups_of(part: CompositionPart) -> list[Group]:
    """Return the grids of the part that change and were not accepted yet, those that hang together as one group."""
    seats = [
        seat
        for seat in part.seats.select_related("volunteer").order_by("pk")
        if seat.grid_id is not None or seat.from_grid_id is not None
    ]
    first: dict[int, int] = {}

    def root(grid: int) -> int:
        while first.setdefault(grid, grid) != grid:
            first[grid] = first[first[grid]]
            grid = first[grid]
        return grid

    for seat in seats:
        if seat.grid_id is not None and seat.from_grid_id is not None:
            first[root(seat.grid_id)] = root(seat.from_grid_id)
    groups: dict[int, Group] = defaultdict(lambda: Group([], []))
    for team in part.teams.select_related("grid__village", "team", "part").order_by("grid"):
        groups[root(team.grid_id)].teams.append(team)
    for seat in seats:
        grid = seat.grid_id or seat.from_grid_id
        if grid is not None:
            groups[root(grid)].seats.append(seat)
    return [
        group
        for group in groups.values()
        if any(team.is_changed for team in group.teams) and all(team.accepted_at is None for team in group.teams)
    ]


def _require_few(groups: Iterable[Group]) -> None:
    joining = sum(seat.changes and seat.grid_id is not None for group in groups for seat in group.seats)
    if joining > MOST_JOINING:
        raise RuleBroken(
            _("%(count)d people would join teams at once; at most %(most)d can. Accept township by township.")
            % {"count": joining, "most": MOST_JOINING}
        )


def _lock(groups: Collection[Group]) -> Members:
    """Lock grids, teams and people, each in the order of their keys; return who is in which of the teams now."""
    grids = [team.grid_id for group in groups for team in group.teams]
    list(Grid.objects.filter(pk__in=grids).order_by("pk").select_for_update(of=("self",), no_key=True))
    teams = Team.objects.standing().filter(grid__in=grids).order_by("pk")
    pks = [team.pk for team in teams.select_for_update(of=("self",), no_key=True)]
    members: Members = defaultdict(dict)
    for membership in Membership.objects.current().filter(team__in=pks).select_related("volunteer"):
        members[membership.team_id][membership.volunteer_id] = membership
    people = {seat.volunteer_id for group in groups for seat in group.seats if seat.changes}
    people |= {person for each in members.values() for person in each}
    list(Volunteer.objects.filter(pk__in=people).order_by("pk").select_for_update(of=("self",), no_key=True))
    return members


def _accept(group: Group, members: Members, by: User) -> None:
    """Let one group of grids become what is proposed; raises ``RuleBroken`` for what has changed or does not hold."""
    standing = {
        team.grid_id: team
        for team in Team.objects.standing().filter(grid__in=[team.grid_id for team in group.teams]).order_by("pk")
    }
    _require_unchanged(group, standing, members)
    today = {seat.from_grid_id: standing[seat.from_grid_id] for seat in group.seats if seat.from_grid_id is not None}
    for seat in group.seats:
        if seat.changes and seat.from_grid_id is not None:
            take_out(today[seat.from_grid_id], seat.volunteer, reason=_("Teams were composed anew"))
    then: dict[int, list[ProposedSeat]] = defaultdict(list)
    for seat in group.seats:
        if seat.grid_id is not None:
            then[seat.grid_id].append(seat)
    for proposed in group.teams:
        seats = then[proposed.grid_id]
        if not seats and proposed.grid_id not in standing:
            continue  # nobody could be found: no team is formed with nobody in it
        team = standing.get(proposed.grid_id) or form_team(proposed.grid, by=by)
        for seat in seats:
            if seat.changes:
                add_member(team, seat.volunteer, by=by)
        leader = next((seat for seat in seats if seat.is_leader), None)
        if leader is not None:
            choose_leader(team, leader.volunteer, by=by)
        _settle(team, by)
    now = timezone.now()
    for proposed in group.teams:
        proposed.accepted_at, proposed.accepted_by = now, by
        proposed.save()


def _settle(team: Team, by: User) -> None:
    """Look at the rule now that everybody is where they are to be; a forming team that satisfies it serves."""
    team = Team.objects.get(pk=team.pk)
    if team.state == Team.State.ACTIVE:
        require_rule(team, advice=_("Move people in the proposal until it does, or solve again."))
    elif not missing_for_activation(members_of(team)):
        activate_team(team, by=by)


def _require_unchanged(group: Group, standing: dict[int, Team], members: Members) -> None:
    """Refuse what no longer stands as it did when it was solved, by name."""
    problems: list[str] = []
    grids = {grid.pk: grid for grid in Grid.objects.filter(pk__in=[team.grid_id for team in group.teams])}
    seats: dict[int, dict[int, ProposedSeat]] = defaultdict(dict)
    for seat in group.seats:
        if seat.from_grid_id is not None:
            seats[seat.from_grid_id][seat.volunteer_id] = seat
    for proposed in group.teams:
        if grids[proposed.grid_id].is_retired:
            problems.append(_("%(grid)s has been retired.") % {"grid": proposed.grid})
            continue
        team = standing.get(proposed.grid_id)
        if (team.pk if team else None) != proposed.team_id:
            problems.append(_("%(grid)s has another team than when the proposal was made.") % {"grid": proposed.grid})
            continue
        if team is not None:
            problems += _differences(team, seats[proposed.grid_id], members[team.pk])
    problems += _elsewhere(group)
    if problems:
        raise RuleBroken(
            sentences([*problems, _("Solve again: the proposal then starts from how the teams stand now.")])
        )


def _differences(team: Team, before: dict[int, ProposedSeat], now: dict[int, Membership]) -> list[str]:
    """Say who joined or left the team since, and whether it is led by somebody else."""
    problems = [
        _("%(name)s has joined %(team)s since.") % {"name": member.volunteer.name, "team": team}
        for pk, member in now.items()
        if pk not in before
    ]
    problems += [
        _("%(name)s is no longer in %(team)s.") % {"name": seat.volunteer.name, "team": team}
        for pk, seat in before.items()
        if pk not in now
    ]
    led_by = {pk for pk, seat in before.items() if seat.from_role == Membership.Role.LEADER}
    if not problems and led_by != {pk for pk, member in now.items() if member.role == Membership.Role.LEADER}:
        problems.append(_("%(team)s has another leader since.") % {"team": team})
    return problems


def _elsewhere(group: Group) -> list[str]:
    """Say which of the free people who are to come have joined another team since."""
    coming = [seat.volunteer_id for seat in group.seats if seat.from_grid_id is None]
    taken = Membership.objects.current().filter(volunteer__in=coming).select_related("volunteer", "team")
    return [
        _("%(name)s has joined %(team)s since.") % {"name": each.volunteer.name, "team": each.team}
        for each in taken.order_by("volunteer")
    ]


def _refusal(refused: list[str], *, others: bool) -> str:
    """Put the refusals together: the first few in full."""
    shown = list(dict.fromkeys(refused))[:5]
    advice = [_("Nothing has been changed.")]
    if others:
        advice.append(_("You may accept what still stands and leave the rest."))
    return sentences([*shown, *advice])
