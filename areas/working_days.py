"""Which days are worked in China: the table first, then the published arrangements, then the week.

``chinese_calendar`` knows the holidays and make-up days of the years that were published when it was released. For a
later year the table says what it has, and the rest goes by the week: then nobody can be sure yet (``is_known``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from areas.models import Holiday

SATURDAY = 5
# So many days of the table are read at a time.
STEP = 60


@dataclass(frozen=True)
class Due:
    """The day that so many working days lead to, and whether every day on the way is known."""

    day: date
    is_known: bool


def is_working(day: date) -> bool:
    """Whether the day is worked."""
    return _of(day, _table([day]))[0]


def is_known(day: date) -> bool:
    """Whether the arrangement of the day is known: from the table, or because its year has been published."""
    return _of(day, _table([day]))[1]


def add_working_days(day: date, number: int) -> Due:
    """Return the ``number``-th working day after ``day``, which itself does not count."""
    known, current, left = True, day, number
    while left > 0:
        ahead = [current + timedelta(days=step) for step in range(1, STEP + 1)]
        table = _table(ahead)
        for current in ahead:
            worked, certain = _of(current, table)
            known &= certain
            left -= worked
            if not left:
                break
    return Due(current, known)


def _table(days: Iterable[date]) -> dict[date, bool]:
    return dict(Holiday.objects.filter(day__in=list(days)).order_by().values_list("day", "is_working"))


def _of(day: date, table: dict[date, bool]) -> tuple[bool, bool]:
    """Return whether the day is worked, and whether that is known."""
    if day in table:
        return table[day], True
    try:
        return bool(chinese_calendar.is_workday(day)), True
    except NotImplementedError:
        return day.weekday() < SATURDAY, False
