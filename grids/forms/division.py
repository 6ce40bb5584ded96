"""What people type to divide a village into grids, and to split a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.clean import key_of
from common.forms import DateField, SubmissionKeyField, TextField, YiwangForm
from grids.domain.division import Part
from grids.forms.seen import SeenForm
from grids.models import Grid
from grids.models.change import REMARK_LENGTH
from grids.models.grid import LARGEST_NUMBER, MOST_HOUSEHOLDS


class VillageSizeForm(YiwangForm):
    """How many households a village has, and how many grids it shall have."""

    households = forms.IntegerField(
        label=_("Households of the whole village"), min_value=1, max_value=MOST_HOUSEHOLDS * LARGEST_NUMBER
    )
    grids = forms.IntegerField(
        label=_("Grids of the whole village"),
        min_value=1,
        max_value=LARGEST_NUMBER,
        help_text=_("A grid is some thirty households."),
    )


class SplitSizeForm(YiwangForm):
    """Into how many grids one is split."""

    into = forms.IntegerField(label=_("Split it into so many grids"), min_value=2, max_value=LARGEST_NUMBER)


@dataclass(frozen=True)
class PartRow:
    """One row as the page shows it; the grid that is split keeps its number, which is then no field."""

    place: int
    kept: Grid | None
    number: BoundField | None
    households: BoundField
    boundary: BoundField

    @property
    def errors(self) -> list[str]:
        """What is wrong in the row."""
        cells = (self.number, self.households, self.boundary)
        return [str(error) for cell in cells if cell is not None for error in cell.errors]


class PartsForm(SeenForm):
    """The grids to be, one a row; ``kept`` is the grid that is split, and then the first row is what is left of it."""

    key = SubmissionKeyField()
    rows = forms.IntegerField(min_value=1, max_value=LARGEST_NUMBER, widget=forms.HiddenInput)
    on = DateField(label=_("Holds from"), initial=timezone.localdate)
    remark = TextField(
        label=pgettext_lazy("of a change of grids", "Remark"), max_length=REMARK_LENGTH, lines=1, required=False
    )

    def __init__(self, data: Any = None, *, parts: Sequence[Part] = (), seen: str, kept: Grid | None = None) -> None:
        """Make the fields of each row, as many as were proposed or sent."""
        super().__init__(data, seen=seen)
        self.kept = kept
        self.initial["rows"] = len(parts)
        self.count = min(key_of(data.get("rows")) or 0, LARGEST_NUMBER) if data is not None else len(parts)
        for place in range(self.count):
            number = forms.IntegerField(label=_("Number"), min_value=1, max_value=LARGEST_NUMBER)
            households = forms.IntegerField(label=_("Households"), min_value=1, max_value=MOST_HOUSEHOLDS)
            boundary = TextField(label=_("Boundary"), max_length=200, lines=1, required=False)
            if place or kept is None:
                self.fields[f"number_{place}"] = number
            self.fields[f"households_{place}"], self.fields[f"boundary_{place}"] = households, boundary
        for place, part in enumerate(parts):
            self.initial |= {
                f"number_{place}": part.number,
                f"households_{place}": part.households,
                f"boundary_{place}": part.boundary,
            }

    def lines(self) -> list[PartRow]:
        """Return the rows for the page."""
        return [
            PartRow(
                place,
                self.kept if place == 0 else None,
                self[f"number_{place}"] if f"number_{place}" in self.fields else None,
                self[f"households_{place}"],
                self[f"boundary_{place}"],
            )
            for place in range(self.count)
        ]

    def parts(self) -> list[Part]:
        """Return the rows as they were typed; the form is valid."""
        values = self.cleaned_data
        return [
            Part(
                values.get(f"number_{place}") or (self.kept.number if self.kept else 0),
                values[f"households_{place}"],
                values[f"boundary_{place}"],
            )
            for place in range(self.count)
        ]
