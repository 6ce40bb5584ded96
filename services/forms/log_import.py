"""The form that a spreadsheet of logs is uploaded with."""

from common.workbook.form import SpreadsheetForm
from services.paper.columns import TABLE


class UploadForm(SpreadsheetForm):
    """A file with a table of logs."""

    columns = TABLE
