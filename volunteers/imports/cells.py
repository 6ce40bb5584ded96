"""One cell of a list of volunteers: what offices write, and what spreadsheets make of it.

A reader takes the cell (text or number, never nothing) and returns its value as it is kept in JSON, None where it says
nothing (a dash), or ``Bad``. Days are ISO texts. The same cell is read once: a ``Memo`` remembers.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from common import clean
from common.workbook.opening import Cell
from volunteers.id_number import check_digit
from volunteers.imports.problems import Bad

# What stands for nothing.
EMPTY = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "暂无", "空", "n/a", "none", "null"})
ERRORS = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)|Err:[0-9]+")
EXPONENT = re.compile(r"[0-9](\.[0-9]+)?e\+?[0-9]{1,2}", re.IGNORECASE)
PLAIN_NAME = re.compile("[\u4e00-\u9fff]{2,4}")
ISO_DAY = re.compile("(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
MONTH_ONLY = re.compile("(19|20)[0-9]{2}([-./年](0?[1-9]|1[0-2])月?|(0[1-9]|1[0-2]))")
# Exports of other systems add a clock time.
DAY_AND_CLOCK = re.compile(r"([0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?)[ T]+[0-9]{1,2}:[0-9]{2}(:[0-9.]+)?")
# Excel counts days from here: the numbers of the days from 1927 to 2099.
EXCEL_EPOCH, EXCEL_DAYS = date(1899, 12, 30), range(10_000, 73_051)
# Memory for repeated cells: names and phones are all different.
MOST_REMEMBERED = 50_000

Reader = Callable[[Cell], Any]


class Memo(dict[Cell, Any]):
    """What cells mean, read once each; ``map(memo.__getitem__, cells)`` reads a column."""

    def __init__(self, read: Reader) -> None:
        """Remember what ``read`` says of each cell; nothing means nothing."""
        super().__init__({None: None})
        self.read = read

    def __missing__(self, cell: Cell) -> Any:
        """Read a cell that was not met before."""
        if len(self) > MOST_REMEMBERED:
            self.clear()
            self[None] = None
        value = self[cell] = self._value(cell)
        return value

    def _value(self, cell: Cell) -> Any:
        if type(cell) is str:
            if cell[0] == "#" or cell[0] == "E":
                if ERRORS.fullmatch(cell.strip()):
                    return Bad("formula")
            elif len(cell) < 5 and cell.strip().casefold() in EMPTY:
                return None
        return self.read(cell)


def text_of(cell: Cell) -> str:
    """Return what the cell shows: a number without the .0 that spreadsheets add."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() if cell is not None else ""


def name_of(cell: Cell) -> str | Bad | None:
    """Read a name of at most forty characters; blanks between Chinese characters are for the eye."""
    text = text_of(cell)
    if PLAIN_NAME.fullmatch(text):
        return text
    try:
        name = clean.clean_name(text)
    except ValidationError:
        return Bad("name")
    if not any(unicodedata.category(sign)[0] == "L" for sign in name):
        return Bad("name")
    return name if len(name) <= 40 else Bad("long", {"most": 40})


def line_of(most: int) -> Reader:
    """Return a reader of one line of text, of at most so many characters."""

    def read(cell: Cell) -> str | Bad | None:
        try:
            text = clean.clean_line(text_of(cell))
        except ValidationError:
            return Bad("control")
        return (text or None) if len(text) <= most else Bad("long", {"most": most})

    return read


def gender_of(cell: Cell) -> str | Bad:
    """Read 男 or 女, as the English words too."""
    return _GENDERS.get(_code(cell)) or Bad("gender")


_GENDERS = dict.fromkeys(("男", "男性", "m", "male"), "male") | dict.fromkeys(("女", "女性", "f", "female"), "female")


def phone_of(cell: Cell) -> str | Bad:
    """Read a mobile number; one that a spreadsheet made a number is whole as long as it has its eleven digits."""
    text = text_of(cell)
    if clean.MOBILE.fullmatch(text):
        return text
    plain = clean.clean_code(text)
    if EXPONENT.fullmatch(plain):
        return Bad("phone_lost")
    try:
        return clean.clean_phone(plain)
    except ValidationError:
        digits = re.sub("[^0-9]", "", plain)
        if len(re.findall(r"1[3-9][0-9]{9}", plain)) > 1:
            return Bad("phones")
        return Bad("phone", {"count": len(digits)})


def day_of(cell: Cell) -> str | Bad:
    """Read a day: 1985-3-7, 1985.03.07, 1985年3月7日, 19850307, also the bare number of a day in Excel."""
    return _day(cell, or_month=False)


def day_or_month_of(cell: Cell) -> str | Bad:
    """Read a day, or a month as 2005-06: lists keep by the month when somebody joined the party."""
    return _day(cell, or_month=True)


def _day(cell: Cell, *, or_month: bool) -> str | Bad:
    if type(cell) is str and ISO_DAY.fullmatch(cell):
        text = cell
    else:
        text = clean.clean_code(text_of(cell))
        with_clock = DAY_AND_CLOCK.fullmatch(text)
        text = re.sub(r"\s", "", with_clock[1] if with_clock else text).rstrip(".。")
        if not isinstance(cell, str) and cell is not None and cell in EXCEL_DAYS and len(text) == 5:
            text = (EXCEL_EPOCH + timedelta(days=int(cell))).isoformat()
    if MONTH_ONLY.fullmatch(text):
        if not or_month:
            return Bad("no_day")
        digits = re.sub("[^0-9]", " ", text).split()
        year, month = (digits[0], digits[1]) if len(digits) > 1 else (text[:4], text[4:6])
        text = f"{year}-{int(month):02}"
        return Bad("future") if text > f"{timezone.localdate():%Y-%m}" else text
    try:
        day = clean.clean_date(text)
    except ValidationError as error:
        return Bad(error.code if error.code in ("no_such_day", "year") else "date")
    return Bad("future") if day > timezone.localdate() else day.isoformat()


def id_number_of(cell: Cell) -> str | Bad:
    """Read an ID number, which only text can hold: a number cell has lost its last digits, whatever it shows."""
    if not isinstance(cell, str):
        return Bad("id_lost")
    text = re.sub(r"[\s'’`]", "", clean.clean_code(cell)).upper()
    if EXPONENT.fullmatch(text) or (len(text) == 18 and text.isdecimal() and text.endswith("000") and _is_cut(text)):
        return Bad("id_lost")
    if not (len(text) == 18 and text.isascii() and text[:17].isdigit() and (text[17].isdigit() or text[17] == "X")):
        return Bad("id_form")
    if check_digit(text[:17]) != text[17]:
        return Bad("id_digit")
    return text


def _is_cut(text: str) -> bool:
    """Whether the last three digits are the noughts that spreadsheets put in the place of what they lost."""
    return check_digit(text[:17]) != text[17]


def number_of(cell: Cell) -> str | Bad:
    """Read a volunteer's number; spreadsheets drop the noughts at its beginning."""
    text = clean.clean_code(text_of(cell))
    return text.zfill(7) if text.isascii() and text.isdecimal() and len(text) <= 7 else Bad("number")


def yes_no_of(cell: Cell) -> bool | Bad:
    """Read 是 or 否, a tick or a cross."""
    answer = _YES_NO.get(_code(cell))
    return Bad("yes_no") if answer is None else answer


_YES_NO = dict.fromkeys(("是", "有", "同意", "√", "✓", "✔", "1", "y", "yes", "true", "对"), True) | dict.fromkeys(
    ("否", "不是", "没有", "不同意", "×", "x", "✗", "✘", "0", "n", "no", "false"), False
)


def choice_of(code: str, meanings: dict[str, Any], shown: str) -> Reader:
    """Return a reader of one of several words; ``meanings`` are keyed as ``word`` writes them."""

    def read(cell: Cell) -> Any:
        found = meanings.get(word(cell))
        return Bad(code, {"choices": shown}) if found is None else found

    return read


def word(cell: Cell) -> str:
    """Return a word as it is compared: no blanks, no brackets, no case."""
    return re.sub(r"[\s()（）·]", "", _code(cell))


def _code(cell: Cell) -> str:
    return clean.clean_code(text_of(cell)).casefold()
