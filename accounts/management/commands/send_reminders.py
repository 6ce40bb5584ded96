"""``manage.py send_reminders``: what waits for people, by e-mail; once a day, in the morning."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.domain.digest import send_digests, send_urgent


class Command(BaseCommand):
    """Send one digest a person and day to those who gave an address and want it."""

    help = "Send the waiting reminders by e-mail, one digest a person and day."

    def handle(self, *args: Any, **options: Any) -> None:
        """Send them, and fail where some could not be sent: they are tried again the next time."""
        if not settings.SENDS_EMAIL:
            self.stdout.write("No e-mail is sent: EMAIL_URL is not set.")
            return
        urgent, result = send_urgent(), send_digests()
        if urgent.sent:
            self.stdout.write(f"{urgent.sent} urgent e-mails sent that could not be before")
        self.stdout.write(f"{result.sent} digests sent")
        if failed := urgent.failed + result.failed:
            raise CommandError(f"{failed} digests could not be sent; the log says why. They are tried again.")
