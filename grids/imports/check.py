"""What the rows of a spreadsheet of grids would do: draw a grid, change one, nothing, or what is wrong with them.

Read as a set: however many rows there are, the database is asked the same number of questions. What is found here is
found again with the villages and grids locked, when the rows are taken in.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from areas.former_names import former_village_names
from areas.models import Village
from areas.village_names import VILLAGE_SUFFIX
from common.clean import clean_code
from common.workbook.opening import Cell
from common.workbook.table import text_of
from grids.domain.change import words_about
from grids.hooks import Plan
from grids.imports.cells import boundary_of, households_of, number_of, official_code_of
from grids.models import Grid, GridChange

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
VILLAGE_CODE = re.compile(r"[0-9]{12}")
READERS: dict[str, Callable[[Cell], Any]] = {
    "number": number_of,
    "households": households_of,
    "boundary": boundary_of,
    "official_code": official_code_of,
}
# An empty cell of these leaves the grid as it is.
KEPT_WHEN_EMPTY = ("boundary", "official_code")


@dataclass(frozen=True)
class Problem:
    """What is wrong in a cell, and how it is put right."""

    column: str
    text: str
    cure: str = ""


@dataclass
class CheckedRow:
    """One row of the file: what it means, and what would become of it."""

    number: int
    cells: Mapping[str, Cell]
    village: Village | None = None
    values: dict[str, Any] = field(default_factory=dict)
    grid: Grid | None = None
    same_as: int | None = None
    state: str = NEW
    problems: list[Problem] = field(default_factory=list)

    @property
    def place(self) -> tuple[int, int]:
        """The village and the number that the row is about; asked of rows that are not wrong."""
        return (self.village.pk if self.village else 0, self.values.get("number", 0))

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What the row changes in a grid that is there: old and new."""
        if self.grid is None:
            return {}
        grid = self.grid
        wanted = {name: self.values[name] for name in READERS if name != "number"}
        return {
            name: (getattr(grid, name), value)
            for name, value in wanted.items()
            if value != getattr(grid, name) and not (name in KEPT_WHEN_EMPTY and not value)
        }

    def refuse(self, column: str, text: str, cure: str = "") -> None:
        """Say what is wrong; a row with a problem is not taken in."""
        self.problems.append(Problem(column, text, cure))
        self.state = WRONG


def check_rows(rows: Sequence[tuple[int, Mapping[str, Cell]]], villages: Sequence[Village]) -> list[CheckedRow]:
    """Say of each row what would become of it; ``villages`` are those that the person may draw up."""
    directory = _Directory(villages)
    checked = [_read(number, cells, directory) for number, cells in rows]
    _find_grids([row for row in checked if row.state == NEW])
    _find_twins([row for row in checked if row.state != WRONG])
    _refuse_shared_codes([row for row in checked if row.state in (NEW, CHANGED, SAME)])
    _refuse_where_told([row for row in checked if row.state == CHANGED])
    return checked


class _Directory:
    """Finds a village by its code or name, also without 村 or 社区 behind it."""

    def __init__(self, villages: Sequence[Village]) -> None:
        self.by_code = {village.code: village for village in villages}
        self.by_name: dict[str, list[Village]] = defaultdict(list)
        for village in villages:
            for name in {_plain(village.name), VILLAGE_SUFFIX.sub("", _plain(village.name))}:
                self.by_name[name].append(village)
        self.exact: dict[str, list[Village]] = defaultdict(list)
        for village in villages:
            self.exact[_plain(village.name)].append(village)
        before = former_village_names()
        for village in villages:
            for name in before.get(village.pk, ()):
                self.by_code.setdefault(name, village)
                # Another one may have the name today: then that one is meant.
                if _plain(name) not in self.exact:
                    self.by_name[_plain(name)].append(village)

    def find(self, row: CheckedRow) -> Village | None:
        text = text_of(row.cells.get("village"))
        name = _plain(text)
        cure = _("Write its name as the village's page has it, or its code of twelve digits.")
        if not name:
            row.refuse("village", _("The village is missing."), cure)
            return None
        if name.isdecimal():
            village = self.by_code.get(name) if VILLAGE_CODE.fullmatch(name) else None
            if village is None:
                row.refuse("village", _("No village of yours has this code."), cure)
            return village
        found = self.exact.get(name) or self.by_name.get(name) or self.by_name.get(VILLAGE_SUFFIX.sub("", name)) or []
        if len(found) == 1:
            return found[0]
        if found:
            named = "、".join(f"{village.township} {village} {village.code}" for village in found[:5])
            row.refuse(
                "village",
                _("Several villages are called so."),
                _("Write the code instead: %(villages)s.") % {"villages": named},
            )
            return None
        near = get_close_matches(name, self.exact, n=3, cutoff=0.6)
        if near:
            names = "、".join(self.exact[each][0].name for each in near)
            cure = _("Perhaps %(names)s is meant.") % {"names": names}
        row.refuse("village", _("No village of yours is called so."), cure)
        return None


def _plain(name: str) -> str:
    return re.sub(r"\s", "", clean_code(name)).casefold()


def _read(number: int, cells: Mapping[str, Cell], directory: _Directory) -> CheckedRow:
    row = CheckedRow(number, cells)
    row.village = directory.find(row)
    for column, read in READERS.items():
        try:
            row.values[column] = read(cells.get(column))
        except ValidationError as error:
            row.refuse(column, " ".join(error.messages))
    return row


def _find_grids(rows: Sequence[CheckedRow]) -> None:
    """Find the grids that are there, and say whether the rows change them."""
    villages = {row.village.pk for row in rows if row.village}
    grids = Grid.objects.filter(village__in=villages).select_related("village")
    at = {(grid.village_id, grid.number): grid for grid in grids}
    for row in rows:
        row.grid = at.get(row.place)
        if row.grid is None:
            continue
        if row.grid.is_retired:
            row.refuse(
                "number",
                _("%(grid)s was retired; it does not change any more.") % {"grid": row.grid},
                _("Give another number, or renumber the retired grid on the village's page first."),
            )
        else:
            row.state = CHANGED if row.changes else SAME


def _find_twins(rows: Sequence[CheckedRow]) -> None:
    """Mark what the file says twice; where it says two things of one grid, nobody knows which of them is right."""
    by_place: dict[tuple[int, int], list[CheckedRow]] = defaultdict(list)
    for row in rows:
        by_place[row.place].append(row)
    for twins in by_place.values():
        first, *others = twins
        if all(row.values == first.values for row in others):
            for row in others:
                row.state, row.same_as = SAME, first.number
            continue
        numbers = "、".join(str(row.number) for row in twins)
        for row in twins:
            row.refuse(
                "number",
                _("Rows %(rows)s have this number in the same village, and differ.") % {"rows": numbers},
                _("Leave one row for each grid."),
            )


def _refuse_shared_codes(rows: Sequence[CheckedRow]) -> None:
    """Refuse an official code that two grids would have afterwards."""
    rows = [row for row in rows if row.same_as is None]
    wanted: dict[str, list[CheckedRow]] = defaultdict(list)
    for row in rows:
        if row.values["official_code"]:
            wanted[row.values["official_code"]].append(row)
    changing = {row.grid.pk for row in rows if row.grid and "official_code" in row.changes}
    villages = {row.village.township_id for row in rows if row.village}
    in_use = Grid.objects.in_use().filter(village__township__in=villages, official_code__in=wanted)
    holders = in_use.select_related("village")
    for grid in holders:
        for row in wanted[grid.official_code]:
            if (row.grid is None or row.grid.pk != grid.pk) and grid.pk not in changing and row.state != WRONG:
                row.refuse(
                    "official_code",
                    _("%(grid)s has this code already.") % {"grid": grid},
                    _("Correct the code, or that of the other grid first."),
                )
    for code_rows in wanted.values():
        if len(code_rows) > 1:
            numbers = "、".join(str(row.number) for row in code_rows)
            for row in code_rows:
                if row.state != WRONG:
                    row.refuse(
                        "official_code",
                        _("Rows %(rows)s have the same official code.") % {"rows": numbers},
                        _("Each grid has a code of its own. Correct it."),
                    )


def _refuse_where_told(rows: Sequence[CheckedRow]) -> None:
    """Refuse rows that would leave a grid fewer households than somebody above needs."""
    fewer = {
        row.grid.pk: row
        for row in rows
        if row.grid and "households" in row.changes and row.values["households"] < row.grid.households
    }
    if not fewer:
        return
    plan = Plan(GridChange.Kind.IMPORTED, {pk: row.values["households"] for pk, row in fewer.items()})
    for word in words_about(plan):
        if word.refuses:
            fewer[word.grid].refuse("households", word.text)
