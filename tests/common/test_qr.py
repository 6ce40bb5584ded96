"""QR codes made many at a time are those that segno makes one by one."""

import re

import pytest
import segno

from common.codes import ALPHABET
from common.qr import QUIET, Codes

ADDRESS = "https://yiwang.example.cn/badge/"


def made_by_segno(text: str, codes: Codes) -> list[list[int]]:
    code = segno.make(
        text.encode(), error="m", mode="byte", micro=False, boost_error=False, version=codes.version, mask=codes.mask
    )
    return [list(row) for row in code.matrix]


def modules_of(svg: str, size: int) -> list[list[int]]:
    """Follow the pen: M begins a row, h draws and m moves."""
    modules = [[0] * size for _ in range(size)]
    row = column = 0
    for begun, drawn, moved in re.findall(r"M0 (\d+)\.5|h(\d+)|m(\d+) 0", svg):
        if begun:
            row, column = int(begun), 0
        for _ in range(int(drawn or 0)):
            modules[row][column] = 1
            column += 1
        column += int(moved or 0)
    return modules


@pytest.mark.parametrize("before", [ADDRESS, "http://127.0.0.1:8000/b/", f"https://{'long.' * 20}example.cn/badge/"])
def test_each_code_is_the_one_that_segno_makes(before):
    codes = Codes(before, 11, "/")
    for number in range(30):
        part = "".join(ALPHABET[(number * 7 + place * (number + 3)) % 26] for place in range(11))
        assert modules_of(codes.svg(part), codes.size) == made_by_segno(f"{before}{part}/", codes)


def test_code_has_its_quiet_zone():
    codes = Codes(ADDRESS, 11)
    whole = codes.size + 2 * QUIET

    assert f'viewBox="-{QUIET} -{QUIET} {whole} {whole}"' in codes.svg("23456789ACD")


@pytest.mark.parametrize("part", ["", "2345", "23456789ACDE"])
def test_part_of_another_length_is_refused(part):
    with pytest.raises(ValueError, match="11 signs"):
        Codes(ADDRESS, 11).svg(part)


def test_part_beyond_ascii_is_refused():
    with pytest.raises(UnicodeEncodeError):
        Codes(ADDRESS, 11).svg("义工义工义工义工义工义")
