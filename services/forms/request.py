"""What is typed about a request for help that has been noted: closing it, or giving it to a team."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import TextField, VersionField, YiwangForm
from grids.models import Team
from services.models import HelpRequest
from services.models.request import TEXT_LIMITS


class CloseForm(YiwangForm):
    """Closing a request without a service, as the person saw it."""

    version = VersionField()
    reason = TextField(label=_("Why it is closed without a service"), max_length=TEXT_LIMITS["outcome"], lines=1)


class HandForm(YiwangForm):
    """The team that a request without one goes to."""

    version = VersionField()
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=_("Choose the team"))

    def __init__(self, *args: Any, asked: HelpRequest, **options: Any) -> None:
        """Offer the teams of the township."""
        super().__init__(*args, **options)
        self.fields["team"].queryset = asked.possible_teams.by_village()
