"""What people type about a grid."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import TextField, VersionField, YiwangForm


class GridForm(YiwangForm):
    """A new grid of a village."""

    number = forms.IntegerField(
        label=_("Number"), min_value=1, max_value=99, help_text=_("Counted within the village, from 1 to 99.")
    )
    households = forms.IntegerField(label=_("Households"), min_value=1, max_value=5000)
    boundary = TextField(label=_("Boundary"), max_length=200, lines=2, required=False)
    official_code = TextField(label=_("Official code"), max_length=30, lines=1, required=False)


class GridEditForm(GridForm):
    """An existing grid; its number stays."""

    version = VersionField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the number out."""
        super().__init__(*args, **kwargs)
        del self.fields["number"]
