"""``manage.py raise_flags``: judge the logs of the months that wait to be read, all at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from services.domain.flags import raise_all
from services.models import MonthlyReport, ServiceLog


class Command(BaseCommand):
    """Raise the flags that a log would have got when it was written; answered ones stay, twice is as good as once."""

    help = "Raise the flags of logs that were written before flags were, or by other numbers than now."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether read months are judged as well."""
        parser.add_argument("--all", action="store_true", help="the logs of read months too")

    @transaction.atomic
    def handle(self, *args: Any, all: bool, **options: Any) -> None:
        """Judge them, township by township."""
        logs = ServiceLog.objects.standing()
        if not all:
            logs = logs.exclude(report__state=MonthlyReport.State.READ)
        self.stdout.write(f"{raise_all(logs)} flags raised on {logs.count()} logs")
