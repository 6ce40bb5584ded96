"""What was done."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.each_minute import each_minute


class ServicesConfig(AppConfig):
    """Service logs, monthly reports, recognition, figures."""

    name = "services"
    verbose_name = _("Services")

    def ready(self) -> None:
        """Follow what happens to volunteers and teams, and tell their pages what is kept here."""
        from services import (  # models are there only now
            anonymised_part,
            custody_rows,
            intake_rows,
            pager_rows,
            request_clocks,
            request_share,
            resident_part,
            sections,
            team_panels,
        )
        from services.domain import (  # message: its work in the background
            departure,
            duty,
            escalation,
            grid,
            message,  # noqa: F401
            month,
            person,
            request_notices,
            township,
        )

        departure.connect()
        grid.connect()
        month.connect()
        duty.connect()
        custody_rows.register_part()
        anonymised_part.register_part()
        sections.register_all()
        team_panels.register_all()
        request_share.register_all()
        pager_rows.register_all()
        resident_part.register_all()
        request_clocks.register_all()
        intake_rows.register_all()
        person.connect()
        township.connect()
        each_minute(escalation.escalate_late)
        each_minute(request_notices.warn_of_deadlines)
