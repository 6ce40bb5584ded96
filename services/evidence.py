"""The canonical form of a round's evidence and its hash, so that anyone can recompute the list years later.

The file is text of lines ended by a single line feed, in UTF-8 (Normalisation Form C; numbers and names of fields
only, so plain ASCII). The first lines give the terms, then one line a volunteer in the order of the volunteer numbers::

    yiwang-evidence 1
    year 2026
    min_minutes 18000
    min_services 100
    min_satisfied_percent 80
    volunteers 2
    number,team,minutes,services,satisfied_votes,valid_votes,eligible
    0000001,12,18000,41,9,11,1
    0000002,12,17999,99,11,11,0

``team`` is the key of the team whose grid's votes count; minutes, services and votes are whole numbers; ``eligible``
is 1 or 0. The hash is the SHA-256 of the file's bytes: the same on both databases, whatever order the rows come in.
"""

import hashlib
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from services.models import Evidence, RecognitionRound

FIELDS = "number,team,minutes,services,satisfied_votes,valid_votes,eligible"


class EvidenceRow(NamedTuple):
    """One volunteer's evidence as the canonical form has it."""

    number: str
    team: int
    minutes: int
    services: int
    satisfied_votes: int
    valid_votes: int
    eligible: bool


def canonical_rows(round: RecognitionRound) -> list[str]:
    """Return the lines of the round's evidence, as it is stored."""
    rows = (
        Evidence.objects.filter(round=round)
        .order_by()
        .values_list(
            "volunteer__number", "team_id", "minutes", "services", "satisfied_votes", "valid_votes", "is_eligible"
        )
    )
    return canonical_lines(round, [EvidenceRow(*row) for row in rows.iterator(chunk_size=5000)])


def canonical_lines(round: RecognitionRound, rows: Iterable[EvidenceRow]) -> list[str]:
    """Put the terms of ``round`` and ``rows`` into the canonical form, whatever order the rows come in."""
    lines = [
        f"{row.number},{row.team},{row.minutes},{row.services},{row.satisfied_votes},{row.valid_votes},{row.eligible:d}"
        for row in sorted(rows)
    ]
    return [
        "yiwang-evidence 1",
        f"year {round.year}",
        f"min_minutes {round.min_minutes}",
        f"min_services {round.min_services}",
        f"min_satisfied_percent {round.min_satisfied_percent}",
        f"volunteers {len(lines)}",
        FIELDS,
        *lines,
    ]


def canonical_bytes(lines: Iterable[str]) -> bytes:
    """Return the bytes of the canonical file."""
    text = "".join(f"{line}\n" for line in lines)
    return unicodedata.normalize("NFC", text).encode("utf-8")


def evidence_hash(lines: Iterable[str]) -> str:
    """Return the SHA-256 of the canonical file, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(lines)).hexdigest()
