"""感谢: a word of thanks that the reviewer leaves for the team with the month that they read."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from services.models.report import MonthlyReport


class ThanksQuerySet(models.QuerySet["Thanks"]):
    """Words of thanks, the latest first."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the months that the user sees: the team's leader and the offices above."""
        return self.filter(report__in=MonthlyReport.objects.visible_to(user))


class Thanks(models.Model):
    """What the reviewer said when they read the month; a month that is read again may be thanked for again."""

    report = models.ForeignKey(
        MonthlyReport, verbose_name=_("monthly report"), on_delete=models.PROTECT, related_name="thanks"
    )
    round = models.PositiveSmallIntegerField(
        _("round"), help_text=_("How often the month had been returned when it was read.")
    )
    text = models.CharField(_("word of thanks"), max_length=200)
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = ThanksQuerySet.as_manager()

    class Meta:
        verbose_name = _("word of thanks")
        verbose_name_plural = _("words of thanks")
        ordering = ("-at", "-id")
        constraints = [
            models.UniqueConstraint(name="thanks_once_a_round", fields=["report", "round"]),
            models.CheckConstraint(name="thanks_not_empty", condition=~models.Q(text="")),
            *length_checks("thanks", {"text": 200}),
        ]

    def __str__(self) -> str:
        return self.text[:40]


auditlog.register(Thanks)
