"""The form that a spreadsheet of grids is uploaded with."""

from common.workbook.form import SpreadsheetForm
from grids.imports.columns import TABLE


class GridUploadForm(SpreadsheetForm):
    """A file with a table of grids."""

    columns = TABLE
