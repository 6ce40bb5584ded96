"""Keeps what an uploaded file holds: each sheet's rows in parts, its head, and samples of each column."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.workbook.opening import Cell, Limits, Row, Sheet, open_sheets
from volunteers.imports.columns import HEAD_ROWS, MOST_COLUMNS, SAMPLES, find_head
from volunteers.imports.parts import pack

# Rows of a part: what is in memory at once.
ROWS_A_PART = 2_000
LONGEST_SAMPLE = 40


@dataclass
class ReadSheet:
    """One sheet: what is told of it, and its rows below the names of the columns as packed parts."""

    facts: dict[str, Any]
    parts: list[tuple[int, int, bytes]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is no row below the names of the columns."""
        return self.facts["rows"] == 0


def limits() -> Limits:
    """Return how large a list of volunteers may be."""
    return Limits(
        megabytes=settings.IMPORT_VOLUNTEERS_MAX_MEGABYTES,
        unpacked_megabytes=settings.IMPORT_VOLUNTEERS_MAX_UNPACKED_MEGABYTES,
        rows=settings.IMPORT_VOLUNTEERS_MAX_ROWS + HEAD_ROWS + 1,
        columns=MOST_COLUMNS,
        # A reader takes a fifth of a second for ten thousand rows.
        seconds=max(20, settings.IMPORT_VOLUNTEERS_MAX_ROWS // 5_000),
    )


def read_sheets(data: bytes, remembered: Mapping[str, str]) -> list[ReadSheet]:
    """Return the sheets of an uploaded file; the ``ValidationError`` says what to do with one that cannot be read."""
    sheets = [_read(sheet, remembered) for sheet in open_sheets(data, limits())]
    visible = [sheet for sheet in sheets if not sheet.facts["hidden"]]
    if all(sheet.is_empty for sheet in sheets):
        raise ValidationError(_("There is no row below the names of the columns."), code="empty")
    if all(sheet.is_empty for sheet in visible):
        raise ValidationError(
            _("All rows of this file stand in a hidden sheet: %(names)s. Show it in Excel or WPS, save, upload again."),
            code="hidden",
            params={"names": "、".join(sheet.facts["name"] for sheet in sheets if not sheet.is_empty)},
        )
    return sheets


def best_of(sheets: list[ReadSheet]) -> int:
    """Return the place of the sheet that is most likely meant: it is seen, and most of its columns are known."""
    return max(
        range(len(sheets)),
        key=lambda place: (
            not sheets[place].facts["hidden"] and not sheets[place].is_empty,
            len(sheets[place].facts["columns"]),
            sheets[place].facts["rows"],
        ),
    )


def _read(sheet: Sheet, remembered: Mapping[str, str]) -> ReadSheet:
    """Read one sheet, batch by batch."""
    most = settings.IMPORT_VOLUNTEERS_MAX_ROWS
    waiting: list[Row] = []
    read: ReadSheet | None = None
    names: list[str] = []
    for batch in sheet.rows:
        if sheet.widest:
            raise ValidationError(
                _("The sheet “%(name)s” has %(count)s columns; at most %(most)s are read. Delete those not needed."),
                code="columns",
                params={"name": sheet.name, "count": sheet.widest, "most": MOST_COLUMNS},
            )
        waiting += batch
        if read is None:
            read, waiting = _begin(sheet, waiting, remembered)
            names = read.facts["names"]
        waiting = _without_repeated_head(waiting, names)
        while len(waiting) >= ROWS_A_PART:
            _keep(read, waiting[:ROWS_A_PART])
            waiting = waiting[ROWS_A_PART:]
        if read.facts["rows"] + len(waiting) > most:
            raise ValidationError(
                ngettext(
                    "The file has more than %(most)s row. Split it into several files.",
                    "The file has more than %(most)s rows. Split it into several files.",
                    most,
                ),
                code="rows",
                params={"most": most},
            )
    if read is None:
        read, waiting = _begin(sheet, [], remembered)
    if waiting:
        _keep(read, waiting)
    return read


def _without_repeated_head(rows: list[Row], names: list[str]) -> list[Row]:
    """Leave out rows that say the names of the columns once more, as lists have them that were made to be printed."""
    place = next((place for place, name in enumerate(names) if name), None)
    if place is None:
        return rows
    first = names[place]
    kept = []
    for row in rows:
        cells = row[1]
        is_maybe = place < len(cells) and cells[place] == first and len(cells) > 1
        if not is_maybe or [_sample(cell) for cell in cells if cell] != [name for name in names if name]:
            kept.append(row)
    return kept


def _begin(sheet: Sheet, rows: list[Row], remembered: Mapping[str, str]) -> tuple[ReadSheet, list[Row]]:
    """Find the head in the first rows; return what is told of the sheet, and the rows below."""
    head = find_head(rows, remembered)
    below = rows[head.place + 1 :] if head.place >= 0 else rows
    names = head.names
    if head.place < 0:
        # Nobody knows the names of these columns, or there are none: the first row is taken for them, to be mapped.
        names = [str(cell)[:60] if isinstance(cell, str) else "" for cell in rows[0][1]] if rows else []
        below = rows[1:]
    width = max((len(cells) for _number, cells in below[:100]), default=0)
    names = names + [""] * (width - len(names))
    samples: list[list[str]] = [[] for _name in names]
    for _number, cells in below[:200]:
        for place, cell in enumerate(cells[: len(names)]):
            shown = _sample(cell)
            if shown and len(samples[place]) < SAMPLES and shown not in samples[place]:
                samples[place].append(shown)
    facts = {
        "name": sheet.name[:60],
        "hidden": sheet.is_hidden,
        "rows": 0,
        "head": rows[head.place][0] if head.place >= 0 else 0,
        "names": names,
        "columns": head.columns,
        "samples": pack(samples).decode(),
    }
    return ReadSheet(facts), below


def _keep(read: ReadSheet, rows: list[Row]) -> None:
    read.parts.append((len(rows), rows[0][0], pack(rows)))
    read.facts["rows"] += len(rows)


def _sample(cell: Cell) -> str:
    if cell is None:
        return ""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    return text[:LONGEST_SAMPLE]
