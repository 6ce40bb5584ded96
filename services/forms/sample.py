"""What is typed to draw a sample, to say what a second look found, and to answer it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import ButtonChoices, SubmissionKeyField, TextField, YiwangForm
from services.filters import months_to_choose
from services.forms.report import MonthField
from services.models import SampledReport


class SampleForm(YiwangForm):
    """From which months, and how many percent."""

    key = SubmissionKeyField()
    first_month = MonthField(label=_("From the month"), widget=forms.Select)
    last_month = MonthField(label=_("To the month"), widget=forms.Select)
    percent = forms.IntegerField(
        label=_("Percent"), min_value=1, max_value=100, initial=5, help_text=_("Rounded up: at least one month.")
    )
    with_submitted = forms.BooleanField(label=_("Also months that are submitted and not read yet"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the last two years' months that are over."""
        super().__init__(*args, **options)
        months = months_to_choose()[1:]
        for name in ("first_month", "last_month"):
            self.fields[name].widget.choices = months


class CheckForm(YiwangForm):
    """What the second look found."""

    finding = forms.ChoiceField(label=_("Finding"), choices=SampledReport.Finding.choices, widget=ButtonChoices)
    remark = TextField(label=_("Remark"), max_length=300, lines=3, required=False)


class FindingAnswerForm(YiwangForm):
    """The township's answer to a remark."""

    answer = TextField(label=_("Answer"), max_length=300, lines=3)
