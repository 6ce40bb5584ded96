"""Users and the audit trail."""

from accounts.models.audit import AuditEntry
from accounts.models.reminder import Reminder
from accounts.models.user import User

__all__ = ["AuditEntry", "Reminder", "User"]
