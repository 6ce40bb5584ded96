"""What people type to apply without an account, and what the township's desk types about it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from areas.models import Township, Village
from common.codes import read_signs
from common.forms import (
    ButtonChoices,
    DateField,
    NameField,
    PhoneField,
    RecordsField,
    SubmissionKeyField,
    TextField,
    YiwangForm,
)
from volunteers.domain.text import current_texts
from volunteers.id_number import is_switched_on
from volunteers.models import ProgrammeText, SkillType, Volunteer
from volunteers.models.application import CODE_LENGTH, TEXT_LIMITS

CHANGED = _("The texts have changed since you opened the page. Read the new ones and tick that you accept them.")


class ApplicationForm(YiwangForm):
    """The least that an application needs, within one township."""

    key = SubmissionKeyField()
    name = NameField(label=pgettext_lazy("person", "Name"))
    gender = forms.ChoiceField(label=_("Gender"), choices=Volunteer.Gender, widget=ButtonChoices)
    birth_date = DateField(label=_("Birth date"))
    phone = PhoneField(label=_("Mobile phone"))
    id_number = forms.CharField(
        label=_("ID number"), required=False, max_length=30, help_text=_("Stored encrypted and never shown again.")
    )
    village = forms.ModelChoiceField(
        label=_("Home village"), queryset=Village.objects.none(), empty_label=_("Choose the village")
    )
    primary_skill = forms.ModelChoiceField(
        label=_("What you can do best"), queryset=SkillType.objects.none(), widget=ButtonChoices, empty_label=None
    )
    speciality = TextField(
        label=_("Speciality"),
        max_length=TEXT_LIMITS["speciality"],
        lines=1,
        required=False,
        help_text=_("For example: repairs pumps and wiring"),
    )
    unit = TextField(label=_("Unit"), max_length=TEXT_LIMITS["unit"], lines=1, required=False)
    unit_kind = forms.ChoiceField(label=_("Kind of unit"), choices=Volunteer.UnitKind, widget=ButtonChoices)
    party_branch = TextField(label=_("Party branch"), max_length=TEXT_LIMITS["party_branch"], lines=1)
    joined_party_on = DateField(label=_("Joined the party"))
    shows_name = forms.BooleanField(
        label=_("My name may stand on the badge's page and on public notices."), required=False
    )
    shows_phone = forms.BooleanField(
        label=_("My name and phone may stand on the contact card of my team."), required=False
    )
    texts = RecordsField(
        queryset=ProgrammeText.objects.none(),
        widget=forms.MultipleHiddenInput,
        required=False,
        error_messages={"invalid_choice": CHANGED, "invalid_pk_value": CHANGED},
    )
    accepts = forms.BooleanField(
        label=_("I have read these texts and accept them."),
        error_messages={"required": _("Read the texts first, then tick that you accept them.")},
    )
    # People do not see this field; programs that fill in every one do.
    website = forms.CharField(
        label=_("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, township: Township, **options: Any) -> None:
        """Offer the township's villages and the skill types in use."""
        super().__init__(*args, **options)
        self.fields["village"].queryset = Village.objects.current().filter(township=township)
        self.fields["primary_skill"].queryset = SkillType.objects.in_use()
        self.current = current_texts()
        self.fields["texts"].queryset = ProgrammeText.objects.filter(pk__in=[text.pk for text in self.current])
        if not self.current:
            del self.fields["accepts"]
        if not is_switched_on():
            del self.fields["id_number"]

    def clean_website(self) -> str:
        """Refuse what a program has filled in."""
        if self.cleaned_data["website"]:
            raise ValidationError(_("Leave this field empty and send it again."), code="filled")
        return ""


class FollowForm(YiwangForm):
    """The code by which an applicant follows the application."""

    code = forms.CharField(
        label=_("Code of the application"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def clean_code(self) -> str:
        """Return the signs of the code; refuse what can be none."""
        signs = read_signs(self.cleaned_data["code"], CODE_LENGTH)
        if not signs:
            raise ValidationError(
                _("A code has eleven letters and digits. Compare each sign with what you wrote down."), code="code"
            )
        return signs


class RejectForm(YiwangForm):
    """Why an application is turned down."""

    reason = TextField(
        label=_("Reason"),
        max_length=TEXT_LIMITS["reason"],
        lines=2,
        help_text=_("The applicant reads it: say in plain words what is missing, and name nobody else."),
    )


class EndorseForm(YiwangForm):
    """The township's yes; where somebody alike is on record, with the word that it is somebody else."""

    is_other_person = forms.BooleanField(label=_("This is another person"), required=False)
