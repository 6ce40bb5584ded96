"""One cell of a line: what people type, and what spreadsheets make of it.

A cell is text, a number, or nothing. ``workbook`` has turned real dates and times into text before (2026-07-12, 08:30);
what a spreadsheet still holds as a number is a clock time as a part of the day, or digits that lost their zeros.
All raise ``ValidationError``, whose message says how to put it right.
"""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import clean
from common.workbook.opening import Cell
from common.workbook.table import text_of

MINUTES_A_DAY = 24 * 60
# Excel counts days from here; the numbers of the years 2000 to 2099.
EXCEL_EPOCH, EXCEL_DAYS = date(1899, 12, 30), range(36_526, 73_051)
# 7-12, 7/12, 7.12, 7月12日, 0712: the year is the latest that has come.
MONTH_AND_DAY = re.compile(r"([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2})")
# A day with a clock time: each column takes its part.
DAY_AND_CLOCK = re.compile(r"([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2})[ T]+([0-9]{1,2}:[0-9]{2})(?::[0-9]{2})?")
SECONDS = re.compile(r"([0-9]{1,2}:[0-9]{2}):00")
DURATION = re.compile(r"\+([0-9]{1,3})(?:分钟?|min)?|([0-9]{1,3})(?:分钟?|min)")
NEXT_DAY = re.compile(r"次日|(?<=[0-9])\(?\+1\)?$")
LATE_CLOCK = re.compile(r"(2[4-9]|3[0-9]):?([0-9]{2})")


@dataclass(frozen=True)
class End:
    """When a service ended: at a clock time, of the next day perhaps, or so many minutes after its start."""

    clock: time | None = None
    is_next_day: bool = False
    minutes: int = 0


def day_of(cell: Cell) -> date:
    """Read a day, also as month and day alone, and as the number of a day that a spreadsheet has left bare."""
    text = re.sub(r"\s+", " ", clean.clean_code(text_of(cell)))
    found = DAY_AND_CLOCK.fullmatch(text)
    if found:
        text = found[1]
    if isinstance(cell, float) and not cell.is_integer() and not EXCEL_DAYS[0] <= cell <= EXCEL_DAYS[-1]:
        # 7.1 may have been 7.10: spreadsheets drop the zero.
        raise ValidationError(_("This number is no day. Write it as text, for example 2026-07-12."), code="date")
    if isinstance(cell, int | float) and not isinstance(cell, bool) and EXCEL_DAYS[0] <= cell <= EXCEL_DAYS[-1]:
        return EXCEL_EPOCH + timedelta(days=int(cell))
    if not isinstance(cell, str) and text.isdecimal() and len(text) == 3:
        text = f"0{text}"  # 712 was 0712
    short = MONTH_AND_DAY.fullmatch(text.replace(" ", ""))
    if not short:
        return clean.clean_date(text)
    month, day = (int(part) for part in short.groups() if part)
    today = timezone.localdate()
    for year in (today.year, today.year - 1):
        try:
            found_day = date(year, month, day)
        except ValueError:
            continue
        if found_day <= today:
            return found_day
    raise ValidationError(_("Write the date as year, month and day, for example 2026-07-12."), code="date")


def clock_of(cell: Cell, *, may_end_day: bool = False) -> time:
    """Read a time of day; 830 is half past eight, and a number below one is a part of the day."""
    if isinstance(cell, float) and not cell.is_integer():
        if not 0 < cell < 1:
            raise ValidationError(
                _("This number is no time of day. Write it as text with a colon, for example 08:30."), code="time"
            )
        minutes = round(cell * MINUTES_A_DAY)
        return clean.END_OF_DAY if minutes == MINUTES_A_DAY else time(minutes // 60, minutes % 60)
    text = clean.clean_code(text_of(cell))
    whole = DAY_AND_CLOCK.fullmatch(text)
    text = re.sub(r"\s", "", whole[2] if whole else text)
    seconds = SECONDS.fullmatch(text)
    if seconds:
        text = seconds[1]
    if text.isdecimal() and len(text) == 3:
        text = f"0{text}"
    return clean.clean_time(text, may_end_day=may_end_day)


def end_of(cell: Cell) -> End:
    """Read the end of a service: 0930, 9:30, +60 (minutes after the start), 次日01:30 or 25:30 (the next day)."""
    if isinstance(cell, str):
        text = clean.clean_code(cell)
        if DAY_AND_CLOCK.fullmatch(text):
            return End(clock_of(text))
        text = re.sub(r"\s", "", text)
        duration = DURATION.fullmatch(text)
        if duration:
            return End(minutes=int(duration[1] or duration[2]))
        late = LATE_CLOCK.fullmatch(text)
        if late and text not in ("2400", "24:00"):
            return End(clock_of(f"{int(late[1]) - 24}:{late[2]}"), is_next_day=True)
        if NEXT_DAY.search(text):
            return End(clock_of(NEXT_DAY.sub("", text)), is_next_day=True)
        cell = text
    return End(clock_of(cell, may_end_day=True))


def count_of(cell: Cell, *, most: int) -> int:
    """Read a whole number of people; nothing written means one."""
    text = re.sub(r"[\s,人户]", "", clean.clean_code(text_of(cell)))
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and 1 <= int(text) <= most):
        raise ValidationError(_("Say how many people it served: 1 to 100 000."), code="people_served")
    return int(text)


def line_of(cell: Cell, *, most: int) -> str:
    """Read one line of prose."""
    text = clean.clean_line(text_of(cell))
    if len(text) > most:
        raise ValidationError(_("At most %(limit)s characters."), code="length", params={"limit": most})
    return text
