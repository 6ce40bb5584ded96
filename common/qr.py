"""QR codes for print, many of one kind at once.

Codes of one length, size and mask are linear over GF(2): the picture of one is that of another, but for the modules
that the bits in which they differ turn over. So ``segno`` makes the first code of a kind, and which modules each bit of
the part that varies turns over is learned once; from then on a code costs some exclusive ors instead of an encoding.
"""

import re
from functools import lru_cache

import segno
from django.utils.safestring import SafeString, mark_safe

# Readers want four modules of white around a code.
QUIET = 4
DARK = re.compile("1+")


class Codes:
    """The codes of all texts ``before + part + after`` whose part is of ``length`` ASCII signs."""

    def __init__(self, before: str, length: int, after: str = "") -> None:
        """Learn what each bit of the part turns over."""
        plain = before.encode() + b"0" * length + after.encode()
        first = segno.make(plain, error="m", mode="byte", micro=False, boost_error=False)
        self.version, self.mask = first.version, first.mask
        self.size = len(first.matrix)
        self.length = length
        self._first = _bits(first)
        self._turned = []
        for place in range(len(before.encode()), len(before.encode()) + length):
            for bit in range(7):
                changed = bytearray(plain)
                changed[place] ^= 1 << bit
                self._turned.append(self._first ^ _bits(self._made(bytes(changed))))

    def svg(self, part: str) -> SafeString:
        """Return the code as a small SVG picture that any size suits, with its quiet zone."""
        rows = f"{self.bits(part):0{self.size * self.size}b}"
        path = "".join(
            f"M{dark.start()} {row}.5h{dark.end() - dark.start()}"
            for row in range(self.size)
            for dark in DARK.finditer(rows[row * self.size : (row + 1) * self.size])
        )
        whole = self.size + 2 * QUIET
        return mark_safe(  # noqa: S308 (numbers only)
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{QUIET} -{QUIET} {whole} {whole}">'
            f'<path stroke="#000" d="{path}"/></svg>'
        )

    def bits(self, part: str) -> int:
        """Return the modules row by row, the first as the highest bit."""
        signs = part.encode("ascii")
        if len(signs) != self.length:
            raise ValueError(f"These codes are for {self.length} signs.")
        bits = self._first
        for place, sign in enumerate(signs):
            changed = sign ^ 0x30
            for bit in range(7):
                if changed >> bit & 1:
                    bits ^= self._turned[place * 7 + bit]
        return bits

    def _made(self, text: bytes) -> segno.QRCode:
        return segno.make(
            text, error="m", mode="byte", micro=False, boost_error=False, version=self.version, mask=self.mask
        )


codes_for = lru_cache(maxsize=8)(Codes)


def _bits(code: segno.QRCode) -> int:
    return int("".join("1" if module else "0" for row in code.matrix for module in row), 2)
