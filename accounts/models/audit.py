"""The audit trail: who changed what, when, from where."""

from typing import TYPE_CHECKING, Self

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.rights import Right

if TYPE_CHECKING:
    from accounts.models.user import User


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Entries, the latest first."""

    def visible_to(self, user: "User") -> Self:
        """Show the trail to those who may read it, all of it: they are the city's."""
        return self if user.may(Right.VIEW_AUDIT_TRAIL) else self.none()


class AuditEntry(AbstractLogEntry):
    """One change of one record. Append-only: a trigger refuses to change or delete a row."""

    event = models.CharField(
        _("event"),
        max_length=60,
        blank=True,
        help_text=_("What was done, by name; empty for a plain edit."),
    )

    objects = LogEntryManager.from_queryset(AuditEntryQuerySet)()

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
