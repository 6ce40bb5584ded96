"""培训单位: who gives the courses."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.models import length_checks

TEXT_LIMITS = {"name": 60}


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Providers by name."""

    def in_use(self) -> Self:
        """Keep those that new courses may name."""
        return self.filter(is_retired=False)


class Provider(models.Model):
    """A school or office that trains. Retired rather than deleted: old courses keep it."""

    class Kind(models.TextChoices):
        """The kinds that the programme's report names."""

        PARTY_SCHOOL = "party_school", _("Party school")
        VOCATIONAL = "vocational", _("Vocational school")
        REMOTE = "remote", _("Remote education")
        OTHER = "other", pgettext_lazy("provider of training", "Other")

    name = models.CharField(pgettext_lazy("organisation", "name"), max_length=TEXT_LIMITS["name"], unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    is_retired = models.BooleanField(_("retired"), default=False)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        verbose_name = _("training provider")
        verbose_name_plural = _("training providers")
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(
                name="provider_kind_known",
                condition=models.Q(kind__in=["party_school", "vocational", "remote", "other"]),
            ),
            *length_checks("provider", TEXT_LIMITS),
        ]

    def __str__(self) -> str:
        return self.name


auditlog.register(Provider)
