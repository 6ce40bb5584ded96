"""What a PDF is made of, as far as tests look at it."""

import re
import zlib


def pages_of(pdf: bytes) -> list[tuple[float, float]]:
    """Return the sizes of the pages in millimetres."""
    parts = [pdf]
    for packed in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(packed))
        except zlib.error:
            continue
    boxes = [box for part in parts for box in re.findall(rb"/MediaBox\s*\[0 0 ([0-9.]+) ([0-9.]+)\]", part)]
    return [(round(float(width) / 72 * 25.4, 1), round(float(height) / 72 * 25.4, 1)) for width, height in boxes]
