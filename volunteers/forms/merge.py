"""What is chosen when two records are merged, and when a volunteer moves to another township."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from areas.models import Township
from common.forms import ButtonChoices, DateField, TextField, VersionField, YiwangForm
from volunteers.domain.merge import GIVEN_UP, KEPT, differing
from volunteers.forms.volunteer import VillageChoiceField
from volunteers.models import Volunteer

FIRST, SECOND = "first", "second"


class OtherForm(YiwangForm):
    """Which record may be the same person's."""

    other = forms.CharField(
        label=_("Number of the other record"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class MergeForm(YiwangForm):
    """Which of two records goes on, and whose value each differing field has then."""

    keep = forms.ChoiceField(label=_("The record that goes on"), widget=ButtonChoices)
    reason = TextField(label=_("Reason"), max_length=200, lines=2, help_text=_("How you know that it is one person."))
    first_version = VersionField()
    second_version = VersionField()

    def __init__(self, *args: Any, first: Volunteer, second: Volunteer, **options: Any) -> None:
        """Ask for each field in which the records differ; what one of them lacks is the other's."""
        super().__init__(*args, **options)
        self.both = {FIRST: first, SECOND: second}
        self.differing = differing(first, second)
        self.fields["keep"].choices = [(name, one.number) for name, one in self.both.items()]
        serves = second.status == Volunteer.Status.ACTIVE != first.status
        self.fields["keep"].initial = SECOND if serves or second.merged.exists() else FIRST
        self.fields["first_version"].initial, self.fields["second_version"].initial = first.version, second.version
        for name in self.differing:
            initial = FIRST if _says_something(first, name) else SECOND
            self.fields[f"take_{name}"] = forms.ChoiceField(
                choices=[(FIRST, ""), (SECOND, "")],
                initial=initial,
                error_messages={"required": _("Choose one of the two.")},
            )

    def merged(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        values = self.cleaned_data
        keep = values["keep"]
        kept, given_up = self.both[keep], self.both[SECOND if keep == FIRST else FIRST]
        return {
            "kept": kept,
            "given_up": given_up,
            "chosen": {name: KEPT if values[f"take_{name}"] == keep else GIVEN_UP for name in self.differing},
            "reason": values["reason"],
            "versions": {self.both[name].pk: values[f"{name}_version"] for name in (FIRST, SECOND)},
        }


class MoveForm(YiwangForm):
    """Where a volunteer has moved to, and when."""

    village = VillageChoiceField(label=_("New home village"), empty_label=_("Choose the village"))
    on = DateField(label=_("Day of the move"))
    reason = TextField(label=_("Reason"), max_length=200, lines=2)
    version = VersionField()

    def __init__(self, *args: Any, volunteer: Volunteer, **options: Any) -> None:
        """Offer the villages of all other townships."""
        super().__init__(*args, **options)
        elsewhere = Township.objects.current().exclude(pk=volunteer.township_id)
        self.fields["village"].offer(elsewhere.values_list("pk", flat=True))
        self.fields["version"].initial = volunteer.version


def _says_something(volunteer: Volunteer, name: str) -> bool:
    if name == "further_skills":
        return volunteer.further_skills.exists()
    value = getattr(volunteer, "id_number_hash" if name == "id_number" else name)
    return value not in (None, "", False)
