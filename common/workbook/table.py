"""Finds a table in the sheets of an upload by the names of its columns, in either language and any order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.clean import clean_code
from common.wording import in_words
from common.workbook.opening import Cell, Limits, Row, open_sheets

# What the file of the wrong rows adds; left out when it comes back.
REASON = ("问题", "What is wrong")
CURE = ("怎样改", "How to put it right")
# How far down the names of the columns are looked for: titles stand above them.
HEAD_ROWS = 20
MOST_COLUMNS = 40


@dataclass(frozen=True)
class Table:
    """The rows below the names of the columns, and at which place each known column stands (from 0)."""

    sheet: str
    header: list[str]
    columns: dict[str, int]
    rows: list[Row]


@dataclass(frozen=True)
class Columns:
    """The columns of a kind of table: for each its Chinese name, its English one, then what else it is called."""

    names: Mapping[str, tuple[str, ...]]
    optional: frozenset[str] = frozenset()
    known: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Look the names up by what is left of them without brackets and signs."""
        self.known.update({_plain(name): column for column, names in self.names.items() for name in names})

    def label_of(self, column: str) -> str:
        """Return the column's name in the reader's language."""
        return in_words(*self.names[column][:2])

    def find(self, sheets: Sequence[tuple[str, Sequence[Row]]]) -> Table:
        """Find the sheet and row that name the columns; the ``ValidationError`` says what is missing."""
        best: tuple[int, str, int, dict[str, int], list[str]] = (0, "", 0, {}, [])
        for name, rows in sheets:
            for place, (_number, cells) in enumerate(rows[:HEAD_ROWS]):
                columns, doubled = self._columns_in(cells)
                if len(columns) > best[0]:
                    best = (len(columns), name, place, columns, doubled)
        found, sheet, place, columns, doubled = best
        needed = [column for column in self.names if column not in self.optional]
        missing = [column for column in needed if column not in columns]
        if found < 2:
            raise ValidationError(
                _("No row with the names of the columns was found. It needs: %(names)s."),
                code="header",
                params={"names": "、".join(map(self.label_of, needed))},
            )
        if missing:
            raise ValidationError(
                _("These columns are missing: %(names)s. The names of the columns stand in one row above all others."),
                code="columns",
                params={"names": "、".join(map(self.label_of, missing))},
            )
        if doubled:
            raise ValidationError(
                _("Two columns mean the same: %(names)s. Rename the one that is not meant."),
                code="doubled",
                params={"names": "、".join(doubled)},
            )
        rows = dict(sheets)[sheet]
        header = [text_of(cell) for cell in rows[place][1]]
        below = [(number, cells) for number, cells in rows[place + 1 :] if any(text_of(cell) for cell in cells)]
        return Table(sheet, header, columns, below)

    def _columns_in(self, cells: Sequence[Cell]) -> tuple[dict[str, int], list[str]]:
        """Return which columns a row names, and the names that say the same as another."""
        columns: dict[str, int] = {}
        doubled = []
        for place, cell in enumerate(cells[:MOST_COLUMNS]):
            column = self.known.get(_plain(text_of(cell)))
            if column in columns:
                doubled.append(text_of(cell))
            elif column:
                columns[column] = place
        return columns, doubled

    def read(self, data: bytes) -> Table:
        """Return the table that ``data``, an uploaded file, holds."""
        most = settings.IMPORT_MAX_ROWS
        limits = Limits(
            megabytes=settings.IMPORT_MAX_MEGABYTES,
            unpacked_megabytes=settings.IMPORT_MAX_UNPACKED_MEGABYTES,
            rows=most + HEAD_ROWS + 1,
            columns=MOST_COLUMNS,
        )
        sheets: list[tuple[str, list[Row]]] = []
        for sheet in open_sheets(data, limits):
            sheets.append((sheet.name, [row for batch in sheet.rows for row in batch]))
        table = self.find(sheets)
        if not table.rows:
            raise ValidationError(_("There is no row below the names of the columns."), code="empty")
        if len(table.rows) > most:
            raise ValidationError(
                ngettext(
                    "The file has more than %(most)s row. Split it into several files.",
                    "The file has more than %(most)s rows. Split it into several files.",
                    most,
                ),
                code="rows",
                params={"most": most},
            )
        return table


def text_of(cell: Cell) -> str:
    """Return what the cell shows: a number without the .0 that spreadsheets add."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _plain(name: str) -> str:
    """Leave out what is written around a column's name: 日期（必填）*: is 日期."""
    return re.sub(r"\(.*?\)|[\s*:_.]", "", clean_code(name)).casefold()
