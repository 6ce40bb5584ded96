"""The form that a spreadsheet is uploaded with."""

import hashlib
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common import clean
from common.forms import SubmissionKeyField, YiwangForm
from common.workbook.opening import refuse_size
from common.workbook.table import Columns, Table

NAME_LENGTH = 120


class UploadForm(YiwangForm):
    """One file, read while it is cleaned; ``size_setting`` is the setting that says how many megabytes it may have."""

    size_setting: ClassVar[str] = "IMPORT_MAX_MEGABYTES"

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

    def read(self, data: bytes) -> None:
        """Keep what the file holds; raises ``ValidationError``."""
        raise NotImplementedError

    def clean_file(self) -> Any:
        """Read the file, whatever it calls itself."""
        file = self.cleaned_data["file"]
        refuse_size(file.size, getattr(settings, self.size_setting))
        data = file.read()
        self.read(data)
        self.cleaned_data["sha256"] = hashlib.sha256(data).hexdigest()
        return file

    def upload(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        try:
            name = clean.clean_line(self.cleaned_data["file"].name)
        except ValidationError:
            name = "?"
        return {
            "key": self.cleaned_data["key"],
            "file_name": name[-NAME_LENGTH:],
            "sha256": self.cleaned_data["sha256"],
        }


class SpreadsheetForm(UploadForm):
    """One file with a table of the ``columns``; ``table`` is what it holds, once the form is valid."""

    columns: ClassVar[Columns]
    table: Table

    def read(self, data: bytes) -> None:
        """Read the table."""
        self.table = self.columns.read(data)

    def upload(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        return {"table": self.table, **super().upload()}
