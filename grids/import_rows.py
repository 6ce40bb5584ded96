"""Imports of grids and the rows of their preview, prepared for the page: words, dates and addresses."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.templatetags.yiwang import badge
from common.workbook.table import text_of
from common.workbook.writing import letter_of
from grids.imports.check import CHANGED, NEW, SAME, WRONG, CheckedRow
from grids.imports.columns import TABLE
from grids.models import GridImport

State = GridImport.State
STATES = {State.CHECKED: ("info", "file-check"), State.DONE: ("ok", "circle-check")}
# The rest of a long value says no more about what is wrong with it.
VALUE_SHOWN = 40


def import_rows(imports: Sequence[GridImport]) -> list[dict[str, Any]]:
    """Prepare the imports of one page."""
    rows = []
    for each in imports:
        tone, icon = STATES[State(each.state)]
        rows.append(
            {
                "url": each.get_absolute_url(),
                "at": date_format(timezone.localtime(each.at), "DATETIME_FORMAT"),
                "file": each.file_name,
                "by": each.by.name,
                "rows": each.row_count,
                "drawn": each.drawn_count,
                "changed": each.changed_count,
                "state": badge(tone, each.get_state_display(), icon),
            }
        )
    return rows


def preview_rows(rows: Sequence[CheckedRow], found: GridImport) -> list[dict[str, Any]]:
    """Prepare rows of the file: what each would do, old → new, and each wrong cell with its value, reason and cure."""
    return [
        {
            "number": row.number,
            "state": "wrong" if row.state == WRONG else row.state,
            "badge": _state_badge(row),
            "village": row.village.name if row.village else _typed(row, "village"),
            "township": row.village.township.name if row.village else "",
            "grid_number": row.values.get("number") or _typed(row, "number"),
            "households": row.values.get("households") or _typed(row, "households"),
            "boundary": row.values.get("boundary") or _typed(row, "boundary"),
            "code": row.values.get("official_code") or _typed(row, "official_code"),
            "url": row.grid.get_absolute_url() if row.grid else "",
            "told": _("The same as row %(row)s of this file: it counts once.") % {"row": row.same_as}
            if row.same_as
            else "",
            "changes": [
                {"label": TABLE.label_of(column), "before": before, "after": after}
                for column, (before, after) in row.changes.items()
            ]
            if row.state == CHANGED
            else [],
            "problems": [
                {
                    "cell": f"{letter_of(found.columns[problem.column])}{row.number}"
                    if problem.column in found.columns
                    else str(row.number),
                    "label": TABLE.label_of(problem.column),
                    "value": _typed(row, problem.column)[:VALUE_SHOWN],
                    "reason": problem.text,
                    "cure": problem.cure,
                }
                for problem in row.problems
            ],
        }
        for row in rows
    ]


def _typed(row: CheckedRow, column: str) -> str:
    return text_of(row.cells.get(column))


def _state_badge(row: CheckedRow) -> SafeString:
    if row.state == NEW:
        return badge("info", _("New"), "circle-plus")
    if row.state == CHANGED:
        return badge("warn", pgettext("row of a file", "Changes"), "pencil")
    if row.state == SAME:
        return badge("ok", _("As it is"), "copy-check")
    return badge("bad", _("Wrong"))
