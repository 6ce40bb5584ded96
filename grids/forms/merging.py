"""What people choose to merge grids of a village."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from areas.models import Village
from common.forms import DateField, RecordsField, SubmissionKeyField, TextField, YiwangForm
from grids.forms.seen import SeenForm
from grids.models import Grid
from grids.models.change import REMARK_LENGTH


class MergeChoiceForm(YiwangForm):
    """Which grids are merged, and which of them stays."""

    grids = RecordsField(
        label=_("Grids to merge"),
        queryset=Grid.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick the grids that become one.")},
    )
    kept = forms.ModelChoiceField(
        label=_("The grid that stays"),
        queryset=Grid.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Choose the grid that stays, with its number and team.")},
    )

    def __init__(self, data: Any = None, *, village: Village, **options: Any) -> None:
        """Offer the village's grids in use."""
        super().__init__(data, **options)
        grids = village.grids.in_use().order_by("number")
        self.fields["grids"].queryset = self.fields["kept"].queryset = grids

    def clean(self) -> dict[str, Any]:
        """Refuse fewer than two grids, and one to stay that is not among them."""
        values = super().clean() or self.cleaned_data
        grids, kept = values.get("grids"), values.get("kept")
        if grids is not None and len(set(grids)) < 2:
            self.add_error("grids", _("Tick two grids at least."))
        elif grids is not None and kept is not None and kept not in grids:
            self.add_error("kept", _("The grid that stays is one of those that are merged: tick it too."))
        return values


class MergeForm(SeenForm):
    """Why and from when on grids are merged."""

    key = SubmissionKeyField()
    reason = TextField(
        label=_("Reason"),
        max_length=REMARK_LENGTH,
        lines=1,
        help_text=_("It stands with the merge, and with the end of the teams that are dissolved by it."),
    )
    on = DateField(label=_("Holds from"), initial=timezone.localdate)
