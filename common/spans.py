"""Spans of time as people say them: 30 minutes, 4 hours, 3 days; and read from what they type."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common.clean import clean_code
from common.wording import reads_chinese

HOUR, DAY = 60, 24 * 60
# Up to two days are said in hours, as deadlines are: 24 hours, 36 hours, 3 days.
IN_HOURS_UP_TO = 2 * DAY
LONGEST_TYPED = 40
# 3天, 2 小时 30 分钟, 1.5 h, 90: a number without a unit is minutes.
PART = re.compile(
    r"([0-9]{1,6}(?:\.[0-9]{1,2})?)(天|日|days?|d|个?小时|小時|个?钟头|时|hours?|hrs?|h|分钟|分|minutes?|mins?|m|)"
)
UNITS = {"天": DAY, "日": DAY, "d": DAY, "小": HOUR, "个": HOUR, "钟": HOUR, "时": HOUR, "h": HOUR}


def said(minutes: int, *, parts: int = 3) -> str:
    """Say a span: 90 is 1 h 30 min, 4 320 is 3 days; at most the ``parts`` largest units, what is below left out."""
    if minutes < 1:
        return _("less than a minute")
    days, rest = divmod(minutes, DAY) if minutes >= IN_HOURS_UP_TO else (0, minutes)
    hours, rest = divmod(rest, HOUR)
    words = [
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours else "",
        ngettext("%(count)d minute", "%(count)d minutes", rest) % {"count": rest} if rest else "",
    ]
    found = [word for word in words if word]
    return ("" if reads_chinese() else " ").join(found[:parts])


def written(minutes: int) -> str:
    """Say a span exactly, as a field shows it and ``clean_span`` reads it: nothing is 0 minutes."""
    return said(minutes) if minutes else ngettext("%(count)d minute", "%(count)d minutes", 0) % {"count": 0}


def clean_span(text: str) -> int:
    """Read a span as whole minutes: ``30 分钟``, ``2小时``, ``半小时``, ``1 小时 30 分``, ``1.5 h``, ``90``."""
    typed = re.sub(r"\s", "", clean_code(text)).lower().replace("半", "0.5")
    found = list(PART.finditer(typed)) if len(typed) <= LONGEST_TYPED else []
    units = [UNITS.get(part[2][:1], 1) for part in found]
    is_bare = len(found) > 1 and any(not part[2] for part in found)
    if "".join(part[0] for part in found) != typed or not found or is_bare or units != sorted(set(units), reverse=True):
        raise ValidationError(
            gettext_lazy("Write a span of time with its unit, for example 30 minutes, 2 hours or 3 days."), code="span"
        )
    hundredths = sum(round(float(part[1]) * 100) * unit for part, unit in zip(found, units, strict=True))
    if hundredths % 100:
        raise ValidationError(gettext_lazy("Write whole minutes, for example 90 minutes."), code="span")
    return hundredths // 100
