"""Files that are taken along: text stays text, nothing is calculated, nothing is lost."""

import csv
import io
import tempfile
import zipfile

import openpyxl
import pytest
from django.utils.safestring import mark_safe

from common.export_files import Book, neutral, write_csv
from common.exports import number, plain

FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    "=cmd|' /C calc'!A0",
)
HARMLESS = ("", "张三", "0000012", "138****1234", "1-2", "a=b", "张@三", "–", "—", "−5", "'=1")


def read(chunks, head=("a", "b")):
    file, count = write_csv(head, chunks)
    return file.read(), count


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_a_spreadsheet_would_calculate_gets_an_apostrophe(text):
    assert neutral(text) == f"'{text}"
    assert neutral(f" \u3000{text}") == f"' \u3000{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is(text):
    assert neutral(text) == text


def test_numbers_stay_numbers():
    assert [neutral(-5), neutral(-0.5)] == [-5, -0.5]


def test_csv_has_the_mark_that_excel_looks_for_and_quotes_what_it_must():
    content, count = read([[["张三", 'a"b,c'], ["两\n行", -3]], [["=1", "0000012"]]])

    assert content.startswith(b"\xef\xbb\xbf")
    assert count == 3
    assert [*csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))] == [
        ["a", "b"],
        ["张三", 'a"b,c'],
        ["两\n行", "-3"],
        ["'=1", "0000012"],
    ]


def test_csv_of_nothing_has_its_head():
    assert read([]) == (b"\xef\xbb\xbfa,b\r\n", 0)


def workbook(chunks, head=("a", "b")):
    book = Book(tempfile.gettempdir())
    count = book.write_table("名单", head, chunks)
    book.write_facts("说明", [("行数", str(count)), ("筛选", "<r>=1</r>")])
    return book.close().read(), count


def sheets(content):
    return {
        sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in openpyxl.load_workbook(io.BytesIO(content))
    }


def test_workbook_keeps_text_as_text_and_numbers_as_numbers():
    texts = [*FORMULAS[:4], *FORMULAS[7:], "0000012", "330382198503071234", "http://example.org", "1E5", "2026-07-12"]
    content, count = workbook([[[text, 5] for text in texts], [["", 2.5]]])

    rows = sheets(content)["名单"]
    assert count == len(texts) + 1
    assert rows == [["a", "b"], *[[text, 5] for text in texts], [None, 2.5]]
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert {cell.data_type for cell in book["名单"]["A"][1:-1]} == {"s"}
    assert {cell.number_format for cell in book["名单"]["A"][1:-1]} == {"@"}
    parts = zipfile.ZipFile(io.BytesIO(content))
    written = "".join(parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/"))
    assert "<f>" not in written
    assert "hyperlink" not in written


def test_workbook_takes_what_looks_like_its_own_xml_as_text():
    texts = ["<r><t>1</t></r>", "<r></is></c></row></r>", "a & b", "\x07", "_x0041_"]

    rows = sheets(workbook([[[text, 1] for text in texts]])[0])["名单"]

    assert [row[0].strip() for row in rows[1:3]] == texts[:2]
    assert rows[3][0] == "a & b"
    assert len(rows) == 6


def test_cell_that_is_too_long_for_excel_is_cut():
    rows = sheets(workbook([[["长" * 40_000, 1]]])[0])["名单"]

    assert len(rows[1][0]) == 32_767


def test_cells_are_the_words_of_what_the_page_prints():
    badge = mark_safe('<span class="state"><svg><path d="M1"/></svg>R&amp;D</span>')

    assert [plain(each) for each in (badge, None, ["甲", "", badge], 3, 0.5, "甲", "<b>")] == [
        "R&D",
        "",
        "甲、R&D",
        3,
        0.5,
        "甲",
        "<b>",
    ]
    assert [number("12.5"), number("300.0"), number(""), number(None)] == [12.5, 300.0, "", ""]
