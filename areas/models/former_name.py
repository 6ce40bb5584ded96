"""曾用名: what a township or village was called before."""

from typing import Any

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from areas.models.township import Township
from areas.models.village import Village
from common.models import length_checks


class FormerName(models.Model):
    """A name that a township or a village had until a day: papers and files from before still bear it."""

    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="former_names",
    )
    village = models.ForeignKey(
        Village, verbose_name=_("village"), null=True, blank=True, on_delete=models.PROTECT, related_name="former_names"
    )
    name = models.CharField(_("name"), max_length=60)
    since = models.DateField(_("since"), null=True, blank=True, help_text=_("Empty where nobody knows."))
    until = models.DateField(_("until"))

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")
        ordering = ("-until", "-id")
        indexes = [models.Index(fields=["name"], name="former_name_by_name")]
        constraints = [
            models.CheckConstraint(
                name="former_name_of_one_place",
                condition=models.Q(township__isnull=False, village__isnull=True)
                | models.Q(township__isnull=True, village__isnull=False),
            ),
            models.CheckConstraint(
                name="former_name_ends_after_start",
                condition=models.Q(since__isnull=True) | models.Q(since__lte=models.F("until")),
            ),
            *length_checks("former_name", {"name": 60}),
        ]

    def __str__(self) -> str:
        return self.name


def names_of(place: Township | Village) -> dict[str, Any]:
    """Return the key by which a place's former names are kept."""
    return {"township": place} if isinstance(place, Township) else {"village": place}


auditlog.register(FormerName)
