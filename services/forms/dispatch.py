"""What is typed when a request changes hands or is settled: the team, the office, the reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import ButtonChoices, TextField, VersionField, YiwangForm
from grids.models import Grid, Team
from services.forms.ask import GridField
from services.models import HelpRequest, ServiceCategory
from services.models.request import TEXT_LIMITS
from services.models.request_step import TEXT_LIMITS as STEP_LIMITS


class ActForm(YiwangForm):
    """Base of them all: made for the request that it is about, and filled from its version."""

    version = VersionField()

    def __init__(self, *args: Any, asked: HelpRequest, **options: Any) -> None:
        """Take the request."""
        self.asked = asked
        super().__init__(*args, **options)


class HandForm(ActForm):
    """The team that a request goes to."""

    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=_("Choose the team"))

    def __init__(self, *args: Any, asked: HelpRequest, **options: Any) -> None:
        """Offer the active teams of the township, but the one that has it."""
        super().__init__(*args, asked=asked, **options)
        teams = asked.possible_teams.active().exclude(pk=asked.team_id)
        self.fields["team"].queryset = teams.by_village()


class TransferForm(HandForm):
    """The team that takes it over, and why."""

    reason = TextField(label=_("Why it goes to another team"), max_length=STEP_LIMITS["text"], lines=2)


class BackForm(ActForm):
    """Why the team cannot come."""

    reason = TextField(label=_("Why nobody can come"), max_length=STEP_LIMITS["text"], lines=2)


class ReferForm(ActForm):
    """The office that is competent, and what is to be said of it."""

    referred_to = TextField(label=_("Competent office"), max_length=TEXT_LIMITS["referred_to"], lines=1)
    reason = TextField(label=_("What for"), max_length=TEXT_LIMITS["outcome"], lines=2, required=False)


class ReferralAnswerForm(ActForm):
    """What the office answered."""

    answer = TextField(label=_("What the office answered"), max_length=TEXT_LIMITS["referral_answer"], lines=3)


class FailForm(ActForm):
    """Why it cannot be solved."""

    reason = TextField(label=_("Why it cannot be solved"), max_length=TEXT_LIMITS["outcome"], lines=2)


class WithdrawForm(ActForm):
    """Why the resident needs nothing any more, if they said it."""

    reason = TextField(label=_("What the resident said"), max_length=TEXT_LIMITS["outcome"], lines=1, required=False)


class LocateForm(ActForm):
    """The grid that it came from."""

    grid = GridField(label=_("Grid"), queryset=Grid.objects.none(), empty_label=_("Choose the grid"))

    def __init__(self, *args: Any, asked: HelpRequest, **options: Any) -> None:
        """Offer the grids of the village, with the lines that describe their boundaries."""
        super().__init__(*args, asked=asked, **options)
        self.fields["grid"].queryset = asked.possible_grids.select_related("village").order_by("number")


class UrgencyForm(ActForm):
    """How soon somebody has to come."""

    urgency = forms.ChoiceField(
        label=_("Urgency"),
        choices=HelpRequest.Urgency.choices,
        widget=ButtonChoices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose how urgent it is.")),
    )


class SortForm(ActForm):
    """What kind of service it is."""

    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=ServiceCategory.objects.none(),
        required=False,
        empty_label=_("Nobody knows yet"),
    )

    def __init__(self, *args: Any, asked: HelpRequest, **options: Any) -> None:
        """Offer what is in use, and what the request has."""
        super().__init__(*args, asked=asked, **options)
        in_use = ServiceCategory.objects.in_use() | ServiceCategory.objects.filter(pk=asked.category_id)
        self.fields["category"].queryset = in_use


class WordForm(ActForm):
    """A word for colleagues: it changes nothing that another one might have changed meanwhile."""

    version = None
    text = TextField(label=_("A word for colleagues"), max_length=STEP_LIMITS["text"], lines=2)
