"""What a resident types who asks for help, and the code by which they follow it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from areas.models import Village
from common.codes import is_mistyped, read_signs
from common.forms import AnyPhoneField, SubmissionKeyField, TextField, YiwangForm
from grids.models import Grid
from services.models.request import CODE_LENGTH, TEXT_LIMITS


class GridField(forms.ModelChoiceField):
    """One of a village's grids, named by number and boundary, or none: who does not know says so."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the number and the line that describes the boundary."""
        name = _("Grid %(number)s") % {"number": obj.number}
        return f"{name} {obj.boundary}".strip()


class AskForm(YiwangForm):
    """What is wrong, who and where, a phone; the grid is asked for where the address does not say it."""

    key = SubmissionKeyField()
    grid = GridField(
        label=_("Your grid"),
        queryset=Grid.objects.none(),
        required=False,
        empty_label=_("I don’t know"),
        error_messages={"invalid_choice": _("Choose one of the village's grids, or “I don’t know”.")},
    )
    content = TextField(
        label=_("What is wrong?"),
        max_length=TEXT_LIMITS["content"],
        lines=4,
        error_messages={"required": _("Say in a few words what you need help with.")},
    )
    caller = TextField(
        label=_("Your name, and where you live"),
        max_length=TEXT_LIMITS["caller"],
        lines=1,
        required=False,
        help_text=_("So that the team finds the door, for example: Wang, house 12 by the bridge. May be left empty."),
    )
    phone = AnyPhoneField(
        label=_("Telephone"),
        help_text=_("The team calls you back. A landline with extension is fine: 0577-62181234-801."),
        error_messages={"required": _("Leave a phone number, so that the team can call you.")},
    )
    # Nobody sees it: what is in it was written by a program.
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, village: Village, grid: Grid | None = None, **options: Any) -> None:
        """Offer the village's grids unless the address says which it is."""
        super().__init__(*args, **options)
        if grid is not None:
            del self.fields["grid"]
        else:
            self.fields["grid"].queryset = village.grids.in_use().select_related("village").order_by("number")

    def clean_website(self) -> str:
        """Refuse what a program has filled in; a person may empty the field and send again."""
        if self.cleaned_data["website"]:
            raise ValidationError(_("This field is a trap for programs. Empty it, then send once more."))
        return ""


class FollowForm(YiwangForm):
    """The code that somebody wrote down."""

    code = TextField(
        label=pgettext_lazy("request", "Code"),
        lines=1,
        max_length=40,
        help_text=_("Twelve signs, for example 7KMX-3RTA-9WCH."),
    )

    def clean_code(self) -> str:
        """Refuse what can be no code, and say where a sign is mistyped."""
        code: str = self.cleaned_data["code"]
        signs = read_signs(code, CODE_LENGTH)
        if not signs:
            raise ValidationError(_("A code has twelve letters and digits. Compare it with what you wrote down."))
        if is_mistyped(signs):
            raise ValidationError(_("At least one sign is mistyped. Compare each with what you wrote down."))
        return code
