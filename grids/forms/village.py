"""What people type about a village."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from areas.models import Village
from common.forms import NameField, VersionField, YiwangForm


class VillageForm(YiwangForm):
    """The part of the township that a village is worked in, chosen from those that there are or a new one."""

    district = NameField(
        label=_("Part of the township"),
        required=False,
        help_text=_("Villages of one part are near each other. Leave it empty where the township has no parts."),
        widget=forms.TextInput(attrs={"list": "districts", "autocomplete": "off"}),
    )
    version = VersionField()

    def __init__(self, *args: Any, village: Village, **kwargs: Any) -> None:
        """Begin with what the village has."""
        initial = {"district": village.district, "version": village.version}
        super().__init__(*args, initial=initial, **kwargs)


def districts_of(villages: Iterable[Village]) -> list[str]:
    """Return the parts that the villages of a township are in, each once."""
    return sorted({village.district for village in villages} - {""})
