"""Opens what is uploaded: workbooks by what they are and not by their name, CSV in the encodings of Chinese offices.

Everything that could harm is refused before or kept in a process of its own (``reader``). All raise
``ValidationError``, whose message says how to put it right.
"""

import codecs
import csv
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

READER = Path(__file__).with_name("reader.py")
MEGABYTE = 1024 * 1024
# Memory for the reader: a workbook of the largest size takes a third of it.
READER_MEGABYTES = 1_500
MOST_MEMBERS = 2_000
# Rows that are handed on at once.
BATCH = 1_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# How a container says that it is locked: a new workbook's one stream, or an old one's second record (FILEPASS).
ENCRYPTED = re.compile(
    "EncryptedPackage".encode("utf-16-le") + rb"|\x09\x08\x10\x00.{16}(\x86\x00\x00\x00)?\x2f\x00", re.DOTALL
)
# What no text holds but tabs and line breaks.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

Cell = str | int | float | None
Row = tuple[int, list[Cell]]


@dataclass(frozen=True)
class Limits:
    """How large a file may be, packed and unpacked, and how much of each of its sheets is read."""

    megabytes: int
    unpacked_megabytes: int
    rows: int
    columns: int
    seconds: int = 20


@dataclass
class Sheet:
    """One sheet: ``rows`` in batches of rows without the empty ones, each with its number in the file.

    ``widest`` is the number of columns of its widest row, when that is more than were asked for, once it is read.
    """

    name: str
    is_hidden: bool = False
    rows: Iterator[list[Row]] = field(default_factory=lambda: iter(()))
    widest: int = 0


def open_sheets(data: bytes, limits: Limits) -> Iterator[Sheet]:
    """Yield the sheets of an uploaded file one after the other; the rows of each are read before the next."""
    refuse_size(len(data), limits.megabytes)
    if not data.strip():
        raise ValidationError(_("The file is empty."), code="empty")
    if data.startswith(ZIP):
        _refuse_bomb(data, limits.unpacked_megabytes)
        yield from _workbook(data, limits)
    elif data.startswith(OLE):
        if ENCRYPTED.search(data):
            raise _locked()
        yield from _workbook(data, limits)
    else:
        yield from _csv(_text(data), limits)


def refuse_size(size: int, megabytes: int) -> None:
    """Refuse a file of more bytes than that."""
    if size > megabytes * MEGABYTE:
        raise ValidationError(
            _("The file is larger than %(most)s MB. Split it, or take out pictures."),
            code="size",
            params={"most": megabytes},
        )


# --- Workbooks ------------------------------------------------------------------------------------------


def _workbook(data: bytes, limits: Limits) -> Iterator[Sheet]:
    """Hand the workbook to the reader and its answer on, line by line; the reader dies with whoever stops listening."""
    numbers = (limits.rows, limits.columns, READER_MEGABYTES, limits.seconds)
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        with subprocess.Popen(  # noqa: S603 (our own reader, with numbers as arguments)
            [sys.executable, "-I", str(READER), *map(str, numbers)],
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            # It limits its own time at work; this is for one that does not work at all.
            timer = Timer(limits.seconds * 6, process.kill)
            timer.start()
            try:
                yield from _sheets_of(_answers(process.stdout))
            finally:
                timer.cancel()
                process.kill()


def _answers(lines: Any) -> Iterator[dict[str, Any]]:
    """Yield what the reader says until its end; without one it has died."""
    for line in lines:
        try:
            answer = json.loads(line)
        except ValueError:
            break
        if answer.get("error") == "password":
            raise _locked()
        if "error" in answer:
            break
        if "end" in answer:
            return
        yield answer
    raise _broken()


def _sheets_of(answers: Iterator[dict[str, Any]]) -> Iterator[Sheet]:
    waiting = next(answers, None)

    def rows(sheet: Sheet) -> Iterator[list[Row]]:
        nonlocal waiting
        while (waiting := next(answers, None)) is not None and "rows" in waiting:
            sheet.widest = max(sheet.widest, waiting["columns"])
            yield waiting["rows"]

    while waiting is not None:
        sheet = Sheet(waiting["sheet"], waiting["hidden"])
        sheet.rows = rows(sheet)
        yield sheet
        for _unread in sheet.rows:
            pass


def _locked() -> ValidationError:
    return ValidationError(_("The file is protected by a password. Save it without one."), code="password")


def _broken() -> ValidationError:
    return ValidationError(
        _("This file cannot be read. Open it in Excel or WPS and save it as .xlsx, or use the template."), code="broken"
    )


def _refuse_bomb(data: bytes, most_megabytes: int) -> None:
    """Unpack every part once, counting: what a zip says of its own size may be a lie."""
    limit = most_megabytes * MEGABYTE
    bomb = ValidationError(
        _("Unpacked, the file is larger than %(most)s MB. Split it, or take out pictures."),
        code="bomb",
        params={"most": most_megabytes},
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


def _csv(text: str, limits: Limits) -> Iterator[Sheet]:
    sheet = Sheet("")
    sheet.rows = _csv_rows(text, limits, sheet)
    yield sheet


def _csv_rows(text: str, limits: Limits, sheet: Sheet) -> Iterator[list[Row]]:
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = max(",\t;，", key=first.count)
    batch: list[Row] = []
    count = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
            row: list[Cell] = [cell.strip() or None for cell in cells]
            if not any(row):
                continue
            if len(row) > limits.columns:
                sheet.widest = max(sheet.widest, max(place for place, cell in enumerate(row) if cell) + 1)
            batch.append((number, row[: limits.columns]))
            count += 1
            if len(batch) == BATCH:
                yield batch
                batch = []
            if count == limits.rows:
                break
    except csv.Error as error:
        raise ValidationError(
            _("Row %(row)s of the file cannot be read. Save it as .xlsx and upload that."),
            code="csv",
            params={"row": count + 1},
        ) from error
    if batch:
        yield batch
