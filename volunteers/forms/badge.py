"""What people type about badges: at the door, and in the office."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.forms import ButtonChoices, TextField, YiwangForm
from volunteers.badge_code import read_number, read_short_code
from volunteers.models import BadgePrint
from volunteers.models.badge import TEXT_LIMITS

TYPED_FROM_PAPER = {"autocomplete": "off", "spellcheck": "false"}


class CheckForm(YiwangForm):
    """The number of a badge and the code beside it, however they are typed."""

    number = forms.CharField(
        label=_("Badge number"),
        max_length=40,
        widget=forms.TextInput(attrs={**TYPED_FROM_PAPER, "inputmode": "numeric", "placeholder": "0000123-01"}),
        error_messages={"required": _("Type the number that is printed on the badge.")},
    )
    short_code = forms.CharField(
        label=_("Check code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={**TYPED_FROM_PAPER, "autocapitalize": "characters", "placeholder": "7KM-X3R"},
        ),
        error_messages={"required": _("Type the code that is printed beside the QR code.")},
    )

    def clean_number(self) -> str:
        """Return the number as it is stored; what can be none is not even looked up."""
        number = read_number(self.cleaned_data["number"])
        if not number:
            raise ValidationError(_("A badge number has nine digits, like 0000123-01. Compare it with the badge."))
        return number

    def clean_short_code(self) -> str:
        """Return the signs of the code."""
        signs = read_short_code(self.cleaned_data["short_code"])
        if not signs:
            raise ValidationError(_("A check code has six signs, like 7KM-X3R. Compare it with the badge."))
        return signs


class EndForm(YiwangForm):
    """Why a badge is replaced, was lost or is revoked."""

    reason = TextField(
        label=_("Reason"), max_length=TEXT_LIMITS["reason"], lines=2, error_messages={"required": _("Say why.")}
    )


class PrintForm(YiwangForm):
    """What the pages of a print are."""

    layout = forms.ChoiceField(
        label=_("Pages"),
        choices=BadgePrint.Layout,
        initial=BadgePrint.Layout.SHEETS,
        widget=ButtonChoices,
        error_messages={"required": _("Choose what the pages are.")},
    )
    has_backs = forms.BooleanField(
        label=_("With the backs"),
        required=False,
        help_text=_("What the badge is for, and how it is checked. Print on both sides, turned over the long side."),
    )
