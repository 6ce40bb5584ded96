"""``manage.py nightly``: what is to be done once a day, and may be done as often as one likes."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.domain.reminder import forget_reminders
from common.throttle import forget_attempts
from grids.domain.card_print import forget_card_files
from services.domain.album import forget_waiting, strays
from services.domain.anonymise import anonymise_requests, forget_contacts
from services.domain.escalation import escalate_late
from services.domain.message import forget_messages
from services.domain.month import open_missing_months
from services.domain.owner import take_back_from_dissolved
from services.domain.reminders import write_reminders
from volunteers.domain.badge_print import forget_prints
from volunteers.domain.portrait import strays as portrait_strays
from volunteers.domain.volunteer_import import forget_old_imports


class Command(BaseCommand):
    """Open the months that active teams have no report for: this one, and those when the machine was off.

    Forget what was kept for a day only, and say where photos and their files do not agree.
    """

    help = "Open the monthly reports that active teams lack, forget what was kept for a day, look after the photos."

    def handle(self, *args: Any, **options: Any) -> None:
        """Open them, and say of which months there were any."""
        opened = {month: count for month, count in open_missing_months(by=None).items() if count}
        for month, count in opened.items():
            self.stdout.write(f"{month:%Y-%m}: {count} reports opened")
        if not opened:
            self.stdout.write("No report was missing")
        if taken := take_back_from_dissolved():
            self.stdout.write(f"{taken} requests of dissolved teams given to the offices")
        if late := escalate_late():
            self.stdout.write(
                f"{late.township} late requests told to townships, {late.city} to the city, {late.met} met since"
            )
        kept = write_reminders()
        if kept.written or kept.settled:
            self.stdout.write(f"{kept.written} reminders written, {kept.settled} settled")
        if old := forget_reminders():
            self.stdout.write(f"{old} reminders forgotten")
        if forgotten := forget_attempts():
            self.stdout.write(f"{forgotten} counters of attempts forgotten")
        if photos := forget_waiting():
            self.stdout.write(f"{photos} photos of forms that were not saved forgotten")
        if lists := forget_old_imports():
            self.stdout.write(f"{lists} imported lists of volunteers forgotten")
        if prints := forget_prints():
            self.stdout.write(f"{prints} files of printed badges deleted")
        if texts := forget_messages():
            self.stdout.write(f"{texts} old texts to phones forgotten")
        if cards := forget_card_files():
            self.stdout.write(f"{cards} files of contact cards deleted")
        if anonymised := anonymise_requests():
            self.stdout.write(f"{anonymised} settled requests anonymised")
        if contacts := forget_contacts():
            self.stdout.write(f"{contacts} contacts of answered residents forgotten")
        self._look_after_photos()

    def _look_after_photos(self) -> None:
        """Say where the photos of services and of volunteers do not agree with their files."""
        photos, portraits = strays(), portrait_strays()
        for what, rows, files in (
            ("photos", photos.rows, photos.files),
            ("photos of requests", photos.request_rows, []),
            ("photos of volunteers", portraits.rows, portraits.files),
        ):
            if rows:
                keys = ", ".join(str(pk) for pk in rows[:20])
                self.stderr.write(
                    f"{len(rows)} {what} lack their files: id {keys}. Restore PHOTO_ROOT from the backup."
                )
            if files:
                self.stderr.write(
                    f"{len(files)} files of {what} in PHOTO_ROOT belong to none; `manage.py sweep_photos` deletes them."
                )
