"""What is uploaded: every kind of workbook, CSV in Chinese encodings, and what is made to harm."""

import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError

from common.workbook.writing import letter_of
from services.paper.columns import NAMES, TABLE
from services.paper.line import COLUMNS

HEADER = [NAMES[column][0] for column in COLUMNS]
ROW = ["东岸3", "2026-07-06", "08:30", "09:30", "qjhj", "0000001", "老陈", "打扫院子", "1", ""]


def xlsx(rows, *, also=None, merge=()):
    """Return a workbook of the rows; ``also(workbook, sheet)`` writes more into it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as workbook:
        sheet = workbook.add_worksheet("日志")
        formats = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            time: workbook.add_format({"num_format": "hh:mm"}),
            timedelta: workbook.add_format({"num_format": "[h]:mm"}),
        }
        formats[datetime] = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for line, row in enumerate(rows):
            for place, value in enumerate(row):
                if type(value) in formats:
                    sheet.write_datetime(line, place, value, formats[type(value)])
                elif value is not None:
                    sheet.write(line, place, value)
        for where in merge:
            sheet.merge_range(where, rows[1][0])
        if also:
            also(workbook, sheet)
    return buffer.getvalue()


def csv(rows, encoding="utf-8", delimiter=","):
    return "\r\n".join(delimiter.join(row) for row in rows).encode(encoding)


def ods(rows):
    """Return an OpenDocument spreadsheet of text cells."""
    lines = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>' for value in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text")}
    content = (
        f"<office:document-content {' '.join(f'xmlns:{name}={chr(34)}{uri}{chr(34)}' for name, uri in spaces.items())}>"
        f'<office:body><office:spreadsheet><table:table table:name="a">{lines}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return buffer.getvalue()


def refusal(data):
    with pytest.raises(ValidationError) as refused:
        TABLE.read(data)
    return refused.value.messages[0]


def cells(table, line=0):
    _number, row = table.rows[line]
    return {column: row[place] for column, place in table.columns.items() if place < len(row)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_every_encoding_of_chinese_offices(encoding, delimiter):
    table = TABLE.read(csv([HEADER, ROW], encoding, delimiter))

    assert cells(table) == {column: value or None for column, value in zip(COLUMNS, ROW, strict=True)}
    assert table.rows[0][0] == 2


def test_opendocument_is_read():
    assert cells(TABLE.read(ods([HEADER, ROW])))["content"] == "打扫院子"


def test_dates_and_times_are_read_as_such_and_as_text():
    half_past = datetime(2026, 7, 6, 8, 30)  # noqa: DTZ001 (spreadsheets know no zone)
    rows = [
        HEADER,
        ["东岸3", date(2026, 7, 6), time(8, 30), time(9, 30), "qjhj", 1, "老陈", "打扫"],
        ["东岸3", half_past, half_past, timedelta(hours=25, minutes=30), "", 1.0],
        ["东岸3", 46209, 0.3541666667, 0.3958333333, "", "0000001"],
    ]
    table = TABLE.read(xlsx(rows))

    assert list(cells(table).values())[:6] == ["东岸3", "2026-07-06", "08:30", "09:30", "qjhj", 1]
    assert [cells(table, 1)[name] for name in ("date", "starts", "ends")] == [
        "2026-07-06 08:30",
        "2026-07-06 08:30",
        "25:30",
    ]
    assert cells(table, 2)["date"] == 46209


def test_columns_stand_in_any_order_under_titles_with_the_usual_names():
    rows = [
        ["大荆镇2026年7月服务日志"],
        [],
        ["序号", "义工 *", "服务内容（必填）", "服务对象", "开始时间", "结束时间", "服务类型", "服务日期", "团队"],
    ]
    rows.append(["1", "0000001", "打扫", "老陈", "8:30", "9:30", "qj", "7-6", "东岸3"])
    table = TABLE.read(xlsx(rows))

    assert table.columns == {
        "people": 1, "content": 2, "recipient": 3, "starts": 4, "ends": 5, "category": 6, "date": 7, "team": 8,
    }  # fmt: skip
    assert table.rows == [(4, rows[3])]


def test_english_names_do_as_well():
    assert set(TABLE.read(csv([[NAMES[column][1] for column in COLUMNS], ROW])).columns) == set(COLUMNS)


def test_missing_columns_are_named():
    assert refusal(csv([HEADER[:5], ROW[:5]])).startswith("These columns are missing: Who took part、For whom、What")
    assert refusal(csv([["a", "b"], ["c", "d"]])).startswith("No row with the names of the columns")
    assert "Two columns mean the same: 服务日期" in refusal(csv([[*HEADER, "服务日期"], [*ROW, "x"]]))


def test_empty_rows_are_left_out_and_merged_cells_count_for_each_row():
    rows = [HEADER, ROW, [], [None, *ROW[1:]], [None] * 10, ["西岸1", *ROW[1:]]]
    table = TABLE.read(xlsx(rows, merge=["A2:A4"]))

    assert [(number, row[0]) for number, row in table.rows] == [(2, "东岸3"), (3, "东岸3"), (4, "东岸3"), (6, "西岸1")]


def test_formulas_give_their_values():
    def formulas(workbook, sheet):
        sheet.write_formula(1, 0, '="东岸"&"3"', None, "东岸3")
        sheet.write_formula(1, 8, "=1+1", None, 2)

    found = cells(TABLE.read(xlsx([HEADER, ROW], also=formulas)))

    assert (found["team"], found["people_served"]) == ("东岸3", 2)


def test_the_sheet_with_the_columns_is_found():
    def second(workbook, sheet):
        other = workbook.add_worksheet("真的")
        for line, row in enumerate([HEADER, ROW, ROW]):
            other.write_row(line, 0, row)

    table = TABLE.read(xlsx([["封面"], ["说明"]], also=second))

    assert (table.sheet, len(table.rows)) == ("真的", 2)


def test_two_thousand_rows_are_taken_and_one_more_is_refused():
    assert len(TABLE.read(csv([HEADER, *[ROW] * 2000])).rows) == 2000
    for data in (csv([HEADER, *[ROW] * 2001]), xlsx([HEADER, *[ROW] * 2001])):
        assert refusal(data) == "The file has more than 2000 rows. Split it into several files."


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "no spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no spreadsheet"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "no spreadsheet"),
        (b"PK\x03\x04 and then nothing", "cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "cannot be read"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "web page"),
        ("队,期\x00".encode(), "no spreadsheet"),
        (b"\x80\x81\xff\xff\xff", "no spreadsheet"),
        (b"\xff\xfea", "no spreadsheet"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_its_content(data, says):
    assert says in refusal(data)


def test_other_zip_files_are_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")

    assert "cannot be read" in refusal(buffer.getvalue())


def packed(size, *, claims=None):
    """Return a zip of ``size`` zero bytes that may claim another size."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(size))
    data = buffer.getvalue()
    if claims is not None:
        data = data.replace(size.to_bytes(4, "little"), claims.to_bytes(4, "little"))
    return data


def test_zip_bomb_is_refused_also_when_it_lies_about_its_size(settings):
    settings.IMPORT_MAX_UNPACKED_MEGABYTES = 2

    for data in (packed(3_000_000), packed(3_000_000, claims=1000)):
        assert len(data) < 10_000
        assert refusal(data) == "Unpacked, the file is larger than 2 MB. Split it, or take out pictures."


def test_file_of_more_than_five_megabytes_is_refused(settings):
    settings.IMPORT_MAX_MEGABYTES = 1

    assert "larger than 1 MB" in refusal(b"a" * (1024 * 1024 + 1))


def test_cell_at_the_far_end_of_the_sheet_harms_the_reader_only():
    """A few kilobytes that make a reader ask for seventeen thousand million cells."""
    data = xlsx([HEADER, ROW], also=lambda workbook, sheet: sheet.write_string(1_048_575, 16_383, "x"))

    assert len(data) < 20_000
    assert "cannot be read" in refusal(data)


def test_long_texts_and_wide_rows_are_cut():
    row = list(ROW)
    row[7] = "长" * 5000
    table = TABLE.read(xlsx([[*HEADER, *["x"] * 90], [*row, *["y"] * 90]]))

    assert (len(table.rows[0][1]), len(cells(table)["content"])) == (40, 3000)


def test_columns_are_named_as_spreadsheets_do():
    assert [letter_of(place) for place in (0, 25, 26, 51, 52, 701, 702)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
