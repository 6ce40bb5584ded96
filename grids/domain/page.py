"""The public page of a grid is found by the code that the contact card prints."""

from common.codes import read_signs
from grids.models import ChangedGrid, Grid, GridChange
from grids.models.grid import PAGE_CODE_LENGTH


def find_grid(code: str) -> Grid | None:
    """Return the grid that a code belongs to, with village and township, retired or not; None for a wrong code.

    Whether somebody may try at all is for the caller to ask (``common.throttle``).
    """
    signs = read_signs(code, PAGE_CODE_LENGTH)
    if not signs:
        return None
    return Grid.objects.select_related("village__township").filter(page_code=signs).first()


def successor_of(grid: Grid) -> Grid | None:
    """Return the grid in use that a grid which was given up went into by merging, through however many steps."""
    seen = {grid.pk}
    while grid.is_retired:
        given_up = ChangedGrid.objects.filter(
            grid=grid, part=ChangedGrid.Part.GIVEN_UP, change__kind=GridChange.Kind.MERGED
        )
        merges = given_up.values("change")
        kept = ChangedGrid.objects.filter(change__in=merges, part=ChangedGrid.Part.KEPT).select_related("grid__village")
        went_into = kept.order_by("pk").last()
        if went_into is None or went_into.grid_id in seen:
            return None
        grid = went_into.grid
        seen.add(grid.pk)
    return grid
