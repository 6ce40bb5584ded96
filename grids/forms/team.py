"""What people type about teams and their members."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.forms import ButtonChoices, DateField, NameField, TextField, VersionField, YiwangForm
from grids.models import Membership, Team
from volunteers.models import Volunteer


class TeamForm(YiwangForm):
    """A new team."""

    name = NameField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("If this is left empty, the team is named after its grid."),
    )
    on = DateField(label=_("Formed on"), initial=timezone.localdate)


class RenameForm(YiwangForm):
    """Another name for a team."""

    name = NameField(label=_("Name"), max_length=80)
    version = VersionField()


class LeavingForm(YiwangForm):
    """Why and when something ends: a membership or a team."""

    reason = TextField(label=_("Reason"), max_length=100, lines=1)
    on = DateField(label=_("Day"), initial=timezone.localdate)


class CandidateForm(YiwangForm):
    """Who joins a team, as what and when; the page lists the candidates."""

    volunteer = forms.ModelChoiceField(
        label=_("Volunteer"),
        queryset=Volunteer.objects.none(),
        error_messages={
            "required": _("Choose the person who joins."),
            "invalid_choice": _("Choose one of the township's volunteers."),
        },
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        """Take people of the team's township; whether they are free is the domain's to say."""
        super().__init__(*args, **kwargs)
        self.fields["volunteer"].queryset = Volunteer.objects.filter(township=team.township_id).select_related(
            "village", "primary_skill"
        )

    @property
    def chosen(self) -> Volunteer | None:
        """The person that the form was sent with, if it is somebody of the township."""
        return self.cleaned_data.get("volunteer") if self.is_bound and not self["volunteer"].errors else None


class MemberForm(CandidateForm):
    """Who joins a team."""

    role = forms.ChoiceField(
        label=_("Role"), choices=Membership.Role.choices, initial=Membership.Role.MEMBER, widget=ButtonChoices
    )
    on = DateField(label=_("Joins on"), initial=timezone.localdate)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        """Offer the leader's role while nobody has it."""
        super().__init__(*args, team=team, **kwargs)
        if team.memberships.current().filter(role=Membership.Role.LEADER).exists():
            self.fields["role"].choices = [
                choice for choice in Membership.Role.choices if choice[0] != Membership.Role.LEADER
            ]


class ReplacementForm(CandidateForm, LeavingForm):
    """Who takes a member's place."""

    field_order = ("volunteer", "reason", "on")


class DayForm(YiwangForm):
    """The day for which the page says who was in the team."""

    day = DateField(label=_("Who was in the team on"))
