"""Money in whole fen: how it is read, shown, and written in the capitals that receipts use."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.clean import clean_code

# 100 000 yuan: nobody hands a volunteer more at the door.
MOST_FEN = 10_000_000
AMOUNT = re.compile(r"(?:[¥￥]|人民币)?([0-9]{1,9})(?:[.]([0-9]{1,2}))?(?:元整?|块)?")
DIGITS, PLACES = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")


def clean_money(text: str) -> int:
    """Read an amount of yuan as fen: 200, 200.5, ¥1,200.50, 200元, also in full-width digits.

    Raises ``ValidationError`` for what is no amount, for nothing, and beyond ``MOST_FEN``.
    """
    typed = re.sub(r"[\s,]", "", clean_code(text))
    found = AMOUNT.fullmatch(typed)
    if not found:
        raise ValidationError(_("Write the amount in yuan, for example 200 or 200.50."), code="money")
    whole, part = found.groups(default="")
    fen = int(whole) * 100 + int(part.ljust(2, "0") or 0)
    if not fen:
        raise ValidationError(
            _("An amount is more than nothing. Write how many yuan were handed over."), code="nothing"
        )
    if fen > MOST_FEN:
        raise ValidationError(
            _("At most %(most)s yuan can be taken at the door. Check the amount, or let the resident pay themselves."),
            code="much",
            params={"most": MOST_FEN // 100},
        )
    return fen


def yuan(fen: int) -> str:
    """Return an amount in figures: ¥200.50."""
    return f"¥{fen // 100}.{fen % 100:02}"


def in_capitals(fen: int) -> str:
    """Return an amount as Chinese receipts write it, so that nobody adds a digit: 贰佰元伍角整.

    An amount that ends with yuan or jiao ends with 整; between yuan and fen a missing jiao is said as 零.
    """
    whole, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    said = f"{_number(whole)}元" if whole else ""
    if not jiao and not cent:
        return f"{said or '零元'}整"
    if jiao:
        said += f"{DIGITS[jiao]}角"
    elif whole:
        said += "零"
    return said + (f"{DIGITS[cent]}分" if cent else "整")


def _number(number: int) -> str:
    """Say a whole number below a hundred million: groups of four digits, and one 零 for any digits left out."""
    high, low = divmod(number, 10_000)
    if not high:
        return _group(low)
    said = f"{_group(high)}万"
    if not low:
        return said
    return said + ("零" if low < 1_000 else "") + _group(low)


def _group(number: int) -> str:
    said, is_gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if not digit:
            is_gap = bool(said)
            continue
        said += ("零" if is_gap else "") + DIGITS[digit] + PLACES[place]
        is_gap = False
    return said
