"""Papers: what they may read, what they print, and what they cannot."""

import re
import zlib
from io import BytesIO
from pathlib import Path

import pytest
import typst
from django.conf import settings as project
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from PIL import Image

from common.pdf import compiled, missing_glyphs, pdf_response, refuse_missing_glyphs, render
from common.rules import RuleBroken

RARE = "䶮㛃喆𠅤㼆"
IN_NO_FONT = "\U000323af"  # of the last extension, too new for either font


def fonts_of(pdf: bytes) -> tuple[set[bytes], int]:
    """Return the names of the fonts that a PDF uses, and how many font files it carries."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    whole = b"\n".join(parts)
    return set(re.findall(rb"/BaseFont\s*/([A-Za-z0-9+-]+)", whole)), len(re.findall(rb"/FontFile3?2?\b", whole))


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (35, 45), "red").save(out, "JPEG")
    return out.getvalue()


def test_a_paper_has_its_fonts_within():
    pdf = render("papers/plain.typ", {"name": f"张三{RARE}"})

    names, files = fonts_of(pdf)
    assert pdf.startswith(b"%PDF-")
    assert {name.split(b"+")[-1].split(b"-")[0] for name in names} == {b"NotoSansSC", b"NotoSerifSC"}
    assert files == 2


def test_the_same_paper_has_the_same_bytes():
    data = {"name": "张三", "photo": "photo.jpg"}
    assert render("papers/plain.typ", data, files={"photo.jpg": picture()}) == render(
        "papers/plain.typ", data, files={"photo.jpg": picture()}
    )


def test_what_was_typed_is_never_taken_for_typst():
    typed = {"name": '#read("/paper.typ") *bold* $x$ #panic()'}
    [page] = compiled("papers/plain.typ", typed, form="svg")
    assert page.count(b"<use") > len(typed["name"])  # each character is a glyph of its own


def test_a_paper_reads_nothing_outside():
    with pytest.raises(typst.TypstError, match="would escape the project root"):
        render("papers/outside.typ", {})


def test_a_package_from_the_net_is_not_used_by_any_template():
    for path in Path(project.BASE_DIR, "templates").rglob("*.typ"):
        assert "@preview" not in path.read_text(), path


def test_a_file_cannot_be_put_elsewhere():
    for name in ("../photo.jpg", "a/b.jpg", "x.typ", "/etc/photo.jpg", ""):
        with pytest.raises(ValueError, match="No name for a file"):
            render("papers/plain.typ", {"name": "张三"}, files={name: b""})


def test_rare_characters_of_names_are_there():
    assert missing_glyphs(f"阿卜杜拉·买买提 {RARE}\n張三\ufe00") == []


def test_a_missing_glyph_is_named():
    assert missing_glyphs(f"张{IN_NO_FONT}三{IN_NO_FONT}") == [IN_NO_FONT]


def test_printing_is_refused_with_person_and_character():
    with pytest.raises(RuleBroken) as refused:
        refuse_missing_glyphs({"张三(0000001)": "张三", f"李{IN_NO_FONT}(0000002)": f"李{IN_NO_FONT}"})

    [message] = refused.value.messages
    assert f"李{IN_NO_FONT}(0000002): {IN_NO_FONT} (U+323AF)" in message
    assert "0000001" not in message


def test_ten_are_named_and_the_rest_counted():
    with pytest.raises(RuleBroken, match=r"0000009.*; and 3 more"):
        refuse_missing_glyphs({f"李(00000{number:02})": IN_NO_FONT for number in range(13)})


def test_a_font_of_ones_own_fills_the_gap(tmp_path, settings):
    make_font(tmp_path / "rare.ttf", IN_NO_FONT)
    settings.PDF_FONT_DIR = str(tmp_path)

    assert missing_glyphs(f"张{IN_NO_FONT}") == []
    names, _files = fonts_of(render("papers/plain.typ", {"name": f"张{IN_NO_FONT}"}))
    assert any(b"Rare" in name for name in names)


def test_the_answer_names_the_file_in_chinese():
    response = pdf_response(b"%PDF-", "义工档案表.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("inline; filename*=utf-8''%E4%B9%89")
    assert pdf_response(b"%PDF-", "a.pdf", download=True)["Content-Disposition"] == 'attachment; filename="a.pdf"'


def make_font(path: Path, char: str) -> None:
    """Make a font that knows one character, drawn as a square."""
    pen = TTGlyphPen(None)
    for point, move in ((0, 0), "moveTo"), ((0, 900), "lineTo"), ((900, 900), "lineTo"), ((900, 0), "lineTo"):
        getattr(pen, move)(point)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({ord(char): "rare"})
    builder.setupGlyf({".notdef": square, "rare": square})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "rare": (1000, 0)})
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": "Rare", "styleName": "Regular", "psName": "Rare-Regular"})
    builder.setupOS2(sTypoAscender=900, usWinAscent=900, usWinDescent=100)
    builder.setupPost()
    builder.save(path)
