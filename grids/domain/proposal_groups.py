"""Which grids of a proposal hang together: somebody moves from one of them to another."""

from dataclasses import dataclass, field

from django.db.models import Q

from grids.models import CompositionPart, ProposedSeat, ProposedTeam


@dataclass
class Group:
    """Grids that are accepted together, with the seats of whoever is in one of them today or then."""

    teams: list[ProposedTeam] = field(default_factory=list)
    seats: list[ProposedSeat] = field(default_factory=list)


def groups_of(part: CompositionPart) -> list[Group]:
    """Return the grids of the part that change and were not accepted yet, those that hang together as one group."""
    seats = list(part.seats.filter(Q(grid__isnull=False) | Q(from_grid__isnull=False)).order_by("pk"))
    first: dict[int, int] = {}

    def root(grid: int) -> int:
        while first.setdefault(grid, grid) != grid:
            first[grid] = first[first[grid]]
            grid = first[grid]
        return grid

    for seat in seats:
        if seat.grid_id is not None and seat.from_grid_id is not None:
            first[root(seat.grid_id)] = root(seat.from_grid_id)
    groups: dict[int, Group] = {}
    for team in part.teams.select_related("grid__village", "part").order_by("grid"):
        groups.setdefault(root(team.grid_id), Group()).teams.append(team)
    for seat in seats:
        grid = seat.grid_id or seat.from_grid_id
        if grid is not None and root(grid) in groups:
            groups[root(grid)].seats.append(seat)
    return [
        group
        for group in groups.values()
        if any(team.is_changed for team in group.teams) and all(team.accepted_at is None for team in group.teams)
    ]
