"""What is typed to issue, revoke and check a service record certificate."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.rights import Right
from common.codes import read_signs
from common.forms import ButtonChoices, DateField, NameField, SubmissionKeyField, TextField, YiwangForm
from services.models.certificate import CODE_LENGTH, TEXT_LIMITS
from volunteers.id_number import is_switched_on

TYPED_FROM_PAPER = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
# The choice of typing the days oneself.
OWN = "own"


class CertificateForm(YiwangForm):
    """Which days are certified, and what stands beside the office's name."""

    key = SubmissionKeyField()
    period = forms.ChoiceField(label=_("Which days"), widget=ButtonChoices)
    starts_on = DateField(label=_("From"), required=False)
    ends_on = DateField(label=_("Until"), required=False)
    office = TextField(label=_("Issuing office"), max_length=TEXT_LIMITS["office"], lines=1)
    head = TextField(label=_("Person in charge"), max_length=TEXT_LIMITS["head"], lines=1)
    handler = TextField(label=_("Handled by"), max_length=TEXT_LIMITS["handler"], lines=1)
    contact = TextField(
        label=_("Contact"),
        max_length=TEXT_LIMITS["contact"],
        lines=1,
        help_text=_("The office's telephone, for whoever checks the certificate."),
    )
    with_id_number = forms.BooleanField(
        label=_("Print the ID number"),
        required=False,
        help_text=_("Where the certificate is asked for with it. Each print is recorded."),
    )

    def __init__(
        self, *args: Any, periods: Mapping[str, tuple[str, date, date]], user: Any, has_id_number: bool, **options: Any
    ) -> None:
        """Offer the usual periods, by name with their label and days."""
        super().__init__(*args, **options)
        self.periods = periods
        self.fields["period"].choices = [
            *((name, label) for name, (label, _first, _last) in periods.items()),
            (OWN, _("Other days")),
        ]
        if not (is_switched_on() and has_id_number and user.may(Right.SEE_ID_NUMBERS)):
            del self.fields["with_id_number"]

    def clean(self) -> dict[str, Any]:
        """Turn the choice into days."""
        values = super().clean() or self.cleaned_data
        chosen = values.get("period")
        if chosen == OWN:
            for name in ("starts_on", "ends_on"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, ValidationError(_("Enter a day."), code="required"))
        elif chosen:
            # What was typed beside another choice does not count.
            for name in ("starts_on", "ends_on"):
                self.errors.pop(name, None)
            _label, values["starts_on"], values["ends_on"] = self.periods[chosen]
        return values

    def entry(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "period"}


class RevokeForm(YiwangForm):
    """Taking a certificate back."""

    reason = TextField(
        label=_("Why it is revoked"),
        max_length=TEXT_LIMITS["revoked_reason"],
        lines=2,
        help_text=_("It stays in the register. Whoever checks it reads that it is not valid; the reason is not shown."),
    )


class CheckForm(YiwangForm):
    """The code of a certificate, however it is typed."""

    code = forms.CharField(
        label=_("Check code"),
        max_length=40,
        widget=forms.TextInput(attrs={**TYPED_FROM_PAPER, "placeholder": "7KMX-3RTA-9WC"}),
        error_messages={"required": _("Type the code that is printed below the QR code.")},
    )

    def clean_code(self) -> str:
        """Return the signs of the code; what can be none is not even looked up."""
        code = read_signs(self.cleaned_data["code"], CODE_LENGTH)
        if not code:
            raise ValidationError(_("A code has eleven letters and digits. Compare it with the certificate."))
        return code


class NameForm(YiwangForm):
    """The name on the paper, to be compared."""

    name = NameField(
        label=_("Name on the certificate"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type the name that is printed on the certificate.")},
    )
