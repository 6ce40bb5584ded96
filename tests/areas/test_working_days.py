"""Working days by the real arrangement of 2026, by the table, and by the week where a year is not published yet."""

from datetime import date

import pytest

from areas.models import Holiday
from areas.working_days import Due, add_working_days, is_known, is_working

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-04", True),  # Sunday, made up for New Year
        ("2026-02-14", True),  # Saturday, made up for the Spring Festival
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-09-20", True),  # Sunday, made up for National Day
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-10-11", False),
        ("2026-11-25", True),
    ],
)
def test_days_of_2026_are_as_published(day, works):
    assert is_working(date.fromisoformat(day)) is works
    assert is_known(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("opened", "closes"),
    [
        ("2026-11-25", "2026-12-02"),  # an ordinary week
        ("2026-09-28", "2026-10-10"),  # over National Day: 29, 30, 8, 9 and the made-up Saturday
        ("2026-02-12", "2026-02-26"),  # over the Spring Festival: 13, the made-up 14, 24, 25, 26
        ("2026-11-28", "2026-12-04"),  # opened on a Saturday
    ],
)
def test_five_working_days_end_where_they_should(opened, closes):
    assert add_working_days(date.fromisoformat(opened), 5) == Due(date.fromisoformat(closes), True)


def test_year_that_is_not_published_goes_by_the_week_and_says_so():
    assert is_working(date(2027, 1, 4))
    assert not is_working(date(2027, 1, 9))
    assert not is_known(date(2027, 1, 4))
    assert add_working_days(date(2026, 12, 28), 5) == Due(date(2027, 1, 4), False)


def test_table_comes_first():
    Holiday.objects.create(day=date(2027, 1, 1), name="元旦")
    Holiday.objects.create(day=date(2027, 1, 2), name="元旦")
    Holiday.objects.create(day=date(2027, 1, 3), name="元旦调休", is_working=True)
    Holiday.objects.create(day=date(2026, 12, 29), name="停电")

    assert add_working_days(date(2026, 12, 28), 3) == Due(date(2027, 1, 3), True)
    assert is_known(date(2027, 1, 1))


def test_no_days_end_on_the_same_day():
    assert add_working_days(date(2026, 10, 1), 0) == Due(date(2026, 10, 1), True)


def test_many_days_are_counted_in_few_queries(django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        assert add_working_days(date(2026, 1, 1), 60).is_known
