"""能力类型: what kind of help a volunteer is good at."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import length_checks
from common.wording import in_words


class SkillTypeQuerySet(models.QuerySet["SkillType"]):
    """Skill types in their order."""

    def in_use(self) -> Self:
        """Keep those that new volunteers may be given."""
        return self.filter(is_retired=False)


class SkillType(models.Model):
    """A kind of ability, 医疗服务型 for instance. Retired rather than deleted: old records keep it."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=30, unique=True)
    name_en = models.CharField(_("name (English)"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=100)
    is_retired = models.BooleanField(_("retired"), default=False)

    objects = SkillTypeQuerySet.as_manager()

    class Meta:
        verbose_name = _("skill type")
        verbose_name_plural = _("skill types")
        ordering = ("position", "code")
        constraints = length_checks("skilltype", {"code": 30, "name": 30, "name_en": 60})

    def __str__(self) -> str:
        return in_words(self.name, self.name_en)


auditlog.register(SkillType)
