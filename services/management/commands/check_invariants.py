"""``manage.py check_invariants``: what must hold, asked of the database itself."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from services.invariants import invariants

SHOWN = 20


class Command(BaseCommand):
    """Check every invariant; print the keys of what breaks one and exit with 1. For the night and after a restore."""

    help = "Check what must hold, each line one SQL query; exit 1 and name the rows when something is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        """Check all before failing: one broken line often explains another."""
        checked = broken = 0
        for invariant in invariants():
            checked += 1
            keys = invariant.broken_by()
            if keys:
                broken += 1
                more = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
                listed = ", ".join(str(key) for key in keys[:SHOWN])
                self.stderr.write(f"BROKEN {invariant.name}: {invariant.meaning}\n       id {listed}{more}")
            elif options["verbosity"] > 1:
                self.stdout.write(f"ok     {invariant.name}: {invariant.meaning}")
        self.stdout.write(f"{checked} invariants checked, {broken} broken")
        if broken:
            sys.exit(1)
