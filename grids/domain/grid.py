"""What happens to one grid: drawn, changed, retired."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Village
from common.rules import RuleBroken
from grids.domain.change import (
    Kind,
    begin_change,
    lock_village,
    note_given_up,
    note_kept,
    note_new,
    refuse_where_told,
    require_in_use,
    words_about,
)
from grids.hooks import Plan
from grids.models import Grid

# What may change later by itself; the number changes for the whole village in one step (``renumber_grids``).
CHANGEABLE = frozenset({"households", "boundary", "official_code"})


@event
def draw_grid(
    village: Village, number: int, households: int, boundary: str, *, official_code: str = "", by: User
) -> Grid:
    """Draw up a grid of the village; retired grids keep their number."""
    village = lock_village(village)
    if village.grids.filter(number=number).exists():
        raise RuleBroken(_("The village has a grid with this number already."), field="number")
    grid = new_grid(village, number, households, boundary, official_code)
    note_new(begin_change(village, Kind.DRAWN, by=by), grid)
    return grid


def new_grid(village: Village, number: int, households: int, boundary: str, official_code: str = "") -> Grid:
    """Make a grid of a village that is locked; its number is free."""
    grid = Grid(village=village, number=number, households=households, boundary=boundary, official_code=official_code)
    grid.full_clean(validate_constraints=False)
    grid.save()
    return grid


@event
def edit_grid(pk: int, values: Mapping[str, Any], *, version: int, by: User) -> Grid:
    """Change households, boundary or official code; raises ``SavedMeanwhile`` for an old ``version``."""
    grid = Grid.locked(pk, version=version)
    require_in_use(grid)
    households = grid.households
    for name in CHANGEABLE & values.keys():
        setattr(grid, name, values[name])
    if grid.households < households:
        refuse_where_told(words_about(Plan(Kind.CHANGED, {grid.pk: grid.households})))
    grid.save()
    if grid.households != households:
        note_kept(begin_change(grid.village, Kind.CHANGED, by=by), grid, households=households)
    return grid


@event
def retire_grid(grid: Grid, *, by: User) -> Grid:
    """Take a grid out of use, once its team has been dissolved."""
    grid = Grid.locked(grid.pk)
    require_in_use(grid)
    team = grid.teams.standing().first()
    if team is not None:
        raise RuleBroken(_("%(team)s still serves this grid. Dissolve the team first.") % {"team": team})
    grid.is_retired = True
    grid.save()
    note_given_up(begin_change(grid.village, Kind.RETIRED, by=by), grid)
    return grid
