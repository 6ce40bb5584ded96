"""The board of due and late requests of the city and of a township, as the city's office sees it."""

import re
from typing import Any

from django.db import connection
from django.urls import reverse

from bench.case import Page, signed_in


class DueBoard(Page):
    """The lanes of the whole city, or those of the township with the most open requests."""

    def __init__(self, of_township: bool = False) -> None:
        """Sign in."""
        query = f"?township={busiest_township()}" if of_township else ""
        super().__init__(signed_in("city"), reverse("services:request_board") + query)

    def found(self, html: str) -> list[list[Any]]:
        """Return each lane with the keys of its requests, in their order."""
        return lanes_in(html)


def lanes_in(html: str) -> list[list[Any]]:
    """Return the lanes of a board that have any requests, each with their keys."""
    lanes = re.split(r'aria-labelledby="lane-([a-z]+)"', html)[1:]
    found = [
        [lane, [int(key) for key in re.findall(r'id="q([0-9]+)"', part)]]
        for lane, part in zip(lanes[::2], lanes[1::2], strict=True)
    ]
    return [each for each in found if each[1]]


def busiest_township() -> Any:
    """Return the key of the township with the most open requests."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT township_id FROM services_helprequest WHERE state = 'open'"
            " GROUP BY township_id ORDER BY COUNT(*) DESC, township_id LIMIT 1"
        )
        return cursor.fetchone()[0]
