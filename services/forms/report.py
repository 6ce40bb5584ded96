"""What is typed on a month's pages: remarks, reasons, comments, and which month is meant."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from areas.models import Township
from common.forms import TextField, VersionField, YiwangForm
from services.models import LogFlag

# A calendar that reaches beyond the last month of this year is still one.
LAST_YEAR = 2999


class MonthField(forms.Field):
    """A month as addresses name it: 2026-07. Gives its first day."""

    def to_python(self, value: Any) -> date | None:
        """Return the first day, or None for an empty value."""
        if value in self.empty_values:
            return None
        year, _dash, month = str(value).partition("-")
        if (
            len(year) == 4
            and year.isascii()
            and year.isdecimal()
            and month in MONTHS
            and 2009 <= int(year) <= LAST_YEAR
        ):
            return date(int(year), MONTHS[month], 1)
        raise ValidationError(_("This is not a month. Write it like 2026-07."), code="month")


MONTHS = {f"{number:02}": number for number in range(1, 13)}


class DeskForm(YiwangForm):
    """Whose month is meant: of which township, for the city level, and which month."""

    month = MonthField(label=_("Month"), required=False)
    township = forms.ModelChoiceField(label=_("Township"), queryset=Township.objects.none(), required=False)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        """Offer the townships that the user sees."""
        super().__init__(*args, **options)
        self.fields["township"].queryset = Township.objects.visible_to(user)


class StepForm(YiwangForm):
    """A step of a month: taken from the month as the person saw it, in the version of their page."""

    version = VersionField()


class SubmitForm(StepForm):
    """Handing a month in."""

    nil_confirmed = forms.BooleanField(
        label=_("It is right that there was no service in this month (nil report)"), required=False
    )


class ReadForm(StepForm):
    """Marking a month as read, perhaps with a word of thanks."""

    thanks = TextField(
        label=_("A word of thanks"),
        max_length=200,
        lines=1,
        required=False,
        help_text=_("The team leader reads it on the month's page and at home."),
    )


class PlainForm(DeskForm):
    """Marking a township's plain months as read, perhaps with one word of thanks for all of them."""

    thanks = TextField(label=_("A word of thanks to all of these teams"), max_length=200, lines=1, required=False)


class ReturnForm(StepForm):
    """Giving a month back."""

    remark = TextField(label=_("What is to be put right"), max_length=300, lines=2)


class ReopenForm(StepForm):
    """Reopening a read month."""

    reason = TextField(label=_("Reason for reopening"), max_length=300, lines=2)


class CommentForm(YiwangForm):
    """A comment on a log."""

    text = TextField(label=_("Comment"), max_length=300, lines=2)


class SettleForm(YiwangForm):
    """Ticking a comment as settled, or taking the tick back."""

    is_settled = forms.BooleanField(required=False)


class AnswerForm(YiwangForm):
    """An answer to a flag."""

    text = TextField(label=_("Answer: what came of looking into it"), max_length=300, lines=2)


class AnswerAllForm(AnswerForm):
    """One answer to all flags of a rule."""

    rule = forms.ChoiceField(choices=LogFlag.Rule.choices, widget=forms.HiddenInput)
