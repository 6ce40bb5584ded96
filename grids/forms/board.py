"""How the coverage board is narrowed down, in its address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import YiwangForm
from grids.states import GridState


class BoardForm(YiwangForm):
    """By state and by a part of the village's name; as tiles or as a table."""

    TILES, TABLE = "tiles", "table"
    q = forms.CharField(label=_("Village"), max_length=40, required=False)
    state = forms.ChoiceField(
        label=_("State"),
        choices=[choice for choice in GridState.choices if choice[0] != GridState.RETIRED],
        required=False,
    )
    view = forms.ChoiceField(label=_("View"), choices=[(TILES, _("Board")), (TABLE, _("Table"))], required=False)
