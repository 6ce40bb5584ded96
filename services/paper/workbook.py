"""Finds the table of logs in an uploaded spreadsheet (``common.workbook`` opens it)."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.workbook.opening import Limits, Row, open_sheets
from services.paper.columns import HEAD_ROWS, MOST_COLUMNS, Table, find_table


def read_table(data: bytes) -> Table:
    """Return the table of logs that ``data``, an uploaded file, holds."""
    most = settings.IMPORT_MAX_ROWS
    limits = Limits(
        megabytes=settings.IMPORT_MAX_MEGABYTES,
        unpacked_megabytes=settings.IMPORT_MAX_UNPACKED_MEGABYTES,
        rows=most + HEAD_ROWS + 1,
        columns=MOST_COLUMNS,
    )
    sheets: list[tuple[str, list[Row]]] = []
    for sheet in open_sheets(data, limits):
        sheets.append((sheet.name, [row for batch in sheet.rows for row in batch]))
    table = find_table(sheets)
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
