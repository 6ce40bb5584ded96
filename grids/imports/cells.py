"""One cell of a row about a grid: what offices write. All raise ``ValidationError``: why, and how it is put right."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.clean import clean_code, clean_line
from common.workbook.opening import Cell
from common.workbook.table import text_of
from grids.models.grid import LARGEST_NUMBER, MOST_HOUSEHOLDS

# From here on spreadsheets round whole numbers.
EXACT = 10**15
CHINESE_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
NUMBER = re.compile(r"第?([0-9]{1,6}|[一二三四五六七八九十]{1,3})号?(?:网格|格)?")
HOUSEHOLDS = re.compile(r"([0-9]{1,9})户?")


def number_of(cell: Cell) -> int:
    """Read the number of a grid: 3, 03, 第3网格, 3号网格, 第三网格."""
    text = re.sub(r"\s", "", clean_code(text_of(cell)))
    if not text:
        raise ValidationError(_("The number of the grid is missing."))
    found = NUMBER.fullmatch(text)
    number = _count(found[1]) if found else 0
    if not 1 <= number <= LARGEST_NUMBER:
        raise ValidationError(_("This is no number of a grid. Write one from 1 to 99, such as 3 or 第3网格."))
    return number


def households_of(cell: Cell) -> int:
    """Read a number of households: 30, 30户."""
    text = re.sub(r"[\s,，]", "", clean_code(text_of(cell)))
    if not text:
        raise ValidationError(_("The households are missing. A grid has one at least."))
    found = HOUSEHOLDS.fullmatch(text)
    if not found:
        raise ValidationError(_("This is no whole number of households. Write it in digits, such as 30."))
    count = int(found[1])
    if not 1 <= count <= MOST_HOUSEHOLDS:
        raise ValidationError(_("A grid has 1 to 5000 households. Check the number."))
    return count


def boundary_of(cell: Cell) -> str:
    """Read the line that describes where a grid ends."""
    text = clean_line(text_of(cell))
    if len(text) > 200:
        raise ValidationError(_("The boundary has more than 200 characters. Shorten it."))
    return text


def official_code_of(cell: Cell) -> str:
    """Read the code that another programme knows the grid by."""
    if isinstance(cell, int | float) and abs(cell) >= EXACT:
        raise ValidationError(
            _("The spreadsheet has rounded this code because it is kept as a number. Write it as text.")
        )
    text = re.sub(r"\s", "", clean_code(text_of(cell)))
    if len(text) > 30:
        raise ValidationError(_("An official code has 30 characters at most. Check it."))
    return text


def _count(digits: str) -> int:
    """Return the number that is written in either kind of digits, up to ninety-nine in Chinese ones."""
    if digits.isascii():
        return int(digits)
    tens, ten, ones = digits.partition("十")
    if not ten:
        return CHINESE_DIGITS.get(digits, 0)
    return CHINESE_DIGITS.get(tens, 0 if tens else 1) * 10 + (CHINESE_DIGITS.get(ones, 0) if ones else 0)
