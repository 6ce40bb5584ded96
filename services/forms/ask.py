"""What a resident types who asks for help."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from areas.models import Village
from common.forms import AnyPhoneField, TextField
from grids.models import Grid
from services.forms.request_photo import ResidentPhotosForm
from services.models.request import TEXT_LIMITS


class GridField(forms.ModelChoiceField):
    """One of a village's grids, named by number and boundary, or none: who does not know says so."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the number and the line that describes the boundary."""
        name = _("Grid %(number)s") % {"number": obj.number}
        return f"{name} {obj.boundary}".strip()


class AskForm(ResidentPhotosForm):
    """What is wrong, where, a phone, a photo if need be; the grid is asked for where the address does not say it."""

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
    place = TextField(
        label=_("Where do you live?"),
        max_length=TEXT_LIMITS["place"],
        lines=1,
        required=False,
        help_text=_("So that the team finds the door, for example: house 12 by the bridge. May be left empty."),
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

    field_order = ("key", "content", "photos", "grid", "place", "phone", "website")

    def __init__(self, *args: Any, village: Village, grid: Grid | None = None, **options: Any) -> None:
        """Offer the village's grids unless the address says which it is."""
        super().__init__(*args, **options)
        if grid is not None:
            del self.fields["grid"]
        else:
            self.fields["grid"].queryset = village.grids.in_use().select_related("village").order_by("number")

    @property
    def is_trapped(self) -> bool:
        """Whether a program has filled in the field that nobody sees."""
        return bool(self["website"].value())

    def clean_website(self) -> str:
        """Refuse what a program has filled in; a person may empty the field and send again."""
        if self.cleaned_data["website"]:
            raise ValidationError(_("This field is a trap for programs. Empty it, then send once more."))
        return ""
