"""A spreadsheet of logs is uploaded, looked at, and taken in row by row.

Nothing is written before somebody confirms the rows that they saw. Each row is then an event of its own, with a key
that follows from its content: an import that was killed, sent twice or done by two people at once writes each log once.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from areas.models import Township
from common.rules import RuleBroken
from common.workbook.opening import Cell
from common.workbook.table import Table
from services.domain.log import record_service
from services.models import LogImport
from services.paper.check import NEW, CheckedRow, check_rows
from services.paper.directory import Directory
from services.paper.line import read_line

State = LogImport.State


@event
def upload_logs(table: Table, *, key: UUID, file_name: str, sha256: str, by: User) -> LogImport:
    """Keep an uploaded table, once for each ``key`` of the form; none of its rows is a log yet."""
    stored = LogImport.objects.visible_to(by).filter(key=key).first()
    if stored is not None:
        if stored.sha256 != sha256:
            raise RuleBroken(
                _("This form was sent before, with another file. Open it anew and choose the file once more."),
                field="file",
            )
        return stored
    if by.township_id is None:
        raise RuleBroken(_("Logs are imported by a township's staff and the leaders of its teams."))
    return LogImport.objects.create(
        key=key,
        township_id=by.township_id,
        by=by,
        file_name=file_name,
        sha256=sha256,
        sheet=table.sheet[:60],
        header=table.header,
        columns=table.columns,
        rows=table.rows,
        row_count=len(table.rows),
    )


def cells_of(log_import: LogImport) -> list[tuple[int, dict[str, Cell]]]:
    """Return each row's number and its cells by column."""
    places = log_import.columns.items()
    return [
        (number, {column: cells[place] if place < len(cells) else None for column, place in places})
        for number, cells in log_import.rows
    ]


def checked(log_import: LogImport, by: User) -> list[CheckedRow]:
    """Say of each row what would become of it now."""
    return check_rows(cells_of(log_import), by)


def seen_hash(rows: list[CheckedRow]) -> str:
    """Return what stands for the new rows as a person saw them: which, and what each means."""
    seen = ",".join(f"{row.number}:{row.key}" for row in rows if row.state == NEW)
    return hashlib.sha256(seen.encode()).hexdigest()


@event
def start_import(log_import: LogImport, *, seen: str, by: User) -> LogImport:
    """Confirm the new rows, exactly as they were ``seen``: these and no others are taken in from now on."""
    locked = LogImport.locked(log_import.pk)
    if locked.state == State.RUNNING:
        return locked
    rows = checked(locked, by)
    wanted = [[row.number, str(row.key)] for row in rows if row.state == NEW]
    if seen_hash(rows) != seen:
        raise RuleBroken(_("The rows mean something else than a moment ago. Look at them once more, then import."))
    if not wanted:
        raise RuleBroken(_("There is no new row to import."))
    locked.state, locked.wanted, locked.wanted_count = State.RUNNING, wanted, len(wanted)
    locked.handled, locked.refused = 0, {}
    locked.save()
    return locked


def continue_import(log_import: LogImport, *, by: User) -> LogImport:
    """Take in the next confirmed rows, each as an event of its own; killed in between, the next call makes up for it.

    What is refused meanwhile (somebody logged it by hand, the month was submitted) is kept with the reason.
    """
    if log_import.state != State.RUNNING:
        return log_import
    first = log_import.handled
    batch = log_import.wanted[first : first + settings.IMPORT_BATCH]
    cells, directory = dict(cells_of(log_import)), Directory(by)
    refused: dict[str, dict[str, str]] = {}
    written = 0
    for number, key in batch:
        problem = _take_in(cells[number], UUID(key), directory, by)
        if problem is None:
            written += 1
        else:
            refused[str(number)] = problem
    return note_progress(log_import, first=first, count=len(batch), written=written, refused=refused, by=by)


def _take_in(cells: Mapping[str, Cell], key: UUID, directory: Directory, by: User) -> dict[str, str] | None:
    """Write one row's log, unless it is there; return what is wrong with it otherwise."""
    line = read_line(cells, directory)
    if not line.problems and line.content_key() != key:
        line.refuse("", _("This row means something else than when it was confirmed. Look at it once more."))
    if not line.problems:
        try:
            record_service(**line.entry(), key=key, by=by)
        except RuleBroken as broken:
            line.refuse_rule(broken)
    if not line.problems:
        return None
    problem = line.problems[0]
    return {"column": problem.column, "text": problem.text}


@event
def note_progress(
    log_import: LogImport, *, first: int, count: int, written: int, refused: Mapping[str, Any], by: User
) -> LogImport:
    """Remember that ``count`` confirmed rows from ``first`` on were handled; somebody else may have been faster."""
    locked = LogImport.locked(log_import.pk)
    if locked.state != State.RUNNING or locked.wanted != log_import.wanted or locked.handled != first:
        return locked
    locked.handled = first + count
    locked.imported_count += written
    locked.refused = {**locked.refused, **refused}
    if locked.handled >= locked.wanted_count:
        locked.state = State.DONE
    locked.save()
    return locked


@event
def download_import_template(township: Township, *, by: User) -> None:
    """Record that somebody took the template, with the names and numbers of the township's people."""
    record([township], AuditEntry.Action.ACCESS, {})


@event
def download_wrong_rows(log_import: LogImport, *, by: User) -> None:
    """Record that somebody took the wrong rows of an import, which name recipients."""
    record([log_import], AuditEntry.Action.ACCESS, {})
