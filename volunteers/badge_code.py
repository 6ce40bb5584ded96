"""The number of a badge and the code in its QR code: what is printed, and how it is read again.

The code follows from the badge's number by a key of this installation (HMAC-SHA-256), so that the badge can be printed
again; stored is only a keyed hash of it. It has 51 bits: eleven signs of 26 that no eye confuses. The first six stand
beside the number for whoever cannot scan. ``BADGE_KEYS`` lists the keys: the first makes new codes, those made with
the others stay good.
"""

import hmac
import re
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.utils.crypto import constant_time_compare

from common.clean import clean_code
from common.codes import in_groups, read_signs, signs_from
from volunteers.models.badge import Badge

LENGTH, SHORT = 11, 6
SHORT_GROUPS = (3, 3)
NUMBER = re.compile("([0-9]{7})([0-9]{2})")
DASHES = re.compile(r"[\s\-‐‑‒–—―−－]+")


def number_of(volunteer_number: str, issue: int) -> str:
    """Return the badge's number: 0000123-01."""
    return f"{volunteer_number}-{issue:02}"


def new_code(number: str) -> str:
    """Return the code of a badge that is issued now."""
    return _code(number, settings.BADGE_KEYS[0])


def code_of(badge: Badge) -> str:
    """Return the code that the badge was issued with; nothing when its key is not known any more."""
    return code_of_number(badge.number, badge.code_hash)


def code_of_number(number: str, code_hash: str) -> str:
    """Return the code of the badge with this number and stored hash."""
    for key in settings.BADGE_KEYS:
        code = _code(number, key)
        if constant_time_compare(code_hash, _hash(code, key)):
            return code
    return ""


def short_code(code: str) -> str:
    """Return the part of a code that is printed for people: 7KM-X3R."""
    return in_groups(code[:SHORT], SHORT_GROUPS)


def hash_of(code: str) -> str:
    """Return what is stored of a code that is issued now."""
    return _hash(code, settings.BADGE_KEYS[0])


def hashes_of(text: str) -> list[str]:
    """Return what may be stored of a code, however it was typed: one for each key; none for what can be no code."""
    code = read_signs(text, LENGTH)
    return [_hash(code, key) for key in settings.BADGE_KEYS] if code else []


def read_number(text: str) -> str:
    """Return the number of a badge however it was typed, nothing when it can be none."""
    found = NUMBER.fullmatch(DASHES.sub("", clean_code(text)))
    return "-".join(found.groups()) if found else ""


def read_short_code(text: str) -> str:
    """Return the signs of a short code however it was typed, nothing when they can be none."""
    return read_signs(text, SHORT)


def _code(number: str, key: str) -> str:
    return signs_from(_keyed("code", number, key), LENGTH)


def _hash(code: str, key: str) -> str:
    return _keyed("hash", code, key)


def _keyed(purpose: str, value: str, key: str) -> str:
    return hmac.digest(_key_for(purpose, key), value.encode(), "sha256").hex()


@lru_cache(maxsize=16)
def _key_for(purpose: str, key: str) -> bytes:
    """Return a key for one purpose only, as ``salted_hmac`` derives it; a print asks thousands of times."""
    return sha256(f"volunteers.badge.{purpose}{key}".encode()).digest()
