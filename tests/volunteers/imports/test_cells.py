"""One cell: what offices write, and what spreadsheets make of it."""

import pytest

from volunteers.imports import cells
from volunteers.imports.cells import Memo
from volunteers.imports.problems import Bad


def code(value):
    return value.code if isinstance(value, Bad) else value


@pytest.mark.parametrize(
    "cell",
    [
        "1985-03-07",
        "1985-3-7",
        "1985.03.07",
        "1985/3/7",
        "1985年3月7日",
        "19850307",
        19850307,
        19850307.0,
        "１９８５．３．７",
        " 1985 年 3 月 7 日 ",
        "1985/3/7 0:00:00",
        "1985-03-07 08:30",
        31113,
        31113.0,
    ],
)
def test_a_day_is_read_in_every_spelling(cell):
    assert cells.day_of(cell) == "1985-03-07"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("1985.03", "no_day"),
        (1985.03, "no_day"),
        ("1985年3月", "no_day"),
        ("198503", "no_day"),
        (198503, "no_day"),
        ("1985-02-30", "no_such_day"),
        ("1885-02-03", "year"),
        ("2999-01-01", "year"),
        ("春天", "date"),
        (7, "date"),
        ("2099-01-01", "year"),
        (0.5, "date"),
    ],
)
def test_what_is_no_day_says_why(cell, says):
    assert code(cells.day_of(cell)) == says


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2005.06", "2005-06"),
        ("2005年6月", "2005-06"),
        ("200506", "2005-06"),
        (2005.06, "2005-06"),
        ("2005-06-17", "2005-06-17"),
        ("2026.13", "date"),
    ],
)
def test_when_somebody_joined_the_party_may_be_a_month(cell, value):
    assert code(cells.day_or_month_of(cell)) == value


@pytest.mark.parametrize(
    "cell",
    [
        "13800001234",
        13800001234,
        13800001234.0,
        "138 0000 1234",
        "＋86-138-0000-1234",
        "１３８００００１２３４",
        "86 13800001234",
    ],
)
def test_a_phone_is_read_also_as_the_number_that_excel_made(cell):
    assert cells.phone_of(cell) == "13800001234"


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("1380000123", "phone"),
        (1.38e9, "phone"),
        ("1.38E+10", "phone_lost"),
        ("13800001234/13900001234", "phones"),
        ("0577-62520000", "phone"),
    ],
)
def test_a_wrong_phone_says_why(cell, says):
    assert code(cells.phone_of(cell)) == says


def test_ten_digits_are_counted_in_the_cure():
    assert cells.phone_of("1380000123") == Bad("phone", {"count": 10})


def test_an_id_number_is_text_or_lost():
    good = "11010519491231002X"

    assert cells.id_number_of(good) == cells.id_number_of("１１０１０５ 19491231 002x") == good
    for lost in (3.30382198503071e17, 330382198503071000, "3.30E+17", "3.30382E+17", "330382198503071000"):
        assert code(cells.id_number_of(lost)) == "id_lost"
    assert code(cells.id_number_of("110105194912310021")) == "id_digit"
    assert code(cells.id_number_of("110105491231002")) == "id_form"


def test_words_for_gender_and_yes_and_no():
    assert [code(cells.gender_of(cell)) for cell in ("男", " 女性 ", "M", "Female", "?")] == [
        "male",
        "female",
        "male",
        "female",
        "gender",
    ]
    assert [code(cells.yes_no_of(cell)) for cell in ("是", "√", 1, 0.0, "否", "也许")] == [
        True,
        True,
        True,
        False,
        False,
        "yes_no",
    ]


def test_numbers_get_their_noughts_back():
    assert [code(cells.number_of(cell)) for cell in ("0000012", 12, 12.0, "１２", "A12", "12345678")] == [
        "0000012"
    ] * 4 + ["number"] * 2


def test_names_are_clean_or_refused():
    assert cells.name_of("张 三") == "张三"
    assert cells.name_of("阿卜杜拉•买买提") == "阿卜杜拉·买买提"
    assert [code(cells.name_of(cell)) for cell in ("张\u200b三", "😀", 5, "长" * 41)] == [
        "张三",
        "name",
        "name",
        "long",
    ]


def test_a_dash_means_nothing_and_a_failed_formula_is_named():
    memo = Memo(cells.phone_of)

    assert [code(memo[cell]) for cell in (None, "-", " 无 ", "/", "#N/A", "#REF!", "Err:502")] == [None] * 4 + [
        "formula"
    ] * 3


def test_memos_stay_small():
    memo = Memo(cells.text_of)
    for number in range(cells.MOST_REMEMBERED + 10):
        memo[f"x{number}"]

    assert len(memo) < cells.MOST_REMEMBERED
    assert memo[None] is None
