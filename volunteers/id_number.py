"""Resident identity numbers (GB 11643-1999), only where the programme has switched them on with a key.

Stored encrypted with a key outside the database; a keyed hash beside it finds the same number again.
"""

import base64
import hashlib
import hmac
from datetime import date

from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.clean import clean_code
from common.rules import RuleBroken

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"


def is_switched_on() -> bool:
    """Whether the programme keeps ID numbers at all."""
    return bool(settings.ID_NUMBER_KEY)


def check_digit(digits: str) -> str:
    """Return the eighteenth character for the first seventeen digits (ISO 7064, MOD 11-2)."""
    return CHECK_DIGITS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11]


def clean_id_number(text: str, birth_date: date) -> str:
    """Return the number as it is stored; raises ``RuleBroken`` when it is mistyped or not of this birth date."""
    number = clean_code(text).replace(" ", "").upper()
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit()):
        raise RuleBroken(_("An ID number has eighteen digits; the last may be an X."), field="id_number")
    if number[6:14] != f"{birth_date:%Y%m%d}":
        raise RuleBroken(_("The ID number holds another birth date than the one entered."), field="id_number")
    if check_digit(number[:17]) != number[17]:
        raise RuleBroken(_("A digit of the ID number is mistyped: its last character does not fit."), field="id_number")
    return number


def encrypted(number: str) -> bytes:
    """Encrypt a number for the record."""
    return Fernet(settings.ID_NUMBER_KEY).encrypt(number.encode())


def decrypted(token: bytes) -> str:
    """Return the number of a record."""
    return Fernet(settings.ID_NUMBER_KEY).decrypt(bytes(token)).decode()


def keyed_hash(number: str) -> str:
    """Return what the same number always becomes, and nobody without the key can compute."""
    key = base64.urlsafe_b64decode(settings.ID_NUMBER_KEY)
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()
