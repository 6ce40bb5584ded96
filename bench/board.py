"""The coverage board of the city and of a township, as the city's office sees it."""

import re
from typing import Any

from django.db import connection
from django.urls import reverse

from bench.case import Page, signed_in


class CityBoard(Page):
    """The city: a tile a township, with the counts of its 2 100 grids by state."""

    def __init__(self) -> None:
        """Sign in."""
        super().__init__(signed_in("city"), reverse("grids:village_list"))

    def found(self, html: str) -> list[list[str]]:
        """Return each township's counts by state, as the tiles have them."""
        pattern = r'href="/grids/townships/([0-9]+)/\?state=([a-z_]+)">.*?<b>([0-9]+)</b>'
        return sorted([*found] for found in re.findall(pattern, html))


class TownshipBoard(Page):
    """A township with all its tiles: the one with the most grids."""

    def __init__(self) -> None:
        """Sign in."""
        super().__init__(signed_in("city"), reverse("grids:township_detail", args=[largest_township()]))

    def found(self, html: str) -> list[list[str]]:
        """Return the state of each grid."""
        return tiles_in(html)


def tiles_in(html: str) -> list[list[str]]:
    """Return state and key of each tile of a township."""
    return sorted([*found] for found in re.findall(r'class="cell cell-([a-z_]+)[^>]*><a [^>]*"why-([0-9]+)"', html))


def largest_township() -> Any:
    """Return the key of the township with the most grids in use."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.township_id FROM grids_grid g JOIN areas_village v ON v.id = g.village_id"
            " WHERE NOT g.is_retired GROUP BY v.township_id ORDER BY COUNT(*) DESC, v.township_id LIMIT 1"
        )
        return cursor.fetchone()[0]
