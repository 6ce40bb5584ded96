"""Figures rolled up from the logs of read months, written by the statement that marks a month as read.

``services.domain.rollup`` adds, subtracts, rebuilds and proves them; nothing else writes here.
"""

from typing import Any

from django.db import models

from areas.models import Township
from grids.models import Team
from services.models.category import ServiceCategory
from volunteers.models import Volunteer

# Their rows are computed from rows whose foreign keys the database checks: checking these too would double the cost.
DERIVED: dict[str, Any] = {"db_index": False, "db_constraint": False}


class VolunteerTotal(models.Model):
    """Minutes and services of one volunteer with one team in some period."""

    volunteer = models.ForeignKey(Volunteer, on_delete=models.PROTECT, related_name="%(class)ss", **DERIVED)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", **DERIVED)
    minutes = models.PositiveIntegerField()
    services = models.PositiveIntegerField()

    class Meta:
        abstract = True


class VolunteerMonth(VolunteerTotal):
    """A volunteer's counted minutes and services with one team in the month that begins on ``month``."""

    month = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="volunteermonth_key", fields=["volunteer", "month", "team"]),
            models.CheckConstraint(name="volunteermonth_positive", condition=models.Q(services__gte=0)),
        ]
        indexes = [models.Index(fields=["month", "team", "volunteer"], name="volunteermonth_by_month")]


class VolunteerYear(VolunteerTotal):
    """A volunteer's counted minutes and services with one team in a calendar year: what recognition is scored from."""

    year = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="volunteeryear_key", fields=["volunteer", "year", "team"]),
            models.CheckConstraint(name="volunteeryear_positive", condition=models.Q(services__gte=0)),
        ]
        indexes = [models.Index(fields=["year", "volunteer", "team"], name="volunteeryear_by_year")]


class TownshipMonth(models.Model):
    """A township's counted services of one category in the month that begins on ``month``."""

    township = models.ForeignKey(Township, on_delete=models.PROTECT, related_name="+", **DERIVED)
    month = models.DateField()
    category = models.ForeignKey(ServiceCategory, on_delete=models.PROTECT, related_name="+", **DERIVED)
    logs = models.PositiveIntegerField()
    participations = models.PositiveIntegerField()
    minutes = models.PositiveIntegerField(help_text="Person-minutes: the minutes of all participations.")
    people_served = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="townshipmonth_key", fields=["township", "month", "category"]),
            models.CheckConstraint(name="townshipmonth_positive", condition=models.Q(logs__gte=0)),
        ]
        indexes = [models.Index(fields=["month", "township"], name="townshipmonth_by_month")]
