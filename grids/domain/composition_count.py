"""What a proposal comes to, counted from its seats: after it was solved, and after each change by hand."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q

from areas.models import TownshipSettings
from grids.domain.rule import missing_for_activation
from grids.models import CompositionPart, ProposedSeat, ProposedTeam


def seats_by_grid(seats: Iterable[ProposedSeat]) -> dict[int, list[ProposedSeat]]:
    """Return who is proposed for each grid."""
    found: dict[int, list[ProposedSeat]] = defaultdict(list)
    for seat in seats:
        if seat.grid_id is not None:
            found[seat.grid_id].append(seat)
    return found


def recount(part: CompositionPart) -> None:
    """Count the part (of a locked composition) anew, and mark which teams change and which satisfy the rule."""
    seats = list(part.seats.filter(Q(grid__isnull=False) | Q(from_grid__isnull=False)).select_related("volunteer"))
    teams = list(part.teams.all())
    proposed, today = seats_by_grid(seats), defaultdict(list)
    for seat in seats:
        if seat.from_grid_id is not None:
            today[seat.from_grid_id].append(seat)
    differing, least = [], TownshipSettings.of(part.township_id).least_skill_types
    for team in teams:
        marks = _marks(team, proposed[team.grid_id], today[team.grid_id], least)
        if marks != (team.is_changed, team.is_complete):
            team.is_changed, team.is_complete = marks
            differing.append(team)
    ProposedTeam.objects.bulk_update(differing, ["is_changed", "is_complete"], batch_size=500)
    part.grids = len(teams)
    part.served_before = sum(team.was_active for team in teams)
    part.served_after = sum(team.is_complete for team in teams)
    part.changed = sum(team.is_changed and team.accepted_at is None for team in teams)
    part.accepted = sum(team.accepted_at is not None for team in teams)
    part.coming = sum(seat.from_grid_id is None for seat in seats)
    part.leaving = sum(seat.grid_id is None for seat in seats)
    part.moving = sum(seat.changes for seat in seats) - part.coming - part.leaving
    part.save()


def _marks(
    team: ProposedTeam, then: Collection[ProposedSeat], today: Collection[ProposedSeat], least: int
) -> tuple[bool, bool]:
    """Return whether the team changes, and whether it satisfies the rule then."""
    is_complete = satisfies(then, least)
    leader = next((seat.pk for seat in then if seat.is_leader), None)
    led_by = next((seat.pk for seat in today if seat.from_role == "leader"), None)
    members_change = {seat.pk for seat in then} != {seat.pk for seat in today}
    return members_change or leader != led_by or (is_complete and not team.was_active), is_complete


def satisfies(seats: Collection[ProposedSeat], least_skill_types: int) -> bool:
    """Whether those proposed for a grid (with their volunteers) would be an active team."""
    return not missing_for_activation(seats, least_skill_types)  # type: ignore[arg-type]  # a seat answers as a membership does
