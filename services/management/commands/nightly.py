"""``manage.py nightly``: what is to be done once a day, and may be done as often as one likes."""

from typing import Any

from django.core.management.base import BaseCommand

from common.throttle import forget_attempts
from services.domain.month import open_missing_months


class Command(BaseCommand):
    """Open the months that active teams have no report for: this one, and those when the machine was off."""

    help = "Open the monthly reports that active teams lack."

    def handle(self, *args: Any, **options: Any) -> None:
        """Open them, and say of which months there were any."""
        opened = {month: count for month, count in open_missing_months(by=None).items() if count}
        for month, count in opened.items():
            self.stdout.write(f"{month:%Y-%m}: {count} reports opened")
        if not opened:
            self.stdout.write("No report was missing")
        if forgotten := forget_attempts():
            self.stdout.write(f"{forgotten} counters of attempts forgotten")
