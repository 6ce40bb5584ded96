"""The form that a spreadsheet of logs is uploaded with."""

import hashlib
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common import clean
from common.forms import SubmissionKeyField, YiwangForm
from common.workbook.opening import refuse_size
from services.models.log_import import TEXT_LIMITS
from services.paper.columns import Table
from services.paper.workbook import read_table


class UploadForm(YiwangForm):
    """One file; ``table`` is what it holds, once the form is valid."""

    key = SubmissionKeyField()
    file = forms.FileField(
        label=_("Spreadsheet"),
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        error_messages={
            "required": _("Choose the file."),
            "missing": _("Choose the file."),
            "empty": _("The file is empty."),
            "max_length": _("The name of the file is too long. Give it a shorter one."),
        },
    )

    table: Table

    def clean_file(self) -> Any:
        """Read the table, whatever the file calls itself."""
        file = self.cleaned_data["file"]
        refuse_size(file.size, settings.IMPORT_MAX_MEGABYTES)
        data = file.read()
        self.table = read_table(data)
        self.cleaned_data["sha256"] = hashlib.sha256(data).hexdigest()
        return file

    def upload(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        try:
            name = clean.clean_line(self.cleaned_data["file"].name)
        except ValidationError:
            name = "?"
        return {
            "table": self.table,
            "key": self.cleaned_data["key"],
            "file_name": name[-TEXT_LIMITS["file_name"] :],
            "sha256": self.cleaned_data["sha256"],
        }
