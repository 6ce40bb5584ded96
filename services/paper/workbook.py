"""Opens what is uploaded: workbooks by what they are and not by their name, CSV in the encodings of Chinese offices.

Everything that could harm is refused before or kept in a process of its own (``workbook_reader``). All raise
``ValidationError``, whose message says how to put it right.
"""

import codecs
import csv
import io
import json
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from services.paper.columns import HEAD_ROWS, MOST_COLUMNS, Row, Table, find_table

READER = Path(__file__).with_name("workbook_reader.py")
SECONDS = 40
MEGABYTE = 1024 * 1024
# Memory for the reader: a workbook of the largest size takes a third of it.
READER_MEGABYTES = 1_500
MOST_MEMBERS = 2_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What no text holds but tabs and line breaks.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
Sheets = list[tuple[str, list[Row]]]


def read_table(data: bytes) -> Table:
    """Return the table of logs that ``data``, an uploaded file, holds."""
    most = settings.IMPORT_MAX_ROWS
    if len(data) > settings.IMPORT_MAX_MEGABYTES * MEGABYTE:
        raise ValidationError(
            _("The file is larger than %(most)s MB. Split it, or take out pictures."),
            code="size",
            params={"most": settings.IMPORT_MAX_MEGABYTES},
        )
    if not data.strip():
        raise ValidationError(_("The file is empty."), code="empty")
    table = find_table(_sheets(data, most + HEAD_ROWS + 1))
    if not table.rows:
        raise ValidationError(_("There is no row below the names of the columns."), code="empty")
    if len(table.rows) > most:
        raise ValidationError(
            ngettext(
                "The file has more than %(most)s row. Split it into several files.",
                "The file has more than %(most)s rows. Split it into several files.",
                most,
            ),
            code="rows",
            params={"most": most},
        )
    return table


def _sheets(data: bytes, most_rows: int) -> Sheets:
    if data.startswith(ZIP):
        _refuse_bomb(data)
        return _workbook(data, most_rows)
    if data.startswith(OLE):
        return _workbook(data, most_rows)
    return [("", _csv(_text(data), most_rows))]


# --- Workbooks ------------------------------------------------------------------------------------------


def _workbook(data: bytes, most_rows: int) -> Sheets:
    try:
        done = subprocess.run(  # noqa: S603 (our own reader, with numbers as arguments)
            [sys.executable, "-I", str(READER), str(most_rows), str(MOST_COLUMNS), str(READER_MEGABYTES)],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"error": "broken"}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {"error": "broken"}
    if answer.get("error") == "password":
        raise ValidationError(_("The file is protected by a password. Save it without one."), code="password")
    if "error" in answer:
        raise _broken()
    return [(sheet["name"], [(number, cells) for number, cells in sheet["rows"]]) for sheet in answer["sheets"]]


def _broken() -> ValidationError:
    return ValidationError(
        _("This file cannot be read. Open it in Excel or WPS and save it as .xlsx, or use the template."), code="broken"
    )


def _refuse_bomb(data: bytes) -> None:
    """Unpack every part once, counting: what a zip says of its own size may be a lie."""
    limit = settings.IMPORT_MAX_UNPACKED_MEGABYTES * MEGABYTE
    bomb = ValidationError(
        _("Unpacked, the file is larger than %(most)s MB. Split it, or take out pictures."),
        code="bomb",
        params={"most": settings.IMPORT_MAX_UNPACKED_MEGABYTES},
    )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise _broken() from error
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > limit:
        raise bomb
    unpacked = 0
    for member in members:
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
            raise _broken()
        head = data[member.header_offset : member.header_offset + 30]
        if len(head) < 30:
            raise _broken()
        begin = (
            member.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
        )
        packed = data[begin : begin + member.compress_size]
        unpacked += len(packed) if member.compress_type == zipfile.ZIP_STORED else _inflated(packed, limit - unpacked)
        if unpacked > limit:
            raise bomb


def _inflated(packed: bytes, most: int) -> int:
    """Return the size of what is packed, or something above ``most`` as soon as it is."""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    try:
        while packed and size <= most:
            size += len(machine.decompress(packed, MEGABYTE))
            packed = machine.unconsumed_tail
    except zlib.error as error:
        raise _broken() from error
    return size


# --- CSV ------------------------------------------------------------------------------------------------


def _text(data: bytes) -> str:
    """Decode by the mark at the beginning, as UTF-8, or strictly as GB18030, which Chinese Excel writes."""
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ["utf-16"] if is_utf16 else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if CONTROL.search(text) or text.startswith(("%PDF", "{\\rtf")):
            break
        if re.match(r"\s*<(!doctype|html|table|\?xml)", text, re.IGNORECASE):
            raise ValidationError(
                _("This is a web page that was named a spreadsheet. Open it in Excel or WPS and save it as .xlsx."),
                code="html",
            )
        return text
    raise ValidationError(
        _("This is no spreadsheet. Upload .xlsx, .xls, .ods or .csv (UTF-8 or GB18030)."), code="type"
    )


def _csv(text: str, most_rows: int) -> list[Row]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;，", key=first.count)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            if any(cell.strip() for cell in cells):
                rows.append((number, [cell.strip() or None for cell in cells[:MOST_COLUMNS]]))
            if len(rows) >= most_rows:
                break
    except csv.Error as error:
        raise ValidationError(
            _("Row %(row)s of the file cannot be read. Save it as .xlsx and upload that."),
            code="csv",
            params={"row": len(rows) + 1},
        ) from error
    return rows
