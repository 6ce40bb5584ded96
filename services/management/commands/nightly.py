"""``manage.py nightly``: what is to be done once a day, and may be done as often as one likes."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from services.domain.month import first_day, open_month, previous_month


class Command(BaseCommand):
    """Open the month for every active team; the last one too, should the machine have been off when it began."""

    help = "Open the monthly reports of this month and the last for every active team."

    def handle(self, *args: Any, **options: Any) -> None:
        """Open both months and say how many reports are new."""
        this_month = first_day(timezone.localdate())
        for month in (previous_month(this_month), this_month):
            opened = open_month(month, by=None)
            self.stdout.write(f"{month:%Y-%m}: {opened} reports opened")
