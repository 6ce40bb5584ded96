"""``manage.py rebuild_rollups``: the roll-ups written anew from the records."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from services.domain.rollup import differences, rebuild


class Command(BaseCommand):
    """Rebuild the roll-ups and prove them equal to the records: after a restore, or when they were found to differ."""

    help = "Write the roll-ups anew from the records of read months, and prove them equal."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many rows differed before; fail should any differ after."""
        before = len(differences())
        rebuild()
        if differences():
            raise CommandError("The roll-ups differ from the records after rebuilding. Is somebody reviewing just now?")
        self.stdout.write(f"{before} rows differed; the roll-ups now equal the records.")
