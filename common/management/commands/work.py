"""``manage.py work``: do in the background what the pages have put off, until told to stop."""

import os
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import Error, connection

from common.each_minute import do_each_minute
from common.jobs import revive

# Seconds between two looks at whether the server still lives, at what killed workers left behind, and at the clock.
LOOK, REVIVE, MINUTE = 1, 30, 60


class Command(BaseCommand):
    """A worker of the task queue that also takes up what others left lying."""

    help = "Do imports, prints and other long work in the background."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Offer to end together with the server that it runs beside."""
        parser.add_argument(
            "--beside-parent", action="store_true", help="end when the process that started this one has ended"
        )
        parser.add_argument("--batch", action="store_true", help="do what waits, then end")

    def handle(self, *args: Any, beside_parent: bool, batch: bool, **options: Any) -> None:
        """Work; a thread beside it looks after what is stale."""
        revive()
        parent = os.getppid() if beside_parent else 0
        threading.Thread(target=_look_after, args=[parent], daemon=True).start()
        call_command("db_worker", queue_name="*", batch=batch, reload=False, startup_delay=False, verbosity=0)


def _look_after(parent: int) -> None:
    """Revive stale work and do what each minute asks for; end, after the work at hand, when the server has ended."""
    revived_at = minute_at = time.monotonic()
    while True:
        time.sleep(LOOK)
        if parent and os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        if time.monotonic() - revived_at > REVIVE:
            revived_at = time.monotonic()
            try:
                revive()
            except Error:  # the database is away or busy: the next look will do
                pass
            finally:
                connection.close()
        if time.monotonic() - minute_at > MINUTE:
            minute_at = time.monotonic()
            try:
                do_each_minute()
            finally:
                connection.close()
