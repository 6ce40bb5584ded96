"""Reading what was exported, and the table of the page beside it."""

import csv
import io
from html.parser import HTMLParser
from typing import Any

import openpyxl
from django.http import HttpResponse

Table = list[list[str]]


def content_of(response: HttpResponse) -> bytes:
    """Return what a streamed answer holds."""
    assert response.status_code == 200
    assert response.streaming
    return b"".join(response.streaming_content)


def read_csv(response: HttpResponse) -> Table:
    """Return head and rows of a .csv file as Excel reads it."""
    return [*csv.reader(io.StringIO(content_of(response).decode("utf-8-sig"), newline=""))]


def read_xlsx(response: HttpResponse) -> dict[str, list[list[Any]]]:
    """Return the sheets of a .xlsx file by their names."""
    book = openpyxl.load_workbook(io.BytesIO(content_of(response)))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def table_of(html: str) -> tuple[list[str], Table]:
    """Return the words of the head and of each row of the page's list, without what only helps to use it."""
    reader = _TableReader()
    reader.feed(html)
    return [cell.strip() for cell in reader.head if cell.strip()], reader.rows


class _TableReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.head: list[str] = []
        self.rows: Table = []
        self.path: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("input", "br", "img", "meta", "link"):
            return
        classes = dict(attrs).get("class") or ""
        is_aside = "visually-hidden" in classes or "tick-cell" in classes or tag in ("summary", "button")
        self.path.append("aside" if is_aside else ("rows" if tag == "table" and "rows" in classes.split() else tag))
        if "rows" not in self.path or "aside" in self.path:
            return
        if "thead" in self.path and tag == "th":
            self.head.append("")
        elif "tbody" in self.path and tag == "tr":
            self.rows.append([])
        elif "tbody" in self.path and tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if self.path:
            self.path.pop()

    def handle_data(self, data: str) -> None:
        if "rows" not in self.path or "aside" in self.path:
            return
        if "thead" in self.path and self.head:
            self.head[-1] += data
        elif "tbody" in self.path and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data
