"""乡镇(街道): the level at which staff work and are scoped."""

from typing import TYPE_CHECKING, Self

from auditlog.registry import auditlog
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.models import Versioned, length_checks

if TYPE_CHECKING:
    from accounts.models import User


class TownshipQuerySet(models.QuerySet["Township"]):
    """Townships in the order of their codes."""

    def visible_to(self, user: "User") -> Self:
        """Narrow to the user's own township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(pk=user.township_id)


class Township(Versioned):
    """A township, town or subdistrict with its code of nine digits (GB/T 2260 as the statistics bureau extends it)."""

    class Kind(models.TextChoices):
        """What the office is called."""

        TOWN = "town", _("Town")
        TOWNSHIP = "township", pgettext_lazy("kind of township", "Township")
        SUBDISTRICT = "subdistrict", _("Subdistrict")

    code = models.CharField(
        _("code"), max_length=9, unique=True, validators=[RegexValidator(r"^[0-9]{9}$", _("Nine digits."))]
    )
    name = models.CharField(_("name"), max_length=40)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("township")
        verbose_name_plural = _("townships")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(name="township_code_digits", condition=models.Q(code__regex=r"^[0-9]{9}$")),
            *length_checks("township", {"name": 40}),
        ]

    def __str__(self) -> str:
        return self.name


auditlog.register(Township, exclude_fields=["version"])
