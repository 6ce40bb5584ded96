"""Who serves where."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GridsConfig(AppConfig):
    """Grids, teams and memberships."""

    name = "grids"
    verbose_name = _("Grids and teams")

    def ready(self) -> None:
        """Follow what happens to volunteers, let the worker know its work, and put panels onto the team's page."""
        from grids import team_panels  # models are there only now
        from grids.domain import card_print, composition_work, departure  # noqa: F401  # their work in the background

        departure.connect()
        team_panels.register_all()
