"""What is typed about a qualification: the certificate, its renewal, and why one is withdrawn."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import DateField, TextField, VersionField, YiwangForm
from volunteers.models import Qualification
from volunteers.models.qualification import TEXT_LIMITS

UNTIL = {
    "label": _("Valid until"),
    "required": False,
    "years_ahead": 70,
    "help_text": _("The last day. Leave it empty where the certificate has no end."),
}


class QualificationForm(YiwangForm):
    """A certificate as it lies on the desk."""

    kind = forms.ChoiceField(label=_("Field"), choices=[("", _("Please choose")), *Qualification.Kind.choices])
    title = TextField(
        label=_("Certificate"),
        max_length=TEXT_LIMITS["title"],
        lines=1,
        help_text=_("As it is printed, for example 执业医师资格证书."),
    )
    number = TextField(label=_("Certificate number"), max_length=TEXT_LIMITS["number"], lines=1, required=False)
    issuer = TextField(label=_("Issuer"), max_length=TEXT_LIMITS["issuer"], lines=1, required=False)
    issued_on = DateField(label=_("Issued on"))
    expires_on = DateField(**UNTIL)


class RenewalForm(YiwangForm):
    """The certificate that takes the place of an old one: what differs."""

    version = VersionField()
    number = TextField(
        label=_("Certificate number"),
        max_length=TEXT_LIMITS["number"],
        lines=1,
        required=False,
        help_text=_("Leave it empty where it stays the same."),
    )
    issued_on = DateField(label=_("Issued on"))
    expires_on = DateField(**UNTIL)


class WithdrawQualificationForm(YiwangForm):
    """Taking a qualification off the record."""

    version = VersionField()
    reason = TextField(label=_("Why it is withdrawn"), max_length=TEXT_LIMITS["withdrawn_reason"], lines=2)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Explain once what withdrawing is for."""
        super().__init__(*args, **options)
        self.fields["reason"].help_text = _("Entered by mistake, or taken away by its issuer. It stays on record.")
