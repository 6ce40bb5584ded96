"""Imports and the rows of their preview, prepared for the page: words, dates and addresses."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.templatetags.yiwang import badge
from common.workbook.table import text_of
from common.workbook.writing import letter_of
from services.models import LogImport
from services.paper.check import NEW, SAME, CheckedRow, cure_of
from services.paper.columns import TABLE
from services.rows import clock_range

State = LogImport.State
STATES = {State.CHECKED: ("info", "file-check"), State.RUNNING: ("warn", "loader"), State.DONE: ("ok", "circle-check")}
# The rest of a long value says no more about what is wrong with it.
VALUE_SHOWN = 40


def import_badge(state: str) -> SafeString:
    """Return an import's state as a badge."""
    tone, icon = STATES[State(state)]
    return badge(tone, str(State(state).label), icon)


def import_rows(imports: Sequence[LogImport]) -> list[dict[str, Any]]:
    """Prepare the imports of one page."""
    return [
        {
            "url": each.get_absolute_url(),
            "at": date_format(timezone.localtime(each.at), "DATETIME_FORMAT"),
            "file": each.file_name,
            "by": each.by.name,
            "rows": each.row_count,
            "imported": each.imported_count,
            "state": import_badge(each.state),
        }
        for each in imports
    ]


def preview_rows(rows: Sequence[CheckedRow], found: LogImport) -> list[dict[str, Any]]:
    """Prepare rows of the file: what each means, what would become of it, and each wrong cell with reason and cure."""
    return [_preview_row(row, found) for row in rows]


def _preview_row(row: CheckedRow, found: LogImport) -> dict[str, Any]:
    line, people = row.line, row.line.people
    prepared: dict[str, Any] = {
        "number": row.number,
        "state": row.state,
        "badge": _state_badge(row),
        "team": line.team.name if line.team else _typed(row, "team"),
        "date": date_format(line.date) if line.date else _typed(row, "date"),
        "time": clock_range(line.starts_at, line.ends_at)
        if line.starts_at and line.ends_at
        else f"{_typed(row, 'starts')}–{_typed(row, 'ends')}",
        "minutes": line.minutes if line.minutes > 0 else "",
        "category": str(line.category) if line.category else _typed(row, "category"),
        "people": [
            {
                "name": person.name,
                "number": person.number,
                "minutes": people.minutes[person.pk],
                "is_helper": person.pk in people.helpers,
            }
            for person in people.found
        ]
        if people
        else [{"name": _typed(row, "people")}],
        "recipient": line.recipient or _typed(row, "recipient"),
        "content": line.content or _typed(row, "content"),
        "log_url": reverse("services:log_detail", args=[row.log]) if row.log else "",
        "log": row.log,
        "told": _told(row),
        "problems": [
            {
                "cell": _cell_name(row, problem.column, found),
                "label": TABLE.label_of(problem.column) if problem.column else "",
                "value": _typed(row, problem.column)[:VALUE_SHOWN] if problem.column else "",
                "reason": problem.text,
                "cure": cure_of(problem),
            }
            for problem in row.problems
        ],
    }
    refused = found.refused.get(str(row.number))
    if refused and row.state == NEW:
        prepared["told"] = _("Refused at the last import: %(why)s") % {"why": refused["text"]}
    return prepared


def _typed(row: CheckedRow, column: str) -> str:
    return text_of(row.cells.get(column))


def _cell_name(row: CheckedRow, column: str, found: LogImport) -> str:
    """Return how a spreadsheet calls the cell: D7."""
    return f"{letter_of(found.columns[column])}{row.number}" if column in found.columns else str(row.number)


def _state_badge(row: CheckedRow) -> SafeString:
    if row.state == NEW:
        return badge("info", _("New"), "circle-plus")
    if row.state == SAME:
        return badge("ok", _("Already there"), "copy-check")
    return badge("bad", _("Wrong"))


def _told(row: CheckedRow) -> str:
    if row.state != SAME:
        return ""
    if row.same_as:
        return _("The same as row %(row)s of this file: it counts once.") % {"row": row.same_as}
    if row.is_withdrawn:
        return _("It was logged and withdrawn since. Log it in the form if it took place after all.")
    return _("It is logged already.")
