"""Uploaded files: as LibreOffice, WPS and old Excel write them, and what is made to harm or simply wrong."""

import io
import json
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
import xlwt
from django.core.exceptions import ValidationError

from tests.volunteers.imports.files import dates, inline, workbook
from volunteers.imports.columns import MOST_COLUMNS
from volunteers.imports.parts import unpack
from volunteers.imports.reading import best_of, read_sheets

HEADER = ["姓名", "手机", "出生日期"]
ROW = ["张三", "13800001234", "1985-03-07"]


def xlsx(rows, *, sheets=(), merge=(), hide=(), formulas=()):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
        for name, lines in (("名单", rows), *sheets):
            sheet = book.add_worksheet(name)
            for line, row in enumerate(lines):
                for place, value in enumerate(row):
                    if isinstance(value, date | datetime):
                        sheet.write_datetime(line, place, value, day)
                    elif value is not None:
                        sheet.write(line, place, value)
            if name in hide:
                sheet.hide()
        first = book.worksheets()[0]
        for where, text in merge:
            first.merge_range(where, text)
        for where, formula, value in formulas:
            first.write_formula(where, formula, None, value)
    return buffer.getvalue()


def read(data, remembered=None):
    sheets = read_sheets(data, remembered or {})
    sheet = sheets[best_of(sheets)]
    return sheet.facts, [row for _count, _first, packed in sheet.parts for row in unpack(packed)]


def refusal(data):
    with pytest.raises(ValidationError) as refused:
        read_sheets(data, {})
    return refused.value.messages[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_csv_is_read_in_the_encodings_of_chinese_offices(encoding):
    data = "\r\n".join(",".join(row) for row in (HEADER, ROW)).encode(encoding)
    facts, rows = read(data)

    assert facts["columns"] == {"name": 0, "phone": 1, "birth_date": 2}
    assert rows == [[2, ROW]]


def test_titles_two_rows_of_names_and_merged_cells_are_tolerated():
    rows = [
        ["大荆镇花名册"],
        [None, "基本情况", None, "村"],
        [None, "手机", "出生日期", None],
        ["张三", "13800001234", date(1985, 3, 7), "东岸村"],
        ["李四", 13800001235.0, "1985.3.8", None],
        ["王五", "13800001236", "19850309", None],
    ]
    facts, read_rows = read(xlsx(rows, merge=[("A1:D1", "大荆镇花名册"), ("A2:A3", "姓名"), ("D4:D6", "东岸村")]))

    assert facts["columns"] == {"name": 0, "phone": 1, "birth_date": 2, "village": 3}
    assert (facts["head"], facts["rows"]) == (3, 3)
    assert [row[1][3] for row in read_rows] == ["东岸村"] * 3
    assert read_rows[0] == [4, ["张三", "13800001234", "1985-03-07", "东岸村"]]


def test_names_that_are_repeated_on_each_printed_page_are_left_out():
    _facts, rows = read(xlsx([HEADER, ROW, HEADER, ["李四", "13800001235", "1985-03-08"], ["姓名", None, None]]))

    assert [number for number, _cells in rows] == [2, 4, 5]


def test_samples_are_kept_encrypted():
    facts, _rows = read(xlsx([HEADER, ROW, ROW, ["李四", 13800001235.0, None]]))

    assert unpack(facts["samples"].encode()) == [["张三", "李四"], ["13800001234", "13800001235"], ["1985-03-07"]]
    assert "张三" not in json.dumps(facts, ensure_ascii=False)


def test_formulas_give_their_values():
    data = xlsx(
        [HEADER, ["张三", None, None]], formulas=[("B2", '="138"&"00001234"', "13800001234"), ("C2", "=1/0", "#DIV/0!")]
    )
    _facts, rows = read(data)

    assert rows[0][1][:2] == ["张三", "13800001234"]


def test_libreoffice_writes_inline_strings_and_its_own_formats_of_dates():
    data = workbook(
        {
            "Sheet1": "<sheetData>"
            f'<row r="2">{inline("B2", "姓名")}{inline("C2", "出生日期")}{inline("D2", "手机")}</row>'
            f'<row r="3">{inline("B3", "张三")}<c r="C3" s="1"><v>31113</v></c>'
            '<c r="D3"><v>1.3800001234E10</v></c></row>'
            f'<row r="4">{inline("B4", "李四")}<c r="C4" s="2"><v>31114</v></c>'
            f"{inline('D4', '１３８００００１２３５')}</row>"
            "</sheetData>"
        },
        styles=dates('yyyy"年"m"月"d"日"', "[$-804]yyyy/m/d;@"),
    )
    facts, rows = read(data)

    assert facts["head"] == 2
    assert rows == [
        [3, [None, "张三", "1985-03-07", 13800001234]],
        [4, [None, "李四", "1985-03-08", "１３８００００１２３５"]],
    ]


def test_wps_writes_shared_strings_with_runs_and_phonetic_hints():
    data = workbook(
        {
            "义工": '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
            '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="s"><v>3</v></c></row></sheetData>'
            '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
        },
        shared="<si><r><t>姓</t></r><r><rPr><b/></rPr><t>名</t></r></si><si><t>联系电话</t></si>"
        '<si><t xml:space="preserve"> 单小明 </t></si><si><t>138 0000 1234</t></si>',
    )
    facts, rows = read(data)

    assert facts["columns"] == {"name": 0, "phone": 1}
    assert rows[0][1][1] == "138 0000 1234"


def test_dates_of_a_mac_count_from_1904():
    data = workbook(
        {
            "a": f'<sheetData><row r="1">{inline("A1", "姓名")}{inline("B1", "出生日期")}</row>'
            f'<row r="2">{inline("A2", "张三")}<c r="B2" s="1"><v>29651</v></c></row></sheetData>'
        },
        styles=dates("yyyy-mm-dd"),
        is_1904=True,
    )
    _facts, rows = read(data)

    assert rows[0][1] == ["张三", "1985-03-07"]


def test_old_excel_is_read():
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    sheet.write_merge(0, 0, 0, 2, "花名册")
    for line, row in enumerate([HEADER, ["张三", 13800001234]], start=1):
        for place, value in enumerate(row):
            sheet.write(line, place, value)
    sheet.write(2, 2, datetime(1985, 3, 7), day)  # noqa: DTZ001 (spreadsheets know no zone)
    buffer = io.BytesIO()
    book.save(buffer)
    facts, rows = read(buffer.getvalue())

    assert facts["columns"] == {"name": 0, "phone": 1, "birth_date": 2}
    assert rows == [[3, ["张三", 13800001234, "1985-03-07"]]]


def test_hidden_sheets_are_not_chosen_and_several_are_offered():
    sheets = read_sheets(
        xlsx([["封面"]], sheets=[("旧", [HEADER, *[ROW] * 9]), ("新", [HEADER, ROW]), ("空", [])], hide=["旧"]), {}
    )

    assert [(sheet.facts["name"], sheet.facts["hidden"], sheet.facts["rows"]) for sheet in sheets] == [
        ("名单", False, 0),
        ("旧", True, 9),
        ("新", False, 1),
        ("空", False, 0),
    ]
    assert best_of(sheets) == 2


def test_a_file_whose_rows_are_all_hidden_says_so():
    assert "hidden sheet: 旧" in refusal(xlsx([["封面"]], sheets=[("旧", [HEADER, ROW])], hide=["旧"]))


def test_limits_are_told(settings):
    settings.IMPORT_VOLUNTEERS_MAX_ROWS = 3
    wide = [f"c{place}" for place in range(400)]

    assert read(xlsx([HEADER, *[[f"人{n}", "1", None] for n in range(3)]]))[0]["rows"] == 3
    assert "more than 3 rows" in refusal(xlsx([HEADER, *[[f"人{n}", "1", None] for n in range(4)]]))
    assert "more than 3 rows" in refusal("\n".join(["姓名,手机", *["x,1"] * 30]).encode())
    assert f"has 400 columns; at most {MOST_COLUMNS}" in refusal(xlsx([wide, wide]))
    assert "400 columns" in refusal("\n".join([",".join(wide)] * 2).encode())
    settings.IMPORT_VOLUNTEERS_MAX_MEGABYTES = 1
    assert "larger than 1 MB" in refusal(b"a" * (1024 * 1024 + 1))


def test_three_hundred_thousand_rows_are_refused_by_default():
    data = "姓名,手机\n" + "张三,13800001234\n" * 300_000

    assert "larger than 5 MB" in refusal(data.encode())
    assert "more than 50000 rows" in refusal(("姓名,手机\n" + "张,1\n" * 300_000).encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00" * 40, "no spreadsheet"),
        (b"PK\x03\x04 and then nothing", "cannot be read"),
        (b"<html><table></table></html>", "web page"),
        ("姓名,手机\n".encode(), "no row below"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(data, says):
    assert says in refusal(data)


def test_zip_bomb_is_refused(settings):
    settings.IMPORT_VOLUNTEERS_MAX_UNPACKED_MEGABYTES = 2
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(3_000_000))

    assert "Unpacked, the file is larger than 2 MB" in refusal(buffer.getvalue())


def test_a_password_protected_workbook_says_so():
    """Behind a password a new workbook is a container with one stream; an old one says so in its second record."""
    book = xlwt.Workbook()
    book.add_sheet("a")
    buffer = io.BytesIO()
    book.save(buffer)
    data = buffer.getvalue()
    start = data.index(b"\x09\x08\x10\x00") + 20
    locked = (
        data.replace(entry_called("Workbook"), entry_called("EncryptedPackage")),
        data[:start] + b"\x2f\x00\x36\x00" + data[start + 4 :],
    )

    assert [refusal(each) for each in locked] == ["The file is protected by a password. Save it without one."] * 2


def entry_called(name):
    """Return how the directory of an OLE container writes a name: 64 bytes, and its length."""
    text = f"{name}\0".encode("utf-16-le")
    return text.ljust(64, b"\0") + len(text).to_bytes(2, "little")
