"""Who serves."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VolunteersConfig(AppConfig):
    """Volunteers and their skill types."""

    name = "volunteers"
    verbose_name = _("Volunteers")

    def ready(self) -> None:
        """Put together the dossier, and let the worker know what it does."""
        from volunteers import sections  # models are there only now
        from volunteers.domain import badge_print, volunteer_import  # noqa: F401  # their work in the background
        from volunteers.domain.attendance import keep_days
        from volunteers.hooks import volunteer_changed
        from volunteers.models import Volunteer

        sections.register_all()
        volunteer_changed.connect(keep_days, sender=Volunteer, dispatch_uid="training_days")
