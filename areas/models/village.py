"""村(社区): divided into grids."""

from typing import TYPE_CHECKING, Self

from auditlog.registry import auditlog
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from areas.models.ended import ended_by_merge, until
from areas.models.township import Township
from common.models import Versioned, length_checks

if TYPE_CHECKING:
    from accounts.models import User


class VillageQuerySet(models.QuerySet["Village"]):
    """Villages in the order of their codes."""

    def visible_to(self, user: "User") -> Self:
        """Narrow to the villages of the user's own township; the city level sees all."""
        if user.township_id is None:
            return self if user.is_city_wide else self.none()
        return self.filter(township__in=user.township_ids)

    def current(self) -> Self:
        """Keep those that there are today: one that was merged into another has no grids and volunteers any more."""
        return self.filter(merged_into__isnull=True)

    def named(self, text: str) -> Self:
        """Keep those whose name holds the text, that of a village merged into it, or a former name of either.

        So does the name that its township had before, or that of a township merged into that.
        """
        former = Q(name__contains=text) | Q(former_names__name__contains=text)
        merged = Q(merged__name__contains=text) | Q(merged__former_names__name__contains=text)
        found = Village.objects.filter(former | merged).order_by().values("pk")
        past = Q(former_names__name__contains=text)
        past |= Q(merged__name__contains=text) | Q(merged__former_names__name__contains=text)
        townships = Township.objects.filter(past).order_by().values("pk")
        return self.filter(Q(pk__in=found) | Q(township__in=townships))


class Village(Versioned):
    """A village or community with its code of twelve digits, and the part of the township (片区) it is worked in."""

    code = models.CharField(
        _("code"), max_length=12, unique=True, validators=[RegexValidator(r"^[0-9]{12}$", _("Twelve digits."))]
    )
    name = models.CharField(_("name"), max_length=60)
    township = models.ForeignKey(
        Township, verbose_name=_("township"), on_delete=models.PROTECT, related_name="villages"
    )
    district = models.CharField(
        _("part of the township"),
        max_length=40,
        blank=True,
        help_text=_("Villages of one part are near each other. Leave it empty where the township has no parts."),
    )
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

    objects = VillageQuerySet.as_manager()

    class Meta:
        verbose_name = _("village")
        verbose_name_plural = _("villages")
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(name="village_code_digits", condition=models.Q(code__regex=r"^[0-9]{12}$")),
            *length_checks("village", {"name": 60, "district": 40}),
            *ended_by_merge("village"),
        ]

    def __str__(self) -> str:
        return self.name if self.ended_on is None else until(self.name, self.ended_on)


auditlog.register(Village, exclude_fields=["version"])
