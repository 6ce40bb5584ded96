"""``manage.py verify_round 2026``: prove that a scored year still is what it was signed as."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from services.domain.difference import differences
from services.domain.recognition import verify_round
from services.models import RecognitionRound
from volunteers.models import Volunteer


class Command(BaseCommand):
    """Take the hash anew and compare the evidence with the records; exit 1 and say what differs."""

    help = "Prove that the scored round of a year agrees with its records and its hash."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the year."""
        parser.add_argument("year", type=int)

    def handle(self, *args: Any, year: int, **options: Any) -> None:
        """Verify the round of ``year``."""
        found = RecognitionRound.objects.filter(year=year).first()
        if found is None or not found.is_frozen:
            raise CommandError(f"The year {year} has not been scored.")
        wrong = verify_round(found)
        for line in wrong:
            self.stderr.write(line)
        if wrong:
            raise CommandError(f"The round of {year} does not hold.")
        self.stdout.write(f"The evidence of {year} agrees with the records: {found.evidence_hash}")
        for line in corrected_since(found):
            self.stdout.write(line)


def corrected_since(round: RecognitionRound) -> list[str]:
    """Say what corrections changed after the scoring: by that the records differ from the evidence, by nothing else."""
    found = differences(round)
    corrections = round.corrections.count()
    if not corrections:
        return []
    people = Volunteer.objects.in_bulk(found)
    lines = [
        f"{people[pk].number} {change.minutes:+d} minutes, {change.services:+d} services"
        for pk, change in found.items()
    ]
    return [f"Corrections granted since the scoring: {corrections}", *sorted(lines)]
