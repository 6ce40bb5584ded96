"""Codes that people read from paper and type: of signs that no eye confuses, drawn by chance or made from a digest."""

import secrets
from collections.abc import Sequence

from common.clean import clean_code

# Of what an old eye or a bad printer confuses (0 O Q D, 1 I L, 5 S, 8 B, 2 Z, U V, 6 G) there is one sign at the most.
ALPHABET = "23456789ACDEFHJKLMNPRTVWXY"
# What people type for a sign that there is not.
MEANT = str.maketrans("0OQ1ISBZUG", "DDDLL582V6")


def drawn_signs(length: int) -> str:
    """Draw ``length`` signs by chance: eleven are 51 bits, and nobody guesses one."""
    return "".join(secrets.choice(ALPHABET) for _sign in range(length))


def signs_from(digest: str, length: int) -> str:
    """Return ``length`` signs that follow from a digest in hexadecimal: eleven have 51 bits."""
    number = int(digest, 16)
    signs = ""
    for _place in range(length):
        number, sign = divmod(number, len(ALPHABET))
        signs += ALPHABET[sign]
    return signs


def checked(signs: str) -> str:
    """Return the signs with one more behind them that follows from them: any one sign mistyped is noticed.

    So are neighbours that changed places, but for a few pairs. With the weights 1 and 3 the sum is a multiple of 26.
    """
    return signs + ALPHABET[-_weighed(signs + ALPHABET[0]) % len(ALPHABET)]


def is_mistyped(signs: str) -> bool:
    """Whether the last sign of a code that ``checked`` made does not follow from those before it."""
    return _weighed(signs) % len(ALPHABET) != 0


def _weighed(signs: str) -> int:
    return sum(ALPHABET.index(sign) * (3 if place % 2 else 1) for place, sign in enumerate(reversed(signs)))


def in_groups(signs: str, groups: Sequence[int]) -> str:
    """Return the signs of a code as they are printed: 7KMX-3RTA-9WC."""
    ends = [sum(groups[: place + 1]) for place in range(len(groups))]
    return "-".join(signs[end - length : end] for end, length in zip(ends, groups, strict=True))


def read_signs(text: str, length: int) -> str:
    """Return the signs of a code however it was typed, nothing when it can be none."""
    typed = clean_code(text).upper()
    signs = "".join(sign for sign in typed if sign.isalnum()).translate(MEANT)
    is_code = len(signs) == length and set(signs) <= set(ALPHABET)
    return signs if is_code else ""
