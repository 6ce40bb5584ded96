"""How the lists of teams and grids are narrowed down."""

from datetime import timedelta
from typing import Any

import django_filters
from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from areas.models import Township, Village
from grids.models import Grid, Team
from grids.models.grid import GridQuerySet
from grids.models.team import TeamQuerySet

NEVER = "never"


def townships_of(request: HttpRequest) -> QuerySet[Township]:
    """Return the townships that the reader may choose from."""
    return Township.objects.visible_to(request.user)


def villages_of(request: HttpRequest) -> QuerySet[Village]:
    """Return the villages of the chosen township, or of the reader's own; none for the city level without one."""
    villages = Village.objects.visible_to(request.user)
    if not request.user.is_city_wide:
        return villages
    chosen = request.GET.get("township", "")
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 10:
        return villages.filter(township=int(chosen))
    return villages.none()


def silences() -> list[tuple[str, str]]:
    """Return the lengths of silence to choose from, the programme's own among them."""
    lengths = [
        (str(days), ngettext("for %(count)d day", "for %(count)d days", days) % {"count": days})
        for days in sorted({settings.SILENT_AFTER_DAYS, 60, 90, 180})
    ]
    return [*lengths, (NEVER, _("Never served"))]


class InTownship(django_filters.FilterSet):
    """A filter set with a choice of townships for the city level, and of the villages there."""

    township = django_filters.ModelChoiceFilter(
        label=_("Township"), queryset=townships_of, empty_label=_("All townships")
    )
    village = django_filters.ModelChoiceFilter(
        label=_("Village"), queryset=villages_of, method="by_village", empty_label=_("All villages")
    )
    dependent = ("village",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the choice of townships out where there is none."""
        super().__init__(*args, **kwargs)
        if not self.request.user.is_city_wide:
            del self.filters["township"]


class TeamFilter(InTownship):
    """By name, township, village, state, and how long the team has not served."""

    q = django_filters.CharFilter(label=_("Name"), field_name="name", lookup_expr="icontains", max_length=40)
    state = django_filters.ChoiceFilter(label=_("State"), choices=Team.State.choices, empty_label=_("Any state"))
    silent = django_filters.ChoiceFilter(
        label=_("No service"), choices=silences, method="by_silence", empty_label=_("Any time")
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


class GridFilter(InTownship):
    """By township, village, and whether an active team serves the grid."""

    COVERAGE = (
        ("in_use", _("In use")),
        ("covered", _("Covered")),
        ("uncovered", _("Uncovered")),
        ("retired", _("Retired")),
    )
    coverage = django_filters.ChoiceFilter(
        label=_("Coverage"), choices=COVERAGE, method="by_coverage", empty_label=_("Any coverage")
    )

    class Meta:
        model = Grid
        fields = ("township", "village", "coverage")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look for the township where a grid has it."""
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].field_name = "village__township"

    def by_village(self, grids: GridQuerySet, name: str, value: Village) -> GridQuerySet:
        """Keep the village's grids."""
        return grids.filter(village=value)

    def by_coverage(self, grids: GridQuerySet, name: str, value: str) -> GridQuerySet:
        """Keep the grids in use with or without an active team, or those out of use."""
        return {
            "in_use": grids.in_use,
            "covered": grids.covered,
            "uncovered": grids.uncovered,
            "retired": lambda: grids.filter(is_retired=True),
        }[value]()
