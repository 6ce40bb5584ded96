"""What administrators type about a township or village: its new name, the one that it is merged into."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from areas.models import Township, Village
from common.forms import DateField, NameField, VersionField, YiwangForm


class RenameForm(YiwangForm):
    """The new name of a place, and from when on it has it."""

    on = DateField(
        label=_("Holds from"),
        initial=timezone.localdate,
        help_text=_("The former name is kept until that day: the page shows it, searches and imports find it."),
    )
    version = VersionField()
    field_order = ("name", "on", "version")

    def __init__(self, *args: Any, place: Township | Village, **kwargs: Any) -> None:
        """Begin with the present name."""
        super().__init__(*args, initial={"name": place.name, "version": place.version}, **kwargs)
        length = place._meta.get_field("name").max_length
        self.fields["name"] = NameField(label=_("New name"), max_length=length)
        self.order_fields(self.field_order)


class IntoForm(YiwangForm):
    """The place that another one is merged into."""

    into = forms.ModelChoiceField(
        label=_("Merge into"), queryset=Township.objects.none(), empty_label=_("Please choose")
    )

    def __init__(self, *args: Any, choices: QuerySet[Any], **kwargs: Any) -> None:
        """Offer what there is today."""
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = choices


class MergePlacesForm(YiwangForm):
    """The confirmation of a merge: both places as the person saw them."""

    version = VersionField()
    kept_version = VersionField()
    is_sure = forms.BooleanField(
        label=_("I have read what moves and what stays. A merge is not undone."),
        error_messages={"required": _("Read what moves and what stays, then tick this.")},
    )
