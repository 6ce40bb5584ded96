"""A form that knows what the person saw of a village's grids when it was filled."""

from typing import Any

from django import forms

from common.forms import YiwangForm
from common.rules import RuleBroken
from grids.domain.change import ChangedMeanwhile


class SeenForm(YiwangForm):
    """Carries what stands for the grids that the page showed (``grids.domain.change.seen_hash``)."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, seen: str, **options: Any) -> None:
        """Take what stands for the grids as this page shows them."""
        super().__init__(data, **options)
        self.initial["seen"] = self._now = seen

    def add_rule(self, broken: RuleBroken, *, current_version: int | None = None) -> None:
        """Put a broken rule on its field; after ``ChangedMeanwhile`` the form takes on what the page shows now."""
        super().add_rule(broken, current_version=current_version)
        if isinstance(broken, ChangedMeanwhile):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self._now
