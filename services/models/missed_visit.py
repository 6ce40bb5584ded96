"""没人在家: a team called on somebody of its visit plan and found nobody. It is no service, and no visit."""

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from services.models.visit_plan import VisitPlan


class MissedVisit(models.Model):
    """Nobody was at home on a day: once a plan and day."""

    plan = models.ForeignKey(VisitPlan, verbose_name=_("visit plan"), on_delete=models.PROTECT, related_name="missed")
    day = models.DateField(_("day"))
    recorded_by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("missed visit")
        verbose_name_plural = _("missed visits")
        ordering = ("-day", "-id")
        constraints = [models.UniqueConstraint(name="missed_visit_once_a_day", fields=["plan", "day"])]

    def __str__(self) -> str:
        return f"{self.plan_id} · {self.day}"


auditlog.register(MissedVisit)
