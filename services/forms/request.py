"""What is typed about a request for help: noted while somebody is on the phone, or closed without a service."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import clean
from common.forms import ButtonChoices, PhoneField, SubmissionKeyField, TextField, VersionField, YiwangForm
from grids.models import Team
from services.models import HelpRequest
from services.models.request import TEXT_LIMITS


class RequestForm(YiwangForm):
    """A request that waits for its team."""

    key = SubmissionKeyField()
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=_("Choose the team"))
    caller = TextField(label=_("Who asks"), max_length=TEXT_LIMITS["caller"], lines=1)
    phone = PhoneField(label=_("Phone"), required=False)
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=HelpRequest.Channel.noted(),
        widget=ButtonChoices,
        error_messages={"required": _("Choose how it came.")},
    )
    content = TextField(label=_("What is asked"), max_length=TEXT_LIMITS["content"], lines=3)

    def __init__(self, data: QueryDict | None = None, *, user: User, **options: Any) -> None:
        """Offer the teams that the user takes requests for."""
        super().__init__(data, **options)
        self.fields["team"].queryset = Team.objects.visible_to(user).standing().by_village()


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


def first_request(user: User, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what an empty form begins with: a phone call, for the team of the address or the only one."""
    team = clean.key_of(query.get("team"))
    if team is None:
        only = list(Team.objects.visible_to(user).standing().values_list("pk", flat=True)[:2])
        team = only[0] if len(only) == 1 else None
    return {"team": team, "channel": HelpRequest.Channel.PHONE}
