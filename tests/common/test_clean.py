"""Turning what people type into clean values: what is put right silently, and what is refused with advice."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError

from common import clean


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("12", 12),
        (12, 12),
        ("", None),
        (None, None),
        ("-1", None),
        ("１２", None),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
    ],
)
def test_key_is_what_both_databases_can_hold(typed, key):
    assert clean.key_of(typed) == key


@pytest.mark.parametrize(
    "typed",
    [
        "13800001234",
        "１３８ ００００ １２３４",
        "+86 138-0000-1234",
        "0086 13800001234",
        "138—0000—1234",
        "86 13800001234",
    ],
)
def test_phone_is_eleven_digits_however_it_is_typed(typed):
    assert clean.clean_phone(typed) == "13800001234"


@pytest.mark.parametrize("typed", ["1380000123", "12800001234", "0577-62521234", "138000012345", "١٣٨٠٠٠٠١٢٣٤", "手机"])
def test_what_is_no_mobile_number_is_refused(typed):
    with pytest.raises(ValidationError, match="eleven digits"):
        clean.clean_phone(typed)


@pytest.mark.parametrize(
    "typed", ["2026-7-5", "2026/07/05", "2026.7.5", "2026年7月5日", "20260705", "２０２６－７－５", " 2026 - 7 - 5 "]
)
def test_date_is_read_in_every_usual_spelling(typed):
    assert clean.clean_date(typed) == date(2026, 7, 5)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("0202-07-05", "0202 cannot be right"),
        ("9999-12-31", "9999 cannot be right"),
        ("2026-02-29", "no such day"),
        ("2026-13-01", "no such day"),
        ("5.7.2026", "year, month and day"),
        ("heute", "year, month and day"),
    ],
)
def test_date_that_cannot_be_meant_is_refused_with_the_reason(typed, says):
    with pytest.raises(ValidationError, match=says):
        clean.clean_date(typed)


def test_leap_day_is_a_day_in_a_leap_year():
    assert clean.clean_date("2024年2月29日") == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("typed", "clock"),
    [("8:05", time(8, 5)), ("8：05", time(8, 5)), ("0805", time(8, 5)), ("8点5分", time(8, 5)), ("20时", time(20))],
)
def test_time_is_read_in_every_usual_spelling(typed, clock):
    assert clean.clean_time(typed) == clock


@pytest.mark.parametrize("typed", ["25:00", "8:60", "24:00", "morgens", "-1:00"])
def test_time_that_no_clock_shows_is_refused(typed):
    with pytest.raises(ValidationError, match="hours and minutes"):
        clean.clean_time(typed)


def test_midnight_ends_a_day_where_that_can_be_meant():
    end = clean.clean_time("24:00", may_end_day=True)

    assert clean.moment(date(2026, 7, 5), end) == datetime(2026, 7, 6, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (" 张 三 ", "张三"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("𠅤喆", "𠅤喆"),
        ("张\u200b三", "张三"),
        ("Anna  Li", "Anna Li"),
    ],
)
def test_name_is_put_right_silently_where_the_meaning_is_clear(typed, name):
    assert clean.clean_name(typed) == name


@pytest.mark.parametrize("typed", ["张😀", "张\x07三", "👨\u200d👩"])
def test_name_with_emoji_or_control_characters_is_refused(typed):
    with pytest.raises(ValidationError, match="emoji"):
        clean.clean_name(typed)


def test_text_keeps_lines_and_emoji_and_loses_what_cannot_be_seen():
    assert clean.clean_text("一行\r\n二行 😀\u200b\t完 ") == "一行\n二行 😀 完"


def test_text_with_control_characters_is_refused():
    with pytest.raises(ValidationError, match="Type it anew"):
        clean.clean_text("a\x00b")


@pytest.mark.parametrize(("utc", "year"), [("2026-12-31T15:59:00+00:00", 2027), ("2026-12-31T16:01:00+00:00", 2028)])
def test_next_year_is_that_of_shanghai_whatever_the_servers_clock(utc, year):
    with time_machine.travel(utc):
        assert clean.clean_date(f"{year}-01-01") == date(year, 1, 1)
        with pytest.raises(ValidationError):
            clean.clean_date(f"{year + 1}-01-01")
