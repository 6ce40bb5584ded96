"""批注: what a reviewer says on the log that it is about."""

from typing import Self

from auditlog.registry import auditlog
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import length_checks
from services.models.log import ServiceLog


class LogCommentQuerySet(models.QuerySet["LogComment"]):
    """Comments in the order in which they were made."""

    def visible_to(self, user: User) -> Self:
        """Narrow to the comments on the logs that the user sees."""
        return self.filter(log__in=ServiceLog.objects.visible_to(user))

    def unsettled(self) -> Self:
        """Keep what nobody has ticked as done."""
        return self.filter(settled_at__isnull=True)


class LogComment(models.Model):
    """One remark on one log, made while its month was reviewed; ticked as settled once it was put right.

    Both columns of the tick are filled or neither is: ``check_invariants`` looks, since a check constraint would make
    SQLite build the table anew.
    """

    log = models.ForeignKey(
        ServiceLog, verbose_name=_("service log"), on_delete=models.PROTECT, related_name="comments"
    )
    text = models.CharField(_("comment"), max_length=300)
    by = models.ForeignKey(User, verbose_name=_("by"), on_delete=models.PROTECT, related_name="+", editable=False)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    round = models.PositiveSmallIntegerField(
        _("round"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("How often the month had been returned when it was made."),
    )
    settled_by = models.ForeignKey(
        User,
        verbose_name=_("settled by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True, editable=False)

    objects = LogCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment on a log")
        verbose_name_plural = _("comments on logs")
        ordering = ("at", "id")
        constraints = [
            models.CheckConstraint(name="comment_not_empty", condition=~models.Q(text="")),
            *length_checks("comment", {"text": 300}),
        ]

    def __str__(self) -> str:
        return self.text[:40]


auditlog.register(LogComment)
