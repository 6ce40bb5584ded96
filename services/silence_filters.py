"""How the lists of silent teams and uncovered grids are narrowed down."""

from datetime import timedelta
from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from areas.models import TownshipSettings, Village
from grids.filters import NEVER, GridsInVillage, InVillage, days_in_words, silences
from grids.models import Grid, Team
from grids.models.team import TeamQuerySet
from services.domain.figures import silent_teams
from services.domain.silence import silent_after

ALL = "all"


class SilentFilter(InVillage):
    """Active teams by name, township and village, without a service for so long."""

    q = django_filters.CharFilter(label=_("Team"), field_name="name", lookup_expr="contains", max_length=40)
    days = django_filters.ChoiceFilter(label=_("Without service"), choices=silences, method="by_silence")

    class Meta:
        model = Team
        fields = ("q", "days", "township", "village")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what an unset length means: the township's own."""
        super().__init__(*args, **kwargs)
        own = silent_after(self.request.user)
        lengths = dict(silences())
        usual = days_in_words(own) if own else gettext("as each township has it")
        self.filters["days"].extra |= {
            "empty_label": usual,
            "choices": [(days, words) for days, words in lengths.items() if days != str(own)]
            + [(ALL, gettext("All active teams"))],
        }

    def by_village(self, teams: TeamQuerySet, name: str, value: Village) -> TeamQuerySet:
        """Keep the teams of the village's grids."""
        return teams.filter(grid__village=value)

    def by_silence(self, teams: TeamQuerySet, name: str, value: str) -> TeamQuerySet:
        """Keep the teams without a service for so many days, or without any, or every active one."""
        if value == ALL:
            return teams.active()
        teams = teams.filter(TownshipSettings.by_township().taking_part("uses_logs"))
        if value == NEVER:
            return teams.never_served()
        return teams.silent_since(timezone.localdate() - timedelta(days=int(value)))

    def filter_queryset(self, queryset: TeamQuerySet) -> TeamQuerySet:
        """Keep the silent teams unless another length was chosen."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("days") else silent_teams(found, timezone.localdate())


class UncoveredFilter(GridsInVillage):
    """Grids without an active team by township and village."""

    class Meta:
        model = Grid
        fields = ("township", "village")
