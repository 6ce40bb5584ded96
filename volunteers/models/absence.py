"""When a volunteer did not serve: suspended, or gone from the programme, until they were taken back."""

from datetime import date
from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from volunteers.models.volunteer import Volunteer


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Absences, the latest first."""

    def lasting(self) -> Self:
        """Keep those that have not ended."""
        return self.filter(until__isnull=True)

    def on(self, day: date) -> Self:
        """Keep those that ``day`` lies in; their first and last day are none: people may have served on these still."""
        return self.filter(models.Q(until__isnull=True) | models.Q(until__gt=day), since__lt=day)


class Absence(models.Model):
    """One spell away, from ``since`` (the last day of service) until the day of the return; who is away has one."""

    volunteer = models.ForeignKey(
        Volunteer, verbose_name=_("volunteer"), on_delete=models.PROTECT, related_name="absences"
    )
    since = models.DateField(_("away since"))
    until = models.DateField(_("back since"), null=True, blank=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ("-since", "-id")
        constraints = [
            models.UniqueConstraint(
                name="absence_one_lasting_per_volunteer",
                fields=["volunteer"],
                condition=models.Q(until__isnull=True),
            ),
            models.CheckConstraint(
                name="absence_ends_after_start",
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer} · {self.since:%Y-%m-%d}"


auditlog.register(Absence)
