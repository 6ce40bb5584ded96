"""提示: what stands out about a log, by a rule that is stated beside it. A hint, never a verdict."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from services.models.log import ServiceLog


class LogFlagQuerySet(models.QuerySet["LogFlag"]):
    """Flags in the order in which they were raised."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the flags on the logs that the user sees."""
        return self.filter(log__in=ServiceLog.objects.visible_to(user))

    def unanswered(self) -> Self:
        """Keep those that nobody has looked into yet."""
        return self.filter(answered_at__isnull=True)


class LogFlag(models.Model):
    """One rule by which one log stands out; raised when the log is written, answered once and for all.

    An answered flag stays answered, also when the log is changed afterwards and the rule holds again.
    """

    class Rule(models.TextChoices):
        """What stands out; ``services.domain.flags`` says when, and by which numbers."""

        LATE = "late", _("Late entry")
        SPLIT = "split", _("One visit in several logs")
        LONG = "long", _("Long service")
        BUSY = "busy", _("Overlong day")
        NIGHT = "night", _("Night hours")
        SAME_TEXT = "same_text", _("Same text as another log")
        SAME_PHOTO = "same_photo", _("Same photo as another log")
        BURST = "burst", _("Many logs just before the deadline")
        DAILY = "daily", _("Same recipient day after day")
        ROUTINE = "routine", _("Identical round hours day after day")
        JUMP = "jump", _("A jump towards the threshold in December")

    log = models.ForeignKey(ServiceLog, verbose_name=_("service log"), on_delete=models.PROTECT, related_name="flags")
    rule = models.CharField(_("rule"), max_length=10, choices=Rule)
    other = models.ForeignKey(
        ServiceLog,
        verbose_name=_("the other log"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("The log that it is compared with, for rules that compare."),
    )
    measured = models.PositiveIntegerField(
        _("measured"), default=0, help_text=_("What the rule counted: minutes, days or logs, as it says.")
    )
    answer = models.CharField(_("answer"), max_length=300, blank=True)
    answered_by = models.ForeignKey(
        User, verbose_name=_("answered by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = LogFlagQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag on a log")
        verbose_name_plural = _("flags on logs")
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(name="flag_once_per_rule", fields=["log", "rule"]),
            models.CheckConstraint(
                name="flag_answered_by_somebody",
                condition=models.Q(answer="", answered_by__isnull=True, answered_at__isnull=True)
                | (models.Q(answered_by__isnull=False, answered_at__isnull=False) & ~models.Q(answer="")),
            ),
            *length_checks("flag", {"rule": 10, "answer": 300}),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()} · {self.log_id}"


# Flags are written in bulk with their log, by rules that can be computed again: only answers are events of their own.
auditlog.register(LogFlag)
