"""Spans of time: said in words, and read from what people type."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from common.forms import SpanField
from common.spans import clean_span, said, written


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "less than a minute"),
        (1, "1 minute"),
        (90, "1 hour 30 minutes"),
        (24 * 60, "24 hours"),
        (48 * 60, "2 days"),
        (3 * 1440 + 61, "3 days 1 hour 1 minute"),
    ],
)
def test_span_is_said_in_the_units_of_deadlines(minutes, words):
    assert said(minutes) == words


def test_span_is_cut_to_its_largest_units():
    assert said(3 * 1440 + 61, parts=2) == "3 days 1 hour"
    assert said(125, parts=1) == "2 hours"


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("30 分钟", 30),
        ("30分", 30),
        ("2 小时", 120),
        ("2个小时", 120),
        ("半小时", 30),
        ("1 小时 30 分钟", 90),
        ("1.5 小时", 90),
        ("3 天", 4320),
        ("1天2小时", 1560),
        ("２小时", 120),
        ("90", 90),
        ("0", 0),
        ("2 hours", 120),
        ("1 day 2 hours 5 minutes", 1565),
        ("45 min", 45),
        ("4H", 240),
    ],
)
def test_span_is_read_as_people_write_it(typed, minutes):
    assert clean_span(typed) == minutes


@pytest.mark.parametrize(
    "typed",
    ["", "soon", "30 秒", "-5", "2 小时 30", "30 分钟 2 小时", "1 小时 1 小时", "1:30", "٣ 小时", "1" * 41, "分钟"],
)
def test_what_is_no_span_is_refused_with_an_example(typed):
    with pytest.raises(ValidationError, match="2 hours"):
        clean_span(typed)


def test_part_of_a_minute_is_refused():
    with pytest.raises(ValidationError, match="whole minutes"):
        clean_span("0.01 小时")


def test_field_shows_words_that_it_reads_again():
    field = SpanField()
    for minutes in (0, 1, 90, 1440, 4320, 86_399):
        for language in ("en", "zh-hans"):
            with translation.override(language):
                assert field.prepare_value(minutes) == written(minutes)
                assert field.clean(field.prepare_value(minutes)) == minutes
    assert SpanField(required=False).clean("  ") is None
