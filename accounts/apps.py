"""Who may."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, roles, sign-in, who may see what, and the audit trail."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Put every audit entry down to whoever caused it."""
        from accounts import audit  # the models must be loaded first

        audit.connect()
