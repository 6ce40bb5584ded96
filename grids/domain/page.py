"""The public page of a grid is found by the code that the contact card prints."""

from common.codes import read_signs
from grids.models import Grid
from grids.models.grid import PAGE_CODE_LENGTH


def find_grid(code: str) -> Grid | None:
    """Return the grid that a code belongs to, with village and township, retired or not; None for a wrong code.

    Whether somebody may try at all is for the caller to ask (``common.throttle``).
    """
    signs = read_signs(code, PAGE_CODE_LENGTH)
    if not signs:
        return None
    return Grid.objects.select_related("village__township").filter(page_code=signs).first()
