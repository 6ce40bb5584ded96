"""``manage.py sweep_photos``: files in ``PHOTO_ROOT`` that belong to no photo of this database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from services import photo_files
from services.domain.album import strays
from volunteers.domain import portrait


class Command(BaseCommand):
    """Delete the files that no photo of this database has, older than a day; say first how many those are.

    Never run by itself: another database may use the same folder, and a database restored from an old backup does not
    know the newest photos.
    """

    help = "Delete the files in PHOTO_ROOT that belong to no photo, as a server that was killed leaves them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Let one look first."""
        parser.add_argument("--dry-run", action="store_true", help="say how many, and delete none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete them."""
        names, portraits = strays().files, portrait.strays().files
        if not options["dry_run"]:
            photo_files.delete(names)
            portrait.sweep(portraits)
        self.stdout.write(
            f"{len(names) + len(portraits)} photos without a row {'found' if options['dry_run'] else 'deleted'}"
        )
