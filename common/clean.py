"""Turning what people type into clean values: one layer for every form and import.

Full-width digits, other separators and invisible characters are put right silently where the meaning is clear; where
it is not, the message says how to put it right. All raise ``ValidationError``.
"""

import re
import unicodedata
from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

EARLIEST_YEAR = 1900
# 24:00, the midnight that ends the day: no clock shows it, and no real time equals it.
END_OF_DAY = time.max
# The joiner within an emoji (U+200D) is seen; in a name it is not, and is refused there.
INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
# Control characters, surrogates, private use, unassigned, and the signs that emoji are made of.
UNFIT_FOR_NAMES = {"Cc", "Cs", "Co", "Cn", "So", "Sk"}
# ``[0-9]``, never ``\d``: that also takes the digits of other scripts.
# As many digits as both databases hold in a key.
KEY = re.compile("[0-9]{1,18}")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(
    r"\(?(?P<area>0[1-9][0-9]{1,2})?\)?[\s-]*(?P<number>[2-8](?:[\s-]?[0-9]){6,7})"
    r"(?:\s*(?:-|#|\*|,|转接?|分机|ext\.?|x)\s*(?P<extension>[0-9]{1,6}))?",
    re.IGNORECASE,
)
DATE = re.compile(
    r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
)
TIME = re.compile(r"([0-9]{1,2})(?:[:.时点]([0-9]{1,2})?分?)?|([0-9]{2})([0-9]{2})")


def key_of(value: object) -> int | None:
    """Return the primary key that a link or a hidden field names, or None: what stands there may be anything."""
    text = str(value)
    return int(text) if KEY.fullmatch(text) else None


def clean_code(text: str) -> str:
    """Turn full-width letters, digits and signs into ASCII and drop what cannot be seen: for codes, not for prose."""
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def clean_text(text: str) -> str:
    """Clean prose: NFC, nothing invisible, line breaks alone kept among the control characters; emoji are welcome."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    text = INVISIBLE.sub("", text)
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
        raise ValidationError(
            _("This contains characters that cannot be printed. Type it anew instead of pasting it."), code="control"
        )
    return text.strip()


def clean_line(text: str) -> str:
    """Clean one line of prose: as ``clean_text``, with line breaks and runs of blanks as single spaces."""
    return re.sub(r"[ \n\u00a0\u3000\u2028\u2029]+", " ", clean_text(text)).strip()


def clean_name(text: str) -> str:
    """Clean a name: one line, nothing invisible, no control characters and no emoji; rare characters are welcome."""
    text = re.sub(r"\s+", " ", INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()
    text = re.sub(r"[•‧・．]", "·", text)
    if any(unicodedata.category(sign) in UNFIT_FOR_NAMES or sign in "\u200d\u20e3\ufe0f" for sign in text):
        raise ValidationError(
            _("A name has no emoji and no characters that cannot be printed. Type it anew."), code="name"
        )
    # Between Chinese characters a blank is only for the eye: 张 三 is 张三.
    return re.sub(r"(?<=[\u3400-\u9fff]) +(?=[\u3400-\u9fff])", "", text)


def clean_phone(text: str) -> str:
    """Clean a mobile number: ``１３８ 0000-1234`` and ``+86 138…`` become eleven digits."""
    digits = re.sub(r"[\s()-]", "", clean_code(text).replace("—", "-").replace("–", "-"))
    digits = re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", digits)
    if not MOBILE.fullmatch(digits):
        raise ValidationError(
            _("A mobile number has eleven digits and begins with 13 to 19, for example 138 0000 1234."), code="phone"
        )
    return digits


def clean_any_phone(text: str) -> str:
    """Clean a mobile number or a landline, with or without area code and extension: ``0577-62181234-801``.

    An extension may be typed as people write it: ``转801``, ``ext. 801``, ``#801``, ``分机801``.
    """
    typed = clean_code(text).replace("—", "-").replace("–", "-")
    digits = re.sub(r"^(\+|00)?86[\s-]?(?=0[1-9]|1[0-9]{10}$)", "", typed.strip())
    try:
        return clean_phone(digits)
    except ValidationError:
        pass
    landline = LANDLINE.fullmatch(digits)
    if landline is None:
        raise ValidationError(
            _(
                "Enter a mobile number, for example 138 0000 1234, or a landline with its area code, "
                "for example 0577-62181234 or 0577-62181234-801."
            ),
            code="phone",
        )
    area, number, extension = landline.group("area", "number", "extension")
    return "-".join(filter(None, [area, re.sub(r"[\s-]", "", number), extension]))


def clean_date(text: str, *, years_ahead: int = 1) -> date:
    """Read a date: 2026-7-12, 2026/7/12, 2026.7.12, 2026年7月12日, 20260712, also in full-width digits.

    A year more than ``years_ahead`` after the present one is taken for a slip.
    """
    found = DATE.fullmatch(re.sub(r"\s", "", clean_code(text)))
    if not found:
        raise ValidationError(_("Write the date as year, month and day, for example 2026-07-12."), code="date")
    year, month, day = (int(part) for part in found.groups() if part)
    if not EARLIEST_YEAR <= year <= timezone.localdate().year + years_ahead:
        raise ValidationError(
            _("The year %(year)s cannot be right. Check it; a date looks like 2026-07-12."),
            code="year",
            params={"year": f"{year:04}"},
        )
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValidationError(
            _("There is no such day in the calendar. Check the month and the day."), code="no_such_day"
        ) from error


def clean_time(text: str, *, may_end_day: bool = False) -> time:
    """Read a time of day on the 24-hour clock: 8:05, 8：5, 0805, 8点, 8点05分.

    24:00 is ``END_OF_DAY`` where ``may_end_day`` allows it.
    """
    found = TIME.fullmatch(re.sub(r"\s", "", clean_code(text)))
    parts = [int(part) for part in found.groups() if part] if found else []
    hour, minute = (*parts, 0)[:2] if parts else (99, 99)
    if (hour, minute) == (24, 0) and may_end_day:
        return END_OF_DAY
    if hour > 23 or minute > 59:
        raise ValidationError(_("Write the time as hours and minutes, for example 08:30 or 16:05."), code="time")
    return time(hour, minute)


def moment(day: date, clock: time) -> datetime:
    """Return the moment of a time of day in Shanghai; ``END_OF_DAY`` is the midnight after ``day``."""
    if clock == END_OF_DAY:
        day, clock = day + timedelta(days=1), time(0, 0)
    return timezone.make_aware(datetime.combine(day, clock))
