"""服务类别: what a service was."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import length_checks
from common.wording import in_words
from volunteers.models import Qualification, SkillType


class ServiceCategoryQuerySet(models.QuerySet["ServiceCategory"]):
    """Categories in their order."""

    def in_use(self) -> Self:
        """Keep those that new logs may be given."""
        return self.filter(is_retired=False)


class ServiceCategory(models.Model):
    """A kind of service with its counter word: cleanings are counted in 次, errands in 件.

    ``skills`` are the skill types that fit it: who is suggested for a request of it. Where it needs a qualification of
    a field, its holders alone are suggested.
    """

    class Counter(models.TextChoices):
        """量词 that the report counts with."""

        TIMES = "times", _("times")
        ITEMS = "items", _("items")

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=30, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=60)
    counter = models.CharField(_("counter word"), max_length=5, choices=Counter, default=Counter.TIMES)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_retired = models.BooleanField(_("retired"), default=False)
    skills = models.ManyToManyField(
        SkillType,
        verbose_name=_("skill types that fit"),
        blank=True,
        related_name="categories",
        help_text=_("Members of these are suggested for a request first. None: everybody fits."),
    )
    qualification_kind = models.CharField(  # noqa: DJ001 (a column that SQLite adds without rebuilding the table)
        _("qualification that it needs"),
        max_length=12,
        choices=Qualification.Kind,
        null=True,
        blank=True,
        help_text=_("Holders of a valid one alone are suggested. Empty: it needs none."),
    )

    objects = ServiceCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("service category")
        verbose_name_plural = _("service categories")
        ordering = ("position", "code")
        constraints = length_checks("category", {"code": 30, "name": 30, "name_en": 60})

    def __str__(self) -> str:
        return in_words(self.name, self.name_en)


auditlog.register(ServiceCategory, m2m_fields={"skills"})
