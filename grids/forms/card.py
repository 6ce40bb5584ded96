"""What people type about contact cards: how many to print, and what was handed out."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.forms import DateField, NameField, SubmissionKeyField, TextField, YiwangForm
from grids.models import CardBatch, Grid
from grids.models.card import HAND_OUT_LIMITS, MOST_COPIES


class CopiesForm(YiwangForm):
    """How many cards of each grid: one a household, unless somebody says otherwise."""

    def __init__(self, *args: Any, grids: Sequence[Grid], **kwargs: Any) -> None:
        """Ask once for each grid."""
        super().__init__(*args, **kwargs)
        self.grids = {f"copies-{grid.pk}": grid for grid in grids}
        for name, grid in self.grids.items():
            self.fields[name] = forms.IntegerField(
                label=str(grid),
                min_value=1,
                max_value=MOST_COPIES,
                required=False,
                initial=grid.households,
            )

    @property
    def lines(self) -> list[tuple[Grid, Any]]:
        """The grids with their fields."""
        return [(grid, self[name]) for name, grid in self.grids.items()]

    @property
    def copies(self) -> dict[int, int]:
        """How many of each grid (by key) are wanted; what was left empty is one a household."""
        return {grid.pk: self.cleaned_data.get(name) or grid.households for name, grid in self.grids.items()}


class HandOutAllForm(YiwangForm):
    """When, to whom and by whom cards were handed out."""

    on = DateField(label=_("Day"), initial=timezone.localdate)
    received_by = TextField(
        label=_("To whom"),
        max_length=HAND_OUT_LIMITS["received_by"],
        lines=1,
        required=False,
        help_text=_("The village's office or the team's leader, for instance. May be left empty."),
    )
    handed_by = NameField(
        label=_("By whom"),
        max_length=HAND_OUT_LIMITS["handed_by"],
        required=False,
        help_text=_("Who took them there. May be left empty."),
    )
    # Not ``key``: so are the ticks of a list called that lead here.
    submission = SubmissionKeyField()

    @property
    def told(self) -> dict[str, Any]:
        """What was typed, as the domain takes it."""
        return {("key" if name == "submission" else name): value for name, value in self.cleaned_data.items()}


class HandOutForm(HandOutAllForm):
    """The same, and how many of one batch."""

    count = forms.IntegerField(label=_("Cards"), min_value=1, max_value=MOST_COPIES)
    field_order = ("count", "on", "received_by", "handed_by")

    def __init__(self, *args: Any, batch: CardBatch, **kwargs: Any) -> None:
        """Propose all that are left."""
        super().__init__(*args, **kwargs)
        self.fields["count"].initial = batch.remaining


class TakeBackForm(YiwangForm):
    """Why a hand-out is taken back."""

    reason = TextField(label=_("Reason"), max_length=HAND_OUT_LIMITS["reason"], lines=1)
