"""The canonical form of the evidence: the same bytes and hash whatever order the rows come in."""

import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from common.hours import hours
from services.evidence import EvidenceRow, canonical_bytes, canonical_lines, evidence_hash
from services.models import RecognitionRound

TERMS = RecognitionRound(year=2026)
ROWS = [
    EvidenceRow("0000002", 12, 17_999, 99, 11, 11, False),
    EvidenceRow("0000001", 12, 18_000, 41, 9, 11, True),
]
FILE = """yiwang-evidence 1
year 2026
min_minutes 18000
min_services 100
min_satisfied_percent 80
volunteers 2
number,team,minutes,services,satisfied_votes,valid_votes,eligible
0000001,12,18000,41,9,11,1
0000002,12,17999,99,11,11,0
"""
GOLDEN = "15a37dfe1d6284dab800089f5542286b06dcde5965917da392268df2729db761"

rows = st.lists(
    st.builds(
        EvidenceRow,
        number=st.from_regex(r"[0-9]{7}", fullmatch=True),
        team=st.integers(1, 10_000),
        minutes=st.integers(0, 100_000),
        services=st.integers(0, 1_000),
        satisfied_votes=st.integers(0, 50),
        valid_votes=st.integers(0, 50),
        eligible=st.booleans(),
    ),
    unique_by=lambda row: row.number,
    max_size=30,
)


def test_canonical_file_is_the_documented_one() -> None:
    assert canonical_bytes(canonical_lines(TERMS, ROWS)) == FILE.encode()


def test_hash_has_its_golden_value() -> None:
    assert evidence_hash(canonical_lines(TERMS, ROWS)) == GOLDEN
    assert hashlib.sha256(FILE.encode()).hexdigest() == GOLDEN


@given(rows=rows, seed=st.integers())
def test_hash_does_not_depend_on_the_order_of_rows(rows: list[EvidenceRow], seed: int) -> None:
    shuffled = random.Random(seed).sample(rows, len(rows))

    assert canonical_lines(TERMS, shuffled) == canonical_lines(TERMS, rows)


@given(rows=rows.filter(bool), data=st.data())
def test_hash_depends_on_every_figure(rows: list[EvidenceRow], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["team", "minutes", "services", "satisfied_votes", "valid_votes"]))
    changed = list(rows)
    changed[position] = rows[position]._replace(**{field: getattr(rows[position], field) + 1})

    assert evidence_hash(canonical_lines(TERMS, changed)) != evidence_hash(canonical_lines(TERMS, rows))


def test_hash_depends_on_the_terms() -> None:
    others = [
        RecognitionRound(year=2025),
        RecognitionRound(year=2026, min_minutes=1),
        RecognitionRound(year=2026, min_services=1),
        RecognitionRound(year=2026, min_satisfied_percent=1),
    ]

    assert len({evidence_hash(canonical_lines(terms, ROWS)) for terms in [TERMS, *others]}) == 5


def test_hours_are_never_rounded_up() -> None:
    assert [hours(minutes) for minutes in (0, 5, 6, 60, 17_999, 18_000, 18_005)] == [
        "0.0",
        "0.0",
        "0.1",
        "1.0",
        "299.9",
        "300.0",
        "300.0",
    ]
