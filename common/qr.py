"""QR codes for print, many of one kind at once.

Codes of one length, size and mask are linear over GF(2): the picture of one is that of another, but for the modules
that the bits in which they differ turn over. So ``segno`` makes the first code of a kind, and which modules each bit of
the part that varies turns over is learned once; from then on a code costs some exclusive ors instead of an encoding.
"""

from functools import lru_cache
from itertools import groupby

import segno
from django.utils.safestring import SafeString, mark_safe

# Readers want four modules of white around a code.
QUIET = 4


class Codes:
    """The codes of all texts ``before + part + after`` whose part is of ``length`` ASCII signs."""

    def __init__(self, before: str, length: int, after: str = "") -> None:
        """Learn what each bit of the part turns over."""
        plain = before.encode() + b"0" * length + after.encode()
        first = segno.make(plain, error="m", mode="byte", micro=False, boost_error=False)
        self.version, self.mask = first.version, first.mask
        self.size = len(first.matrix)
        self.length = length
        self._row_bytes = (self.size + 7) // 8
        self._rows = [f"M0 {row}.5" for row in range(self.size)]
        self._first = self._bits(first)
        self._turned = []
        for place in range(len(before.encode()), len(before.encode()) + length):
            for bit in range(7):
                changed = bytearray(plain)
                changed[place] ^= 1 << bit
                self._turned.append(self._first ^ self._bits(self._made(bytes(changed))))

    def svg(self, part: str) -> SafeString:
        """Return the code as a small SVG picture that any size suits, with its quiet zone."""
        width = self._row_bytes
        modules = self.bits(part).to_bytes(self.size * width, "big")
        path = "".join(
            begin + "".join(map(STROKES.__getitem__, modules[row * width : (row + 1) * width]))
            for row, begin in enumerate(self._rows)
        )
        whole = self.size + 2 * QUIET
        return mark_safe(  # noqa: S308 (numbers only)
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{QUIET} -{QUIET} {whole} {whole}">'
            f'<path stroke="#000" d="{path}"/></svg>'
        )

    def bits(self, part: str) -> int:
        """Return the modules row by row, the first as the highest bit, each row filled up to whole bytes."""
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

    def _bits(self, code: segno.QRCode) -> int:
        rows = (bytes(48 + (module & 1) for module in row).ljust(self._row_bytes * 8, b"0") for row in code.matrix)
        return int(b"".join(rows), 2)


codes_for = lru_cache(maxsize=8)(Codes)


def _stroke(byte: int) -> str:
    """Draw eight modules from where the pen is: dark ones as a line, light ones as a move."""
    runs = ((bit, len(list(run))) for bit, run in groupby(f"{byte:08b}"))
    return "".join(f"h{length}" if bit == "1" else f"m{length} 0" for bit, length in runs)


STROKES = [_stroke(byte) for byte in range(256)]
