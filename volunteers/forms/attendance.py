"""Attendance as it is handed in: a pasted or uploaded list, a change for one person, somebody's own sign-in."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.clean import clean_code
from common.forms import ButtonChoices, YiwangForm
from common.workbook.opening import MEGABYTE, Limits, open_sheets
from volunteers.models import Attendance
from volunteers.models.course import MOST_MINUTES
from volunteers.roll.lines import MOST_LINES, Line, read_rows, read_text

LONGEST = 60_000
MOST_COLUMNS = 40
Result = Attendance.Result


class RollForm(YiwangForm):
    """A list, typed, pasted or uploaded; ``lines`` is what it holds once the form is valid."""

    text = forms.CharField(
        label=_("The list"),
        max_length=LONGEST,
        error_messages={"required": _("Paste the list, or choose a file.")},
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_(
            "One person on each line: the number on the badge, or name and unit, or the name alone; with the result"
            " if there is one. Copy it from a table or a chat as it is."
        ),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv"}),
        error_messages={
            "empty": _("The file is empty."),
            "max_length": _("The name of the file is too long. Give it a shorter one."),
        },
    )
    default = forms.ChoiceField(
        label=_("Result of those without one in the list"),
        required=False,
        choices=[("", _("As it is")), *Result.choices],
        widget=ButtonChoices,
    )

    lines: list[Line]

    def clean(self) -> dict[str, Any]:
        """Read the file, or else the text."""
        values = super().clean()
        file = values.get("file")
        if file:
            self.errors.pop("text", None)  # the file takes its place
        if self.errors:
            return values
        try:
            self.lines = read_rows(_rows_of(file)) if file else read_text(values["text"])
        except ValidationError as error:
            self.add_error("file" if file else "text", error)
        return values


def _rows_of(file: Any) -> list[list[Any]]:
    """Return the rows of all sheets, as far as a list may be long."""
    if file.size > settings.IMPORT_MAX_MEGABYTES * MEGABYTE:
        raise ValidationError(
            _("The file is larger than %(most)s MB. Split it, or take out pictures."),
            code="size",
            params={"most": settings.IMPORT_MAX_MEGABYTES},
        )
    limits = Limits(
        megabytes=settings.IMPORT_MAX_MEGABYTES,
        unpacked_megabytes=settings.IMPORT_MAX_UNPACKED_MEGABYTES,
        rows=MOST_LINES * 2,
        columns=MOST_COLUMNS,
    )
    return [
        cells for sheet in open_sheets(file.read(), limits) if not sheet.is_hidden
        for batch in sheet.rows for _number, cells in batch
    ]  # fmt: skip


class AttendanceForm(YiwangForm):
    """The result and the minutes of one person."""

    result = forms.ChoiceField(label=_("Result"), choices=Result, widget=ButtonChoices)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MOST_MINUTES)


class SignInForm(YiwangForm):
    """Who signs in: the number on the badge, and the end of the phone."""

    number = forms.CharField(
        label=_("The number on your badge"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "autofocus": True}),
        error_messages={"required": _("Type the number that is printed on your badge.")},
    )
    phone_tail = forms.CharField(
        label=_("The last four digits of your phone"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Type the last four digits of your mobile phone.")},
    )

    def clean_number(self) -> str:
        """Return seven digits; zeros in front may be left out."""
        digits = clean_code(self.cleaned_data["number"]).replace(" ", "")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 7):
            raise ValidationError(_("The number on the badge has up to seven digits."))
        return digits.zfill(7)

    def clean_phone_tail(self) -> str:
        """Return four digits."""
        digits = clean_code(self.cleaned_data["phone_tail"]).replace(" ", "")
        if not (digits.isascii() and digits.isdecimal() and len(digits) == 4):
            raise ValidationError(_("Type exactly four digits: the last ones of your phone number."))
        return digits
