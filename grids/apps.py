"""Who serves where."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    """Grids, teams and memberships."""

    name = "grids"
    verbose_name = _("Grids and teams")

    def ready(self) -> None:
        """Follow what happens to volunteers."""
        from grids.domain import departure  # models are there only now

        departure.connect()
