"""``manage.py watch_requests``: look once at the deadlines of requests, as ``manage.py work`` does each minute."""

from typing import Any

from django.core.management.base import BaseCommand

from services.domain.escalation import escalate_late
from services.domain.request_notices import warn_of_deadlines


class Command(BaseCommand):
    """Say that deadlines are near, and tell the township and the city of what is late: once each."""

    help = "Warn of deadlines that are near, and tell townships and the city of requests that are late."

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and say what came of it."""
        warned, late = warn_of_deadlines(), escalate_late()
        self.stdout.write(
            f"{warned} people warned, {late.township} late requests told to townships, {late.city} to the city,"
            f" {late.met} met since"
        )
