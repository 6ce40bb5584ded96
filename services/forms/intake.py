"""What is typed while the phone rings: the number first, then where, who, and their words."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Village
from areas.models.village import VillageQuerySet
from common import clean
from common.forms import AnyPhoneField, ButtonChoices, SubmissionKeyField, TextField, YiwangForm
from grids.models import Grid, Team
from grids.models.grid import GridQuerySet
from grids.states import is_leader
from services.domain.intake import Sought
from services.models import HelpRequest, ServiceCategory
from services.models.request import TEXT_LIMITS


class PlaceField(forms.ModelChoiceField):
    """A village or a grid by key; one that no database holds is refused like one that is not there."""

    def clean(self, value: Any) -> Any:
        """Return the record."""
        if value not in self.empty_values and clean.key_of(value) is None:
            raise ValidationError(self.error_messages["invalid_choice"], code="key")
        return super().clean(value)


class IntakeForm(YiwangForm):
    """A request as somebody says it. A leader notes requests of the own teams' grids, staff those of the township."""

    key = SubmissionKeyField()
    phone = AnyPhoneField(
        label=_("Telephone"),
        required=False,
    )
    village = PlaceField(
        label=_("Village"),
        queryset=Village.objects.none(),
        empty_label=_("Choose the village"),
        error_messages={
            "required": _("Choose the village that the caller lives in."),
            "invalid_choice": _("There is no such village here. Choose one from the list."),
        },
    )
    grid = PlaceField(
        label=_("Grid"),
        queryset=Grid.objects.none(),
        required=False,
        error_messages={
            "required": _("Choose the grid: your team serves it."),
            "invalid_choice": _("This grid is not in the village. Choose one of the village's grids, or “not known”."),
        },
    )
    place = TextField(label=_("Door"), max_length=TEXT_LIMITS["place"], lines=1, required=False)
    caller = TextField(
        label=_("Who asks"),
        max_length=TEXT_LIMITS["caller"],
        lines=1,
        error_messages={"required": _("Say who asks; “a resident” will do.")},
    )
    content = TextField(
        label=_("What is asked, in their words"),
        max_length=TEXT_LIMITS["content"],
        lines=2,
        error_messages={"required": _("Write down what is asked, in the caller's own words.")},
    )
    urgency = forms.ChoiceField(
        label=_("Urgency"),
        choices=HelpRequest.Urgency.choices,
        widget=ButtonChoices,
        initial=HelpRequest.Urgency.NORMAL,
        error_messages={"required": _("Choose how urgent it is.")},
    )
    category = PlaceField(
        label=_("Category"),
        queryset=ServiceCategory.objects.none(),
        required=False,
        blank=True,
        widget=ButtonChoices,
        empty_label=_("Not clear yet"),
    )
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=HelpRequest.Channel.noted(),
        widget=ButtonChoices,
        initial=HelpRequest.Channel.PHONE,
        error_messages={"required": _("Choose how it came.")},
    )

    def __init__(self, data: QueryDict | None = None, *, user: User, begins_at: str = "phone", **options: Any) -> None:
        """Offer the places that the user takes requests for: the grids are those of the village chosen so far."""
        super().__init__(data, **options)
        self.user = user
        self.fields["village"].queryset = self.villages
        self.fields["grid"].queryset = self.grids
        self.fields["grid"].required = self.is_leaders
        self.fields["category"].queryset = ServiceCategory.objects.in_use()

        self.fields[begins_at].widget.attrs["autofocus"] = True

    @property
    def is_leaders(self) -> bool:
        """Whether a leader notes it: then it is for one of the own teams."""
        return is_leader(self.user)

    @cached_property
    def teams(self) -> Any:
        """The teams of a leader."""
        return Team.objects.visible_to(self.user).standing()

    @cached_property
    def villages(self) -> VillageQuerySet:
        """The villages to choose from."""
        villages = Village.objects.visible_to(self.user).current().order_by("code")
        return villages.filter(grids__teams__in=self.teams).distinct() if self.is_leaders else villages

    @cached_property
    def grids(self) -> GridQuerySet:
        """The grids of the chosen village."""
        grids = Grid.objects.visible_to(self.user).in_use().filter(village=clean.key_of(self["village"].value()))
        grids = grids.select_related("village").order_by("number")
        return grids.filter(teams__in=self.teams) if self.is_leaders else grids

    def sought(self) -> Sought:
        """Return what can be read of what has been typed, however little it is; nothing is judged."""
        self.is_valid()
        names = Sought.__dataclass_fields__
        return Sought(**{name: value for name, value in self.cleaned_data.items() if name in names and value})

    def judge_only(self, *names: str) -> None:
        """Keep what is wrong with these fields, where something was typed into them; the others are not asked yet."""
        for name in [name for name in self.errors if name not in names or not self[name].value()]:
            del self.errors[name]

    def team(self) -> Team | None:
        """Return the team of a leader's grid, one that is forming too; whom staff's requests go to says the grid."""
        grid = self.cleaned_data["grid"]
        return self.teams.filter(grid=grid).first() if self.is_leaders else None


def first_call(user: User, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what an empty form begins with: the place of the team of the address, or of a leader's only one."""
    teams = Team.objects.visible_to(user).standing()
    named = clean.key_of(query.get("team"))
    if named is not None:
        teams = teams.filter(pk=named)
    places = list(teams.values("grid__village", "grid")[:2]) if named is not None or is_leader(user) else []
    return {"village": places[0]["grid__village"], "grid": places[0]["grid"]} if len(places) == 1 else {}


def typed_so_far(data: QueryDict) -> dict[str, Any]:
    """Return what was typed, to show the form once more without judging it."""
    return {name: data.get(name, "") for name in IntakeForm.base_fields}
