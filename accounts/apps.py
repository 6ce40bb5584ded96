"""Who may."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, roles, sign-in, who may see what, and the audit trail."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Put every audit entry down to whoever caused it, and follow sign-ins."""
        from accounts import audit, signals  # the models must be loaded first

        audit.connect()
        signals.connect()
