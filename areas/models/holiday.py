"""节假日与调休: days that the calendar at hand does not know, or knows otherwise."""

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import length_checks


class Holiday(models.Model):
    """One day that is free although it is a weekday, or worked although it is a weekend (``areas.working_days``).

    A year's arrangement is published late in the year before: an administrator enters it here until a release knows it.
    """

    day = models.DateField(_("day"), unique=True)
    is_working = models.BooleanField(
        _("is worked"), default=False, help_text=_("Ticked for a make-up day, not for a holiday.")
    )
    name = models.CharField(_("name"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("holiday or make-up day")
        verbose_name_plural = _("holidays and make-up days")
        ordering = ("-day",)
        constraints = [*length_checks("holiday", {"name": 40})]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.name}".strip()


auditlog.register(Holiday)
