"""How the lists of teams and grids are narrowed down."""

from datetime import timedelta
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from areas.filters import InTownship, villages_of
from areas.models import Village
from grids.models import ChangedGrid, Grid, Team
from grids.models.grid import GridQuerySet
from grids.models.team import TeamQuerySet
from grids.states import GridState, with_state

NEVER = "never"


def silences() -> list[tuple[str, str]]:
    """Return the lengths of silence to choose from, the programme's own among them."""
    lengths = [(str(days), days_in_words(days)) for days in sorted({settings.SILENT_AFTER_DAYS, 60, 90, 180})]
    return [*lengths, (NEVER, _("Never served"))]


def days_in_words(days: int) -> str:
    """Say how long a silence is."""
    return ngettext("for %(count)d day", "for %(count)d days", days) % {"count": days}


class InVillage(InTownship):
    """A filter set with a choice of the villages too, for what is there today."""

    is_of_today = True
    village = django_filters.ModelChoiceFilter(
        label=_("Village"), queryset=villages_of, method="by_village", empty_label=_("All villages")
    )
    dependent = ("village",)


class TeamFilter(InVillage):
    """By name, township, village, state, and how long the team has not served."""

    q = django_filters.CharFilter(label=_("Name"), field_name="name", lookup_expr="icontains", max_length=40)
    state = django_filters.ChoiceFilter(label=_("State"), choices=Team.State.choices, empty_label=_("Any state"))
    silent = django_filters.ChoiceFilter(
        label=_("Without service"), choices=silences, method="by_silence", empty_label=_("All")
    )

    class Meta:
        model = Team
        fields = ("q", "township", "village", "state", "silent")

    def by_village(self, teams: TeamQuerySet, name: str, value: Village) -> TeamQuerySet:
        """Keep the teams of the village's grids."""
        return teams.filter(grid__village=value)

    def by_silence(self, teams: TeamQuerySet, name: str, value: str) -> TeamQuerySet:
        """Keep the active teams without a service for so many days, or without any."""
        if value == NEVER:
            return teams.never_served()
        return teams.silent_since(timezone.localdate() - timedelta(days=int(value)))


class GridsInVillage(InVillage):
    """A filter set of grids by township and village."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look for the township where a grid has it."""
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].field_name = "village__township"

    def by_village(self, grids: GridQuerySet, name: str, value: Village) -> GridQuerySet:
        """Keep the village's grids."""
        return grids.filter(village=value)


class GridFilter(GridsInVillage):
    """By township, village, number, whether an active team serves the grid, and the state that the board shows."""

    COVERAGE = (
        ("in_use", _("In use")),
        ("covered", _("Covered")),
        ("uncovered", _("Uncovered")),
        ("retired", _("Retired")),
    )
    coverage = django_filters.ChoiceFilter(
        label=_("Coverage"), choices=COVERAGE, method="by_coverage", empty_label=_("Any coverage")
    )

    state = django_filters.ChoiceFilter(
        label=_("State"), choices=GridState.choices, method="by_state", empty_label=_("Any state")
    )

    number = django_filters.NumberFilter(
        label=_("Number, also a former one"), method="by_number", min_value=1, max_value=99
    )

    class Meta:
        model = Grid
        fields = ("township", "village", "number", "coverage", "state")

    def by_number(self, grids: GridQuerySet, name: str, value: int) -> GridQuerySet:
        """Keep the grids that have the number, or had it before they were renumbered."""
        former = ChangedGrid.objects.filter(number_before=value).values("grid")
        return grids.filter(Q(number=value) | Q(pk__in=former))

    def by_state(self, grids: GridQuerySet, name: str, value: str) -> GridQuerySet:
        """Keep the grids that the reader's board shows in this state."""
        return with_state(grids, self.request.user).filter(state=value)

    def by_coverage(self, grids: GridQuerySet, name: str, value: str) -> GridQuerySet:
        """Keep the grids in use with or without an active team, or those out of use."""
        return {
            "in_use": grids.in_use,
            "covered": grids.covered,
            "uncovered": grids.uncovered,
            "retired": lambda: grids.filter(is_retired=True),
        }[value]()
