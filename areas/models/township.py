"""乡镇(街道): the level at which staff work and are scoped."""

from typing import TYPE_CHECKING, Self

from auditlog.registry import auditlog
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from areas.models.ended import ended_by_merge, until
from common.models import Versioned, length_checks

if TYPE_CHECKING:
    from accounts.models import User


class TownshipQuerySet(models.QuerySet["Township"]):
    """Townships in the order of their codes."""

    def visible_to(self, user: "User") -> Self:
        """Narrow to the user's own township and those merged into it; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(pk__in=user.township_ids)

    def current(self) -> Self:
        """Keep those that there are today: nothing new is recorded for one that was merged into another."""
        return self.filter(merged_into__isnull=True)


class Township(Versioned):
    """A township, town or subdistrict with its code of nine digits (GB/T 2260 as the statistics bureau extends it).

    One that was merged into another has ended and stays: what was recorded there keeps it. ``predecessor_ids`` are the
    keys of all that were merged into this one, through others too: whoever works here sees what is theirs.
    """

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
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("merged into"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged",
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True, editable=False)
    predecessor_ids = models.JSONField(_("townships merged into this one"), default=list, blank=True, editable=False)

    objects = TownshipQuerySet.as_manager()

    class Meta:
        verbose_name = _("township")
        verbose_name_plural = _("townships")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(name="township_code_digits", condition=models.Q(code__regex=r"^[0-9]{9}$")),
            *length_checks("township", {"name": 40}),
            *ended_by_merge("township"),
        ]

    @property
    def reach(self) -> tuple[int, ...]:
        """The keys of this township and of all that were merged into it."""
        return (self.pk, *self.predecessor_ids)

    @property
    def present(self) -> "Township":
        """The township that this one is part of today: itself unless it was merged into another."""
        return self if self.merged_into is None else self.merged_into.present

    def __str__(self) -> str:
        return self.name if self.ended_on is None else until(self.name, self.ended_on)


def present_townships() -> dict[int, int]:
    """Return for every township that was merged into another, by key, the key of the one that it is part of today."""
    townships = Township.objects.current().order_by().values_list("pk", "predecessor_ids")
    return {ended: pk for pk, predecessors in townships for ended in predecessors}


auditlog.register(Township, exclude_fields=["version", "predecessor_ids"])
