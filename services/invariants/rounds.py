"""Rounds, their evidence and the votes.

What a round was signed for is asked of the scoring itself: it is the same statement that wrote the evidence.
"""

from services.domain import scoring
from services.evidence import canonical_rows, evidence_hash
from services.models import RecognitionRound

QUERIES = {
    "round_state_has_evidence": (
        "a scored round says by whom, when and with which hash; one that is voting has none",
        "SELECT id FROM services_recognitionround WHERE (state = 'voting') <> (evidence_hash = '')"
        " OR (state <> 'voting' AND (scored_by_id IS NULL OR scored_at IS NULL)) ORDER BY id",
    ),
    "evidence_equals_records": (
        "the evidence of a scored round is what the records of the read months give, before later corrections",
        "SELECT e.id FROM services_evidence e JOIN services_recognitionround n ON n.id = e.round_id"
        " LEFT JOIN (SELECT COALESCE(m.person_id, as_scored.volunteer_id) AS volunteer_id, as_scored.year,"
        " SUM(minutes) AS minutes, SUM(services) AS services FROM ("
        "SELECT p.volunteer_id, {year} AS year, p.minutes, 1 AS services"
        " FROM services_participation p JOIN services_servicelog l ON l.id = p.log_id"
        " JOIN services_monthlyreport r ON r.id = l.report_id WHERE p.counted"
        " UNION ALL SELECT p.volunteer_id, n.year, p.minutes, 1 FROM services_correction c"
        " JOIN services_recognitionround n ON n.id = c.round_id JOIN services_participation p ON p.log_id = c.log_id"
        " UNION ALL SELECT p.volunteer_id, n.year, -p.minutes, -1 FROM services_correction c"
        " JOIN services_recognitionround n ON n.id = c.round_id JOIN services_participation p ON p.log_id = c.result_id"
        ") AS as_scored LEFT JOIN (SELECT g.id AS volunteer_id, g.merged_into_id AS person_id, n.year"
        " FROM volunteers_volunteer g JOIN services_recognitionround n ON NOT EXISTS (SELECT 1 FROM services_evidence e"
        " WHERE e.round_id = n.id AND e.volunteer_id = g.id) WHERE g.merged_into_id IS NOT NULL) AS m"
        " ON m.volunteer_id = as_scored.volunteer_id AND m.year = as_scored.year"
        " GROUP BY COALESCE(m.person_id, as_scored.volunteer_id), as_scored.year) AS s"
        " ON s.volunteer_id = e.volunteer_id AND s.year = n.year"
        " WHERE e.minutes <> COALESCE(s.minutes, 0) OR e.services <> COALESCE(s.services, 0) ORDER BY e.id",
    ),
    "evidence_is_complete": (
        "everybody with a counted service has their evidence in the year's scored round, unless a later correction"
        " brought it (named: volunteers)",
        "SELECT DISTINCT p.volunteer_id FROM services_participation p JOIN services_servicelog l ON l.id = p.log_id"
        " JOIN services_monthlyreport r ON r.id = l.report_id JOIN services_recognitionround n ON n.year = {year}"
        " WHERE p.counted AND n.state <> 'voting' AND NOT EXISTS (SELECT 1 FROM services_evidence e"
        " WHERE e.round_id = n.id AND e.volunteer_id = p.volunteer_id)"
        " AND NOT EXISTS (SELECT 1 FROM services_evidence e JOIN volunteers_volunteer g"
        " ON g.merged_into_id = e.volunteer_id WHERE e.round_id = n.id AND g.id = p.volunteer_id)"
        " AND NOT EXISTS (SELECT 1 FROM services_correction c WHERE c.result_id = p.log_id AND c.round_id = n.id)"
        " ORDER BY p.volunteer_id",
    ),
    "evidence_decides": (
        "who is eligible follows from the figures and the round's thresholds",
        "SELECT e.id FROM services_evidence e JOIN services_recognitionround n ON n.id = e.round_id"
        " WHERE e.satisfied_votes > e.valid_votes OR e.is_eligible <> ("
        "(e.minutes >= n.min_minutes OR e.services >= n.min_services)"
        " AND e.satisfied_votes * 100 > n.min_satisfied_percent * e.valid_votes) ORDER BY e.id",
    ),
    "award_among_eligible": (
        "an award goes to somebody who is eligible in its round",
        "SELECT a.id FROM services_award a WHERE NOT EXISTS (SELECT 1 FROM services_evidence e"
        " WHERE e.round_id = a.round_id AND e.volunteer_id = a.volunteer_id AND e.is_eligible) ORDER BY a.id",
    ),
    "ballots_mark_every_member": (
        "every ballot marks every member: the votes of each add up to the same number (named: grids)",
        "SELECT grid_id FROM services_ballottally GROUP BY round_id, grid_id"
        " HAVING MIN(satisfied + fairly_satisfied + dissatisfied + unknown)"
        " <> MAX(satisfied + fairly_satisfied + dissatisfied + unknown) ORDER BY grid_id",
    ),
    "ballots_within_households": (
        "there are no more ballots than the grid has households, or had before it gave some away",
        "SELECT b.id FROM services_ballottally b JOIN grids_grid g ON g.id = b.grid_id"
        " JOIN services_recognitionround r ON r.id = b.round_id"
        " WHERE b.satisfied + b.fairly_satisfied + b.dissatisfied + b.unknown > g.households"
        " AND (r.state = 'voting' OR b.satisfied + b.fairly_satisfied + b.dissatisfied + b.unknown > COALESCE("
        "(SELECT MAX(c.households_before) FROM grids_changedgrid c WHERE c.grid_id = g.id), 0)) ORDER BY b.id",
    ),
}


def scored_rounds() -> list[RecognitionRound]:
    """Return the rounds whose evidence stands."""
    return list(RecognitionRound.objects.exclude(state=RecognitionRound.State.VOTING).order_by("year"))


def votes_that_differ() -> list[int]:
    """Return whose evidence has other votes, or those of another grid, than the tallies give."""
    differ: set[int] = set()
    for round_ in scored_rounds():
        stored = {row.volunteer: _votes(row) for row in scoring.stored(round_)}
        given = {row.volunteer: _votes(row) for row in scoring.score_as_scored(round_)}
        differ |= {volunteer for volunteer in stored.keys() & given.keys() if stored[volunteer] != given[volunteer]}
    return sorted(differ)


def _votes(row: scoring.Score) -> tuple[int, int, int]:
    return row.team, row.satisfied_votes, row.valid_votes


def rounds_not_as_signed() -> list[int]:
    """Return the rounds whose evidence no longer has the hash that they were signed with."""
    return [each.pk for each in scored_rounds() if evidence_hash(canonical_rows(each)) != each.evidence_hash]


CHECKS = {
    "evidence_has_the_votes": (
        "the votes in the evidence of a scored round are those of the tallies (named: volunteers)",
        votes_that_differ,
    ),
    "evidence_is_as_signed": (
        "the evidence of a scored round has the hash that it was signed with (named: rounds)",
        rounds_not_as_signed,
    ),
}
