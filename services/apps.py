"""What was done."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServicesConfig(AppConfig):
    """Service logs, monthly reports, recognition, figures."""

    name = "services"
    verbose_name = _("Services")

    def ready(self) -> None:
        """Follow what happens to teams."""
        from services.domain import month  # models are there only now

        month.connect()
