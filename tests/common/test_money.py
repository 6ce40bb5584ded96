"""Money is fen: what people type, what receipts say."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from common.money import DIGITS, MOST_FEN, PLACES, clean_money, in_capitals, yuan


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("200", 20_000),
        (" 200.5 ", 20_050),
        ("¥1,200.50", 120_050),
        ("２００元", 20_000),
        ("人民币200元整", 20_000),
        ("0.01", 1),
        ("50块", 5_000),
        ("100000", MOST_FEN),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, fen):
    assert clean_money(typed) == fen


@pytest.mark.parametrize(
    "typed", ["", "-5", "0", "0.00", "2.005", "1e3", "两百", "٢٠٠", "100000.01", "200 or so", "9" * 40]
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_money(typed)


@pytest.mark.parametrize(
    ("fen", "said"),
    [
        (20_000, "贰佰元整"),
        (20_050, "贰佰元伍角整"),
        (20_005, "贰佰元零伍分"),
        (12_345, "壹佰贰拾叁元肆角伍分"),
        (50, "伍角整"),
        (7, "柒分"),
        (1_000_000, "壹万元整"),
        (1_000_100, "壹万零壹元整"),
        (10_010_000, "壹拾万零壹佰元整"),
        (1_050_301, "壹万零伍佰零叁元零壹分"),
        (1_000, "壹拾元整"),
        (100_100, "壹仟零壹元整"),
    ],
)
def test_receipts_say_amounts_in_capitals(fen, said):
    assert in_capitals(fen) == said


def read_back(said: str) -> int:
    """Read capitals as a person does: digits take the place that follows, 万 lifts all before it."""
    total = pending = group = 0
    for sign in said.removesuffix("整"):
        if sign in DIGITS:
            pending = DIGITS.index(sign)
        elif sign in PLACES:
            group, pending = group + pending * 10 ** PLACES.index(sign), 0
        elif sign == "万":
            total, group, pending = (total + group + pending) * 10_000, 0, 0
        elif sign == "元":
            total, group, pending = (total + group + pending) * 100, 0, 0
        else:
            total, pending = total + pending * {"角": 10, "分": 1}[sign], 0
    return total


@given(st.integers(1, MOST_FEN))
def test_capitals_and_figures_say_the_same(fen):
    assert read_back(in_capitals(fen)) == fen
    assert clean_money(yuan(fen)) == fen
