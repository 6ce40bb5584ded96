"""The audit trail: who changed what, when, from where."""

from auditlog.models import AbstractLogEntry
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(AbstractLogEntry):
    """One change of one record. Append-only: a trigger refuses to change or delete a row."""

    event = models.CharField(
        _("event"), max_length=60, blank=True,
        help_text=_("The domain function that made the change; empty for a plain edit."),
    )

    class Meta(AbstractLogEntry.Meta):
        abstract = False
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
