"""What happens to a grid: drawn, changed, retired."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Village
from common.rules import RuleBroken
from grids.models import Grid

# What may change later; the number stays, for cards and reports name the grid by it.
CHANGEABLE = frozenset({"households", "boundary", "official_code"})


@event
def draw_grid(
    village: Village, number: int, households: int, boundary: str, *, official_code: str = "", by: User
) -> Grid:
    """Draw up a grid of the village; retired grids keep their number."""
    Village.objects.select_for_update(of=("self",), no_key=True).get(pk=village.pk)
    if village.grids.filter(number=number).exists():
        raise RuleBroken(_("The village has a grid with this number already."), field="number")
    grid = Grid(village=village, number=number, households=households, boundary=boundary, official_code=official_code)
    grid.full_clean(validate_constraints=False)
    grid.save()
    return grid


@event
def edit_grid(pk: int, values: Mapping[str, Any], *, version: int, by: User) -> Grid:
    """Change households, boundary or official code; raises ``SavedMeanwhile`` for an old ``version``."""
    grid = Grid.locked(pk, version=version)
    _require_in_use(grid)
    for name in CHANGEABLE & values.keys():
        setattr(grid, name, values[name])
    grid.save()
    return grid


@event
def retire_grid(grid: Grid, *, by: User) -> Grid:
    """Take a grid out of use, once its team has been dissolved."""
    grid = Grid.locked(grid.pk)
    _require_in_use(grid)
    team = grid.teams.standing().first()
    if team is not None:
        raise RuleBroken(_("%(team)s still serves this grid. Dissolve the team first.") % {"team": team})
    grid.is_retired = True
    grid.save()
    return grid


def _require_in_use(grid: Grid) -> None:
    if grid.is_retired:
        raise RuleBroken(_("This grid has been retired; it does not change any more."))
