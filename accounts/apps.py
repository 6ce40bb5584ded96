"""Who may."""

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Users, roles, sign-in, who may see what, and the audit trail."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Put every audit entry down to whoever caused it, and follow sign-ins."""
        from accounts import audit, signals  # the models must be loaded first
        from accounts.exports import Keeper
        from common import exports

        apps.get_app_config("axes").verbose_name = _("Failed sign-ins")
        audit.connect()
        signals.connect()
        exports.connect(Keeper())
