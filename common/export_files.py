"""Writing an export: rows of text and numbers as .csv or .xlsx, in flat memory, into a temporary file."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter

Cell = str | int | float
Cells = Sequence[Cell]
Chunks = Iterable[list[Cells]]

# What a spreadsheet takes for the beginning of a formula, in a file that does not say what is text.
FORMULA = frozenset("=+-@\t\r\n＝＋－＠﹢﹣﹦﹫\ufeff")
# Signs before it that a spreadsheet trims or does not show.
BEFORE_FORMULA = " \u00a0\u3000\u200b\ufeff"
SUSPICIOUS = FORMULA | frozenset(BEFORE_FORMULA)
# What is never written into a workbook: a formula, a link, a number made of text.
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
# Less than a worksheet holds, and more than anybody reads; a cell takes no more characters.
MOST_ROWS, LONGEST_CELL = 1_000_000, 32_767
# The narrowest and the widest column, in characters, and how many rows tell which it is.
NARROWEST, WIDEST, ROWS_MEASURED = 8, 44, 200


def write_csv(head: Sequence[str], chunks: Chunks) -> tuple[IO[bytes], int]:
    """Return the file, rewound, and how many rows it has. Excel knows by the mark at its beginning that it is UTF-8."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
    lines = 0
    file.write("\ufeff".encode())
    file.write(_lines([head]))
    for rows in chunks:
        file.write(_lines(rows))
        lines += len(rows)
    file.seek(0)
    return file, lines


def _lines(rows: Iterable[Cells]) -> bytes:
    buffer = io.StringIO(newline="")
    # Most cells are harmless by their first sign: only the others are worth a call.
    csv.writer(buffer).writerows(
        [
            [cell if cell.__class__ is str and cell[:1] not in SUSPICIOUS else neutral(cell) for cell in row]
            for row in rows
        ]
    )
    return buffer.getvalue().encode("utf-8", "replace")


def neutral(cell: Cell) -> Cell:
    """Put an apostrophe before text that a spreadsheet would calculate; numbers stay what they are."""
    if not isinstance(cell, str) or not cell:
        return cell
    if cell[0] in FORMULA or (cell[0] in BEFORE_FORMULA and cell.lstrip(BEFORE_FORMULA)[:1] in FORMULA):
        return f"'{cell}"
    return cell


class Book:
    """A workbook that is written from top to bottom and never held in memory."""

    def __init__(self, folder: str) -> None:
        """Begin an empty one; its parts lie in ``folder`` until it is closed, or with the folder's end."""
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 (the answer closes it)
        self.book = xlsxwriter.Workbook(self.file, OPTIONS | {"tmpdir": folder})
        self.head = self.book.add_format({"bold": True, "bg_color": "#F4F0E9", "bottom": 1, "valign": "vcenter"})
        # "@": what is text stays text when somebody edits it.
        self.text = self.book.add_format({"num_format": "@", "valign": "top"})
        self.count = self.book.add_format({"valign": "top"})
        self.decimal = self.book.add_format({"num_format": "0.0", "valign": "top"})
        self.wrapped = self.book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})

    def write_table(self, name: str, head: Sequence[str], chunks: Chunks) -> int:
        """Write the rows below their head; return how many they are, which a sheet must hold (``MOST_ROWS``)."""
        waiting = iter(chunks)
        first = next(waiting, [])
        sheet, line = self._sheet(name, head, _widths(head, first[:ROWS_MEASURED])), 0
        for rows in _and_then(first, waiting):
            for row in rows:
                line += 1
                for at, cell in enumerate(row):
                    if isinstance(cell, str):
                        if cell:
                            sheet.write_string(line, at, _harmless(cell), self.text)
                    else:
                        sheet.write_number(line, at, cell, self.decimal if isinstance(cell, float) else self.count)
        sheet.autofilter(0, 0, line, len(head) - 1)
        return line

    def write_facts(self, name: str, facts: Iterable[tuple[str, str]]) -> None:
        """Write a sheet of names and values."""
        sheet = self.book.add_worksheet(name)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 70)
        for line, (label, value) in enumerate(facts):
            sheet.write_string(line, 0, label, self.head)
            sheet.write_string(line, 1, _harmless(value), self.wrapped)

    def close(self) -> IO[bytes]:
        """Return the finished file, rewound."""
        self.book.close()
        self.file.seek(0)
        return self.file

    def _sheet(self, name: str, head: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self.book.add_worksheet(_sheet_name(name))
        sheet.freeze_panes(1, 0)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width, self.text)
        for at, label in enumerate(head):
            sheet.write_string(0, at, label, self.head)
        return sheet


def _and_then(first: list[Cells], others: Iterator[list[Cells]]) -> Iterator[list[Cells]]:
    yield first
    yield from others


def _harmless(text: str) -> str:
    """Return text as it may stand in a cell: the library takes what looks like its rich text for XML of its own."""
    if text.startswith("<r>"):
        text = f" {text}"
    return text[:LONGEST_CELL]


def _widths(head: Sequence[str], rows: Sequence[Cells]) -> list[int]:
    """Return how wide each column is; a Chinese character takes two places."""
    columns = zip(*[head, *rows], strict=True)
    return [min(max(NARROWEST, *(_width(str(cell)) for cell in column)) + 2, WIDEST) for column in columns]


def _width(text: str) -> int:
    return sum(1 if sign < "\u1100" else 2 for sign in text[:WIDEST])


def _sheet_name(name: str) -> str:
    """Return a name as Excel allows it."""
    return "".join(sign for sign in name if sign not in "[]:*?/\\'")[:31]
