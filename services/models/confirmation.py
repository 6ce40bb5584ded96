"""回执: what the person who was served says to a service, by the code on a slip. Optional, and it blocks nothing."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from services.models.log import ServiceLog

TEXT_LIMITS = {"remark": 200}


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    """Confirmations in the order in which their slips were made."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the confirmations of the logs that the user sees."""
        return self.filter(log__in=ServiceLog.objects.visible_to(user).order_by())

    def answered(self) -> Self:
        """Keep those that somebody answered."""
        return self.exclude(answer="")

    def confirmed(self) -> Self:
        """Keep the services that their recipient confirmed as the log says them now: not those changed since."""
        unchanged = models.Q(log__changed_at__isnull=True) | models.Q(log__changed_at__lte=models.F("answered_at"))
        return self.filter(unchanged, answer=Confirmation.Answer.YES)

    def denied(self) -> Self:
        """Keep the services that their recipient knows nothing of."""
        return self.filter(answer=Confirmation.Answer.NO)


class Confirmation(models.Model):
    """The slip of one log, and its answer: given once, never changed. The code itself is stored nowhere."""

    class Answer(models.TextChoices):
        """What the recipient says."""

        YES = "yes", _("Confirmed")
        NO = "no", _("Denied")

    log = models.OneToOneField(
        ServiceLog, verbose_name=_("service log"), on_delete=models.PROTECT, related_name="confirmation"
    )
    code_hash = models.CharField(max_length=64, unique=True, editable=False)
    issued_by = models.ForeignKey(User, verbose_name=_("slip made by"), on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(_("slip made"), default=timezone.now)
    answer = models.CharField(_("answer"), max_length=3, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    remark = models.CharField(_("remark"), max_length=TEXT_LIMITS["remark"], blank=True)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        ordering = ("id",)
        # For the reviewer's desk: few deny, and each is a reason to look.
        indexes = [models.Index(fields=["log"], condition=models.Q(answer="no"), name="confirmation_denied")]
        constraints = [
            models.CheckConstraint(
                name="confirmation_answered_at_a_time",
                condition=models.Q(answer="", answered_at__isnull=True, remark="")
                | models.Q(answer__in=["yes", "no"], answered_at__isnull=False),
            ),
            *length_checks("confirmation", {"code_hash": 64, "answer": 3, **TEXT_LIMITS}),
        ]

    def __str__(self) -> str:
        return f"{self.get_answer_display() or '—'} · {self.log_id}"

    @property
    def is_outdated(self) -> bool:
        """Whether the log has been changed since its recipient answered: what it says now, nobody was asked."""
        changed_at = self.log.changed_at
        return self.answered_at is not None and changed_at is not None and changed_at > self.answered_at


# A remark is a private person's: the trail says that there was one.
auditlog.register(Confirmation, mask_fields=["remark"], exclude_fields=["code_hash"])
