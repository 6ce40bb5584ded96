"""How many grids have an active team: by township and by village, one query each."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from areas.models import Township, Village
from grids.models import Grid, Team


@dataclass(frozen=True)
class Coverage:
    """A township's or a village's grids in use, and how many of them an active team serves."""

    area: Township | Village
    grids: int
    covered: int

    @property
    def uncovered(self) -> int:
        """How many grids have no active team."""
        return self.grids - self.covered


def coverage_by_village(villages: QuerySet[Village]) -> list[Coverage]:
    """Count the grids of each of the villages, those without any grid too."""
    return _coverage(villages, "village")


def coverage_by_township(townships: QuerySet[Township]) -> list[Coverage]:
    """Count the grids of each of the townships, those without any grid too."""
    return _coverage(townships, "village__township")


def _coverage(areas: QuerySet[Village] | QuerySet[Township], path: str) -> list[Coverage]:
    active = Q(teams__state=Team.State.ACTIVE)
    counts = {
        key: (grids, covered)
        for key, grids, covered in Grid.objects.in_use()
        .filter(**{f"{path}__in": areas})
        .order_by()
        .values_list(path)
        .annotate(grids=Count("pk", distinct=True), covered=Count("pk", distinct=True, filter=active))
    }
    return [Coverage(area, *counts.get(area.pk, (0, 0))) for area in areas]
