"""A list that is searched several ways at once, each by an index of its own.

"Name or unit or pinyin" in one question reads the whole table: neither database puts the order of several indexes
together. Asked one by one, each way gives its first rows from its index alone, and only the rows of the page are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Q, QuerySet

# As lists count: beyond this a way's rows are many, and walking through the list's own order meets them soon.
MANY = 10_000


@dataclass(frozen=True)
class Way:
    """Rows by an index that knows them, and the same rows tested ``in_order`` of the list, for when they are many."""

    rows: QuerySet[Any]
    in_order: QuerySet[Any] | None = None


class Ways:
    """The ways of one search; a row may be found by several."""

    def __init__(self, ways: Sequence[Way]) -> None:
        """Take the ways, all of one model and one database."""
        self.ways = ways

    def count(self) -> int:
        """Return how many rows are found, ``MANY + 1`` for more than ``MANY``."""
        if sum(self._counts) <= max(self._counts, default=0):
            return max(self._counts, default=0)
        if max(self._counts) > MANY:
            return MANY + 1
        found = [way.rows.order_by().values("pk") for way, _ in self._fruitful]
        union = found[0].union(*found[1:])
        return int(union.count()) if sum(self._counts) <= MANY else min(union.count(), MANY + 1)

    def keys(self, order: Sequence[str], beyond: Q, number: int) -> list[int]:
        """Return the keys of the first ``number`` rows of each way beyond an edge: those of the page are among them."""
        asked = []
        for way, count in self._fruitful:
            rows = way.in_order if count > MANY and way.in_order is not None else way.rows
            asked.append(rows.filter(beyond).order_by(*order).values("pk")[:number])
        return [row[0] for row in self._ask("SELECT * FROM ({}) AS way", " UNION ", asked)]

    @cached_property
    def _counts(self) -> list[int]:
        """Count the rows of every way up to the limit, all in one question."""
        asked = [way.rows.order_by().values("pk")[: MANY + 1] for way in self.ways]
        rows = self._ask("(SELECT COUNT(*) FROM ({}) AS way)", ", ", asked, before="SELECT ")
        return list(rows[0]) if rows else []

    @property
    def _fruitful(self) -> list[tuple[Way, int]]:
        return [(way, count) for way, count in zip(self.ways, self._counts, strict=True) if count]

    def _ask(self, each: str, between: str, asked: list[QuerySet[Any]], before: str = "") -> list[tuple[Any, ...]]:
        if not asked:
            return []
        parts, params = [], []
        for rows in asked:
            try:
                sql, values = rows.query.get_compiler(rows.db).as_sql()
            except EmptyResultSet:
                sql, values = "SELECT NULL WHERE 1 = 0", ()
            parts.append(each.format(sql))
            params += values
        with connections[asked[0].db].cursor() as cursor:
            cursor.execute(before + between.join(parts), params)
            return cursor.fetchall()
