"""Workbooks that are handed out: the template with the villages and their grids, and the wrong rows to be mended."""

import io
from collections.abc import Iterable, Sequence

import xlsxwriter
from django.utils.translation import gettext as _

from areas.models import Village
from common.workbook.writing import OPTIONS, letter_of, looks_of, returned_rows, write_table
from grids.imports.check import CheckedRow
from grids.imports.columns import NAMES, TABLE
from grids.models import GridImport

WIDTHS = {"village": 22, "number": 12, "households": 12, "boundary": 44, "official_code": 22}
ROWS_FORMATTED = 2_000


def template(villages: Sequence[Village]) -> bytes:
    """Return the empty table, with a sheet of the villages and one of how it is filled in."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        looks = looks_of(workbook)
        sheet = workbook.add_worksheet(_("Grids"))
        for place, column in enumerate(NAMES):
            sheet.set_column(place, place, WIDTHS[column], looks.text)
            sheet.write_string(0, place, TABLE.label_of(column), looks.head)
        sheet.freeze_panes(1, 0)
        if villages:
            letter = letter_of(0)
            source = f"='{_('Villages')}'!${letter}$2:${letter}${len(villages) + 1}"
            options = {"validate": "list", "source": source, "error_type": "information", "show_error": False}
            sheet.data_validation(1, 0, ROWS_FORMATTED, 0, options)
        known = [[village.name, village.code, village.township.name] for village in villages]
        heads = [TABLE.label_of("village"), _("Code"), _("Township")]
        write_table(workbook.add_worksheet(_("Villages")), [heads, *known], looks, widths=(22, 18, 16))
        example = known[0][0] if known else ""
        write_table(workbook.add_worksheet(_("How to fill it in")), _explained(example), looks, widths=(18, 70, 30))
    return buffer.getvalue()


def _explained(village: str) -> list[list[str]]:
    lines = {
        "village": (_("The name of the village, or its code of twelve digits."), village),
        "number": (_("The number of the grid within its village, from 1 to 99."), "3"),
        "households": (_("How many households the grid has."), "30"),
        "boundary": (_("A line that says where it ends; left empty, what is there stays."), "村道以东，溪北"),
        "official_code": (_("The code of another programme, as text; left empty, what is there stays."), ""),
    }
    return [
        [_("Column"), _("What to write"), _("Example")],
        *([TABLE.label_of(column), *lines[column]] for column in NAMES),
    ]


def wrong_rows(found: GridImport, rows: Iterable[CheckedRow]) -> bytes:
    """Return the rows that are wrong as the file had them, with what is wrong and how to put it right behind them."""
    wrong = (
        (
            row.number,
            {problem.column for problem in row.problems},
            [problem.text for problem in row.problems],
            [problem.cure for problem in row.problems if problem.cure],
        )
        for row in rows
    )
    return returned_rows(_("Wrong rows"), found, wrong, widths=WIDTHS)
