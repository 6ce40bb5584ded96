"""One cell: what people type, and what spreadsheets make of it."""

from datetime import date, datetime, time

import pytest
import time_machine
from django.core.exceptions import ValidationError

from common.clean import END_OF_DAY
from common.workbook.table import text_of
from services.paper.cells import End, clock_of, count_of, day_of, end_of, line_of


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel(datetime.fromisoformat("2026-07-08T12:00:00+08:00"), tick=False):
        yield


@pytest.mark.parametrize(
    "cell",
    ["2026-07-06", "20260706", 20260706.0, "2026年7月6日", "7-6", "7/6", "7.6", "7月6日", "0706", 706.0,
     "２０２６-７-６", 46209.0, 46209.35, 46209, "2026-07-06 00:00:00"],
)  # fmt: skip
def test_day_is_read_in_every_spelling(cell):
    assert day_of(cell) == date(2026, 7, 6)


def test_month_and_day_alone_are_the_latest_that_have_come():
    assert (day_of("7-8"), day_of("7-9"), day_of("12-31")) == (date(2026, 7, 8), date(2025, 7, 9), date(2025, 12, 31))


@pytest.mark.parametrize("cell", ["", "昨天", "2-30", "13-1", "46209", 12.5, 99999999.0, "二〇二六", "٧-٦", True])
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(ValidationError):
        day_of(cell)


@pytest.mark.parametrize("cell", ["8:05", "8：05", "0805", "805", 805.0, 805, "08:05:00", "8点5分", 0.3368055555])
def test_clock_is_read_in_every_spelling(cell):
    assert clock_of(cell) == time(8, 5)


@pytest.mark.parametrize("cell", [8.3, 8.5, -0.5, "25:00", "上午", "", "0860", 2500.0, float("inf"), float("nan")])
def test_what_is_no_time_is_refused(cell):
    with pytest.raises(ValidationError):
        clock_of(cell)


@pytest.mark.parametrize(
    ("cell", "end"),
    [
        ("0930", End(time(9, 30))),
        (0.5, End(time(12))),
        ("24:00", End(END_OF_DAY)),
        ("2400", End(END_OF_DAY)),
        ("+60", End(minutes=60)),
        ("＋９０", End(minutes=90)),
        ("60分钟", End(minutes=60)),
        ("2530", End(time(1, 30), is_next_day=True)),
        ("25:30", End(time(1, 30), is_next_day=True)),
        ("次日1:30", End(time(1, 30), is_next_day=True)),
        ("次日 0130", End(time(1, 30), is_next_day=True)),
        ("01:30+1", End(time(1, 30), is_next_day=True)),
    ],
)
def test_end_is_a_clock_time_a_length_or_the_next_day(cell, end):
    assert end_of(cell) == end


def test_served_is_one_unless_written():
    assert [count_of(cell, most=100_000) for cell in ("", None, "3人", 12.0, "１２", "1,200")] == [
        1,
        1,
        3,
        12,
        12,
        1200,
    ]
    for cell in ("0", "100001", "三", 1.5, "-1", "9" * 30):
        with pytest.raises(ValidationError):
            count_of(cell, most=100_000)


def test_text_is_one_clean_line_of_bounded_length():
    assert line_of(" 打扫\n院子\u200b ", most=10) == "打扫 院子"
    with pytest.raises(ValidationError):
        line_of("长" * 11, most=10)
    with pytest.raises(ValidationError):
        line_of("a\x00b", most=10)


def test_numbers_show_without_the_zero_that_spreadsheets_add():
    assert [text_of(cell) for cell in (None, 12.0, 12, 1.5, " a ")] == ["", "12", "12", "1.5", "a"]
