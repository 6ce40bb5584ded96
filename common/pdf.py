"""Papers as PDF, set by typst in this process from our own templates: nothing is fetched, nothing else is read.

A template is a ``.typ`` file under ``templates/``; it may import others from there (``#import "/paper.typ": *``).
What it prints arrives as JSON, ``#let data = json(bytes(sys.inputs.data))``, so nothing that somebody typed is ever
taken for typst. Files such as photos and codes lie beside it under their names: ``image("/photo.jpg")``. The same
template, data and files give the same bytes.
"""

import json
import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse
from django.template import Engine
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from fontTools.ttLib import TTCollection, TTFont

from common.rules import RuleBroken

logger = logging.getLogger(__name__)

PACKAGED_FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
FONT_FILES = {".otf", ".ttf", ".ttc", ".otc"}
# What the properties of a paper say that belongs to no day: the same paper has the same bytes on every day.
OF_NO_DAY = date(2010, 10, 1)
# After so many other papers typst has forgotten one.
FORGETS_AFTER = 12
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.(jpg|png|svg)")
# What needs no glyph of its own: controls, formats and separators, and the selectors of a variant.
UNSEEN = {"Cc", "Cf", "Zs", "Zl", "Zp"}
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def render(
    template: str,
    data: Mapping[str, Any],
    *,
    files: Mapping[str, bytes] | None = None,
    made_on: date = OF_NO_DAY,
    is_read: bool = True,
) -> bytes:
    """Return the PDF that ``template`` (relative to ``templates/``) makes of ``data``, with every font embedded.

    ``files`` are named like ``photo-12.jpg``, ``code.svg`` or ``seal.png``. ``made_on`` is what the paper's properties
    give as its day. What is only printed and cut, never read on a screen, needs no tags for screen readers
    (``is_read=False``): of many small cards they are half of the file and of the time.
    """
    return compiled(template, data, files=files, made_on=made_on, is_read=is_read)[0]


def compiled(
    template: str,
    data: Mapping[str, Any],
    *,
    files: Mapping[str, bytes] | None = None,
    made_on: date = OF_NO_DAY,
    form: str = "pdf",
    ppi: float | None = None,
    is_read: bool = True,
) -> list[bytes]:
    """Return the paper as one PDF, or its pages as ``form`` ``png`` or ``svg``: pictures to look at."""
    with TemporaryDirectory(prefix="yiwang-paper-") as folder:
        root = Path(folder)
        _lay_out(root, files or {})
        made, warnings = typst.compile_with_warnings(  # type: ignore[call-overload]  # some arguments are typed as one variable
            str(root / template),
            root=folder,
            font_paths=_fonts(settings.PDF_FONT_DIR),
            ignore_system_fonts=True,
            # No package is looked for anywhere: there is none in here.
            package_path=folder,
            package_cache_path=folder,
            sys_inputs={"data": json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)},
            timestamp=datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC),
            format=form,
            ppi=ppi,
            pdf_tags=is_read,
        )
    for warning in warnings:
        logger.warning("%s: %s", template, warning.message)
    return made if isinstance(made, list) else [made]


def forget_layouts() -> None:
    """Let typst forget what it has set: it keeps that over the next papers, a megabyte a sheet."""
    for number in range(FORGETS_AFTER):
        typst.compile(f"#set page(width: 9pt, height: 9pt)\n{number}".encode())


def pdf_response(pdf: bytes, name: str, *, download: bool = False) -> HttpResponse:
    """Answer with a PDF that the browser shows (or keeps, ``download``) under ``name``."""
    disposition = content_disposition_header(download, name) or "inline"
    return HttpResponse(pdf, content_type="application/pdf", headers={"Content-Disposition": disposition})


def missing_glyphs(text: str) -> list[str]:
    """Return the characters of ``text`` that none of the fonts has, each once, in order."""
    known = _characters(settings.PDF_FONT_DIR)
    return [char for char in dict.fromkeys(text) if ord(char) not in known and not _is_unseen(char)]


def refuse_missing_glyphs(texts: Mapping[str, str]) -> None:
    """Refuse to print what would come out as an empty box; ``texts`` maps who it is about to what is printed.

    Raises ``RuleBroken`` that names each of them with their characters.
    """
    lacking = {who: missing for who, text in texts.items() if (missing := missing_glyphs(text))}
    if not lacking:
        return
    named = [f"{who}: {' '.join(f'{char} (U+{ord(char):04X})' for char in chars)}" for who, chars in lacking.items()]
    shown, more = named[:10], len(named) - 10
    if more > 0:
        shown.append(_("and %(number)s more") % {"number": more})
    raise RuleBroken(
        _(
            "The printing font lacks these characters: %(missing)s. Correct the record if they are mistyped, or ask "
            "those who run the server to put a font that has them into the directory PDF_FONT_DIR."
        )
        % {"missing": "; ".join(shown)},
        code="glyph",
    )


def _lay_out(root: Path, files: Mapping[str, bytes]) -> None:
    """Put the templates and the files where typst may read, which is nowhere else."""
    for name, text in _templates(tuple(str(folder) for folder in Engine.get_default().dirs), settings.DEBUG):
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text)
    for name, content in files.items():
        if not FILE_NAME.fullmatch(name):
            raise ValueError(f"No name for a file of a paper: {name!r}")
        (root / name).write_bytes(content)


def _templates(folders: tuple[str, ...], is_debug: bool) -> tuple[tuple[str, bytes], ...]:
    return _read_templates(folders) if is_debug else _kept_templates(folders)


def _read_templates(folders: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for folder in reversed(folders)
        for path in sorted(Path(folder).rglob("*.typ"))
    }
    return tuple(found.items())


_kept_templates = lru_cache(maxsize=4)(_read_templates)


@lru_cache(maxsize=4)
def _fonts(further: str) -> typst.Fonts:
    folders = [str(PACKAGED_FONTS), *([further] if further else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@lru_cache(maxsize=4)
def _characters(further: str) -> frozenset[int]:
    """Return what the fonts have between them: typst takes a character that one lacks from the next that has it."""
    folders = [PACKAGED_FONTS, *([Path(further)] if further else [])]
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix.lower() in FONT_FILES]
    return frozenset(code for path in files for font in _faces(path) for code in font.getBestCmap() or {})


def _faces(path: Path) -> Iterator[TTFont]:
    if path.suffix.lower() in (".ttc", ".otc"):
        yield from TTCollection(path, lazy=True).fonts
    else:
        yield TTFont(path, lazy=True)


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in UNSEEN or any(ord(char) in selectors for selectors in SELECTORS)
