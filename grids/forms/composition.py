"""What is asked before teams are composed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import ButtonChoices, SubmissionKeyField, YiwangForm
from grids.models import Composition


class CompositionForm(YiwangForm):
    """What the optimisation is to do with the teams that stand."""

    mode = forms.ChoiceField(
        label=_("What is to be done"),
        choices=Composition.Mode.choices,
        initial=Composition.Mode.REPAIR,
        widget=ButtonChoices,
        help_text=_(
            "Repairing may move members too, as few as possible, where a team lacks something. "
            "Seating takes free volunteers only."
        ),
    )
    key = SubmissionKeyField()
