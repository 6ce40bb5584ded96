"""``manage.py verify_round 2026``: prove that a scored year still is what it was signed as."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from services.domain.recognition import verify_round
from services.models import RecognitionRound


class Command(BaseCommand):
    """Take the hash anew and compare the evidence with the records; exit 1 and say what differs."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year."""
        parser.add_argument("year", type=int)

    def handle(self, *args: Any, year: int, **options: Any) -> None:
        """Verify the round of ``year``."""
        found = RecognitionRound.objects.filter(year=year).first()
        if found is None or not found.is_frozen:
            raise CommandError(_("The year %(year)s has not been scored.") % {"year": year})
        wrong = verify_round(found)
        for line in wrong:
            self.stderr.write(line)
        if wrong:
            raise CommandError(_("The round of %(year)s does not hold.") % {"year": year})
        self.stdout.write(
            _("The evidence of %(year)s agrees with the records: %(hash)s") % {"year": year, "hash": found.evidence_hash}
        )
