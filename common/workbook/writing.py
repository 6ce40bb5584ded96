"""Workbooks that are handed out: text stays text, whatever it looks like."""

import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import xlsxwriter
from django.http import HttpResponse

from common.wording import in_words
from common.workbook.opening import Cell
from common.workbook.table import CURE, MOST_COLUMNS, REASON

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What is typed is never a formula or a link.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Looks(NamedTuple):
    """How the cells of a workbook look: names of columns, text, and what is wrong."""

    head: Any
    text: Any
    bad: Any


class WrongRow(NamedTuple):
    """A row that is wrong: its cells as they came, the places of the wrong ones, why, and how it is put right."""

    cells: Sequence[Cell]
    bad: Collection[int]
    reasons: Iterable[str]
    cures: Iterable[str]


def looks_of(workbook: Any) -> Looks:
    """Return the looks of a workbook's cells; all of them are text."""
    text = {"num_format": "@", "valign": "top", "text_wrap": True}
    return Looks(
        head=workbook.add_format({"bold": True, "bg_color": "#F4F0E9", "bottom": 1, "valign": "vcenter"}),
        text=workbook.add_format(text),
        bad=workbook.add_format({**text, "bg_color": "#FBE9ED"}),
    )


def letter_of(place: int) -> str:
    """Return how a spreadsheet calls the column at ``place`` (from 0): A, B … Z, AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def write_table(sheet: Any, rows: Sequence[Sequence[str]], looks: Looks, *, widths: Sequence[int]) -> None:
    """Write a table of texts, the first row as the names of its columns."""
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width, looks.text)
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            if value:
                sheet.write_string(line, place, value, looks.text if line else looks.head)
    sheet.freeze_panes(1, 0)


def wrong_rows_workbook(
    name: str, header: Sequence[str], rows: Iterable[WrongRow], *, told: tuple[str, str], widths: Sequence[int]
) -> bytes:
    """Return the wrong rows as the file had them, with what is wrong and how to put it right (``told``) behind them."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        looks = looks_of(workbook)
        sheet = workbook.add_worksheet(name)
        for place, title in enumerate([*header, *told]):
            sheet.set_column(place, place, widths[place] if place < len(header) else 46, looks.text)
            sheet.write_string(0, place, title, looks.head)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows, start=1):
            for place in range(len(header)):
                cell = row.cells[place] if place < len(row.cells) else None
                if isinstance(cell, str):
                    sheet.write_string(line, place, cell.strip(), looks.bad if place in row.bad else looks.text)
                elif cell is not None:
                    sheet.write_number(line, place, cell)
            sheet.write_string(line, len(header), "\n".join(dict.fromkeys(row.reasons)), looks.text)
            sheet.write_string(line, len(header) + 1, "\n".join(dict.fromkeys(row.cures)), looks.text)
    return buffer.getvalue()


def returned_rows(
    name: str,
    table: Any,
    wrong: Iterable[tuple[int, Collection[str], Iterable[str], Iterable[str]]],
    *,
    widths: Mapping[str, int],
) -> bytes:
    """Return the ``wrong`` rows (number, wrong columns, why, how to put it right) of a stored upload, to be mended.

    ``table`` has its ``header``, ``rows`` and ``columns``; what an earlier file of wrong rows added is left out.
    """
    kept = [place for place, title in enumerate(table.header[:MOST_COLUMNS]) if title not in {*REASON, *CURE}]
    cells_by_number: dict[int, list[Cell]] = dict(table.rows)
    column_at = {place: column for column, place in table.columns.items()}

    def told() -> Iterator[WrongRow]:
        for number, columns, reasons, cures in wrong:
            cells = cells_by_number[number]
            yield WrongRow(
                [cells[place] if place < len(cells) else None for place in kept],
                {at for at, place in enumerate(kept) if column_at.get(place) in columns},
                reasons,
                cures,
            )

    return wrong_rows_workbook(
        name,
        [table.header[place] for place in kept],
        told(),
        told=(in_words(*REASON), in_words(*CURE)),
        widths=[widths.get(column_at.get(place, ""), 10) for place in kept],
    )


def workbook_response(data: bytes, name: str) -> HttpResponse:
    """Return a workbook to be saved under a name."""
    response = HttpResponse(data, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
