"""Teams become what was accepted: formed, left, joined, led, activated, by some statements for all of them together."""

from collections.abc import Collection, Iterable

from auditlog.models import LogEntry
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import User
from grids.domain.acceptance_check import Standing
from grids.domain.composition_count import satisfies, seats_by_grid
from grids.domain.proposal_groups import Group
from grids.domain.team import name_after
from grids.hooks import team_was_active
from grids.models import Membership, ProposedSeat, ProposedTeam, RoleChange, Team

CREATE, UPDATE = LogEntry.Action.CREATE, LogEntry.Action.UPDATE
BATCH = 500
Role = Membership.Role


def write(groups: Collection[Group], standing: Standing, by: User) -> None:
    """Let the groups, checked and locked, become what is proposed, today."""
    seats = [seat for group in groups for seat in group.seats]
    proposed = [team for group in groups for team in group.teams]
    then = seats_by_grid(seats)
    _end([seat for seat in seats if seat.changes and seat.from_grid_id is not None], standing)
    _form([each for each in proposed if each.grid_id not in standing.teams and then.get(each.grid_id)], standing)
    _give_roles([seat for seat in seats if not seat.changes], standing)
    _begin([seat for seat in seats if seat.changes and seat.grid_id is not None], standing)
    complete = [
        each for each in proposed if satisfies(then.get(each.grid_id, []), standing.least_skill_types(each.grid_id))
    ]
    _activate(complete, standing)
    _settle(proposed, by)


def _end(seats: Iterable[ProposedSeat], standing: Standing) -> None:
    """Let those who leave or move leave their teams."""
    ended = [_membership(seat, standing) for seat in seats]
    reason = _("Teams were composed anew")
    for membership in ended:
        membership.left_on, membership.reason = standing.today, reason
    Membership.objects.bulk_update(ended, ["left_on", "reason"], batch_size=BATCH)
    record(ended, UPDATE, {"left_on": ("None", str(standing.today)), "reason": ("", reason)})


def _form(proposed: Iterable[ProposedTeam], standing: Standing) -> None:
    """Form the teams of the grids that have none."""
    formed = []
    for each in proposed:
        grid = standing.grids[each.grid_id]
        township = grid.village.township_id
        team = Team(name=name_after(grid), grid=grid, township_id=township, formed_on=standing.today)
        formed.append(team)
        standing.teams[grid.pk] = team
    Team.objects.bulk_create(formed, batch_size=BATCH)
    record(formed, CREATE)


def _give_roles(seats: Iterable[ProposedSeat], standing: Standing) -> None:
    """Let those who stay have the role that is proposed: first who ceases to lead, then who leads now."""
    pairs = [(_membership(seat, standing), seat.role) for seat in seats if seat.role != seat.from_role]
    changing = [(each, role) for each, role in pairs if each.role != role]
    for is_leading in (False, True):
        chosen = [(each, role) for each, role in changing if (role == Role.LEADER) is is_leading]
        RoleChange.objects.bulk_create(
            RoleChange(membership=each, day=standing.today, before=each.role, after=role) for each, role in chosen
        )
        for before, after in sorted({(each.role, role) for each, role in chosen}):
            alike = [each for each, role in chosen if (each.role, role) == (before, after)]
            for each in alike:
                each.role = after
            Membership.objects.bulk_update(alike, ["role"], batch_size=BATCH)
            record(alike, UPDATE, {"role": (before, after)})


def _begin(seats: Iterable[ProposedSeat], standing: Standing) -> None:
    """Let those who come join their teams."""
    begun = [
        Membership(
            team=standing.teams[seat.grid_id or 0],
            volunteer=standing.people[seat.volunteer_id],
            role=seat.role,
            joined_on=standing.today,
        )
        for seat in seats
    ]
    Membership.objects.bulk_create(begun, batch_size=BATCH)
    record(begun, CREATE)


def _activate(proposed: Iterable[ProposedTeam], standing: Standing) -> None:
    """Let the forming teams serve that satisfy the rule now."""
    teams = [standing.teams[each.grid_id] for each in proposed]
    activated = [team for team in teams if team.state == Team.State.FORMING]
    for team in activated:
        team.state, team.activated_on = Team.State.ACTIVE, standing.today
        team.version += 1
    Team.objects.bulk_update(activated, ["state", "activated_on", "version"], batch_size=BATCH)
    values = {
        "state": (Team.State.FORMING.value, Team.State.ACTIVE.value),
        "activated_on": ("None", str(standing.today)),
    }
    record(activated, UPDATE, values)
    for team in activated:
        team_was_active.send(Team, team=team, until=standing.today)


def _settle(proposed: list[ProposedTeam], by: User) -> None:
    now = timezone.now()
    for each in proposed:
        each.accepted_at, each.accepted_by = now, by
    ProposedTeam.objects.bulk_update(proposed, ["accepted_at", "accepted_by"], batch_size=BATCH)
    record(proposed, UPDATE, {"accepted_at": ("None", str(now)), "accepted_by": ("None", str(by.pk))})


def _membership(seat: ProposedSeat, standing: Standing) -> Membership:
    return standing.members[standing.teams[seat.from_grid_id or 0].pk][seat.volunteer_id]
