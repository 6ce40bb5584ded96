"""The new numbers of a village's grids."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.forms import DateField, SubmissionKeyField, TextField
from grids.forms.seen import SeenForm
from grids.models import Grid
from grids.models.change import REMARK_LENGTH
from grids.models.grid import LARGEST_NUMBER


class NumbersForm(SeenForm):
    """A number for each grid of the village."""

    key = SubmissionKeyField()
    on = DateField(label=_("Holds from"), initial=timezone.localdate)
    remark = TextField(
        label=pgettext_lazy("of a change of grids", "Remark"), max_length=REMARK_LENGTH, lines=1, required=False
    )

    def __init__(self, data: Any = None, *, grids: Sequence[Grid], proposed: Mapping[int, int], seen: str) -> None:
        """Make a field for each grid, filled with what is ``proposed`` or with its number."""
        super().__init__(data, seen=seen)
        self.grids = grids
        for grid in grids:
            name = f"number_{grid.pk}"
            self.fields[name] = forms.IntegerField(label=str(grid), min_value=1, max_value=LARGEST_NUMBER)
            self.initial[name] = proposed.get(grid.pk, grid.number)

    def lines(self) -> list[tuple[Grid, BoundField]]:
        """Return each grid with its field."""
        return [(grid, self[f"number_{grid.pk}"]) for grid in self.grids]

    def numbers(self) -> dict[int, int]:
        """Return the typed numbers by the keys of the grids; the form is valid."""
        return {grid.pk: self.cleaned_data[f"number_{grid.pk}"] for grid in self.grids}
