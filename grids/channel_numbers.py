"""What is typed as the number or address of a channel, put into one spelling for each kind.

All raise ``ValidationError`` with a message that says how to put it right.
"""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from areas.models import Channel
from common.clean import MOBILE, clean_code, clean_line

# 010 and 02x have three digits, all other area codes four; local numbers begin with 2 to 8.
LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))-?([2-8][0-9]{6,7})(?:(?:-|转)([0-9]{1,6}))?")
LOCAL = re.compile(r"[2-8][0-9]{6,7}(?:(?:-|转)[0-9]{1,6})?")
# 110, 12345, 95588, 962345: numbers of three to six digits that a city or the whole country knows.
SHORT = re.compile(r"[19][0-9]{2,5}")
FREE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")
QQ = re.compile(r"[1-9][0-9]{4,10}")
EXTENSION = re.compile(r"(?:转|轉|分机|ext\.?|x|#|,|，)+", re.IGNORECASE)
LONGEST_NAME = 30


def clean_number(kind: str, text: str) -> str:
    """Return the number or address as it is kept, by the ``kind`` of the channel."""
    return {
        Channel.Kind.HOTLINE: clean_hotline,
        Channel.Kind.QQ: clean_qq,
        Channel.Kind.WECHAT: clean_wechat,
        Channel.Kind.FORUM: clean_forum,
    }[Channel.Kind(kind)](text)


def clean_hotline(text: str) -> str:
    """Clean a phone number that anybody can call: ``0577-62880000转8001``, ``12345``, ``400-123-4567``, a mobile."""
    digits = re.sub(r"[\s()（）·.]", "", clean_code(text).replace("—", "-").replace("–", "-"))
    digits = EXTENSION.sub("转", digits)
    # Behind +86 the 0 of the area code is left out; a mobile number never had one.
    if foreign := re.fullmatch(r"(?:\+|00)86-?0?(.+)", digits):
        digits = foreign[1] if MOBILE.fullmatch(foreign[1]) else f"0{foreign[1]}"
    if found := LANDLINE.fullmatch(digits):
        area, local, extension = found.groups()
        return f"{area}-{local}" + (f"转{extension}" if extension else "")
    if found := FREE.fullmatch(digits):
        return "-".join(found.groups())
    if MOBILE.fullmatch(compact := digits.replace("-", "")):
        return compact
    if SHORT.fullmatch(compact):
        return compact
    if LOCAL.fullmatch(digits):
        raise ValidationError(
            _("Write the area code as well, as in 0577-%(number)s: without it no mobile phone gets through.")
            % {"number": digits},
            code="area_code",
        )
    raise ValidationError(
        _(
            "A hotline's number looks like 0577-62880000, with an extension 0577-62880000转8001, "
            "like 138 0000 1234, 400-123-4567 or 12345."
        ),
        code="hotline",
    )


def clean_qq(text: str) -> str:
    """Clean the number of a QQ group: five to eleven digits."""
    digits = re.sub(r"[\s-]", "", clean_code(text))
    if not QQ.fullmatch(digits):
        raise ValidationError(
            _("The number of a QQ group has 5 to 11 digits and does not begin with 0. Its name belongs above."),
            code="qq",
        )
    return digits


def clean_wechat(text: str) -> str:
    """Clean the name of a WeChat group: it has no number by which one could find it."""
    name = clean_line(text)
    if not name or len(name) > LONGEST_NAME:
        raise ValidationError(
            _("The name of a WeChat group has 1 to %(limit)s characters. Write it as the group is called.")
            % {"limit": LONGEST_NAME},
            code="wechat",
        )
    return name


def clean_forum(text: str) -> str:
    """Clean the address of a forum, which becomes a link: http and https only."""
    address = clean_code(text)
    if not re.match(r"[a-z][a-z0-9+.-]*:", address, re.IGNORECASE):
        address = f"https://{address}"
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError as error:
        raise ValidationError(
            _("Write the address of the forum as the browser shows it, for example https://bbs.example.org/."),
            code="forum",
        ) from error
    parts = urlsplit(address)
    if parts.username or parts.password:
        raise ValidationError(
            _("The address must not hold a user name or password: everybody sees it. Take away what stands before @."),
            code="forum",
        )
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()
