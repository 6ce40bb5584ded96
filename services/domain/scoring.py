"""How a year is scored, in SQL that reads the same on both databases: one statement, integers only.

``score_from_rollups`` reads the yearly roll-up; ``score_from_participations`` reads the records themselves through
the partial covering index, is slower, and can be followed by hand. Both give identical rows. ``score_as_scored``
proves a frozen round: it reads the records without what corrections changed after the scoring.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import connection

from services.models import Evidence, RecognitionRound
from volunteers.models import Volunteer


class Score(NamedTuple):
    """What one volunteer is scored by: keys of volunteer, township and main team, minutes, services, votes, result.

    The votes are those of the main team's grid.
    """

    volunteer: int
    township: int
    team: int
    minutes: int
    services: int
    satisfied_votes: int
    valid_votes: int
    is_eligible: bool


# What a source gives: volunteer, team, minutes and services of the year, one row per volunteer and team.
ROLLUP = """
    SELECT volunteer_id, team_id, minutes, services
    FROM services_volunteeryear WHERE year = %(year)s AND services > 0{who}
"""
RECORDS = """
    SELECT volunteer_id, team_id, SUM(minutes) AS minutes, COUNT(*) AS services
    FROM services_participation WHERE counted AND date BETWEEN %(first)s AND %(last)s
    GROUP BY volunteer_id, team_id
"""
# What corrections changed since is taken back: each put one log down and perhaps another one up in its place.
RECORDS_AS_SCORED = """
    SELECT volunteer_id, team_id, SUM(minutes) AS minutes, SUM(services) AS services FROM (
        SELECT volunteer_id, team_id, minutes, 1 AS services
        FROM services_participation WHERE counted AND date BETWEEN %(first)s AND %(last)s
        UNION ALL SELECT p.volunteer_id, p.team_id, p.minutes, 1
        FROM services_correction c JOIN services_participation p ON p.log_id = c.log_id WHERE c.round_id = %(round)s
        UNION ALL SELECT p.volunteer_id, p.team_id, -p.minutes, -1
        FROM services_correction c JOIN services_participation p ON p.log_id = c.result_id WHERE c.round_id = %(round)s
    ) AS as_scored
    GROUP BY volunteer_id, team_id HAVING SUM(services) <> 0 OR SUM(minutes) <> 0
"""

# A record that was given up counts for the one that it was merged into (``volunteers.domain.merge``): both are one
# person. Where the round was scored with each of them, as its evidence says, they stay apart in it for good.
MERGED = """
    SELECT gone.id AS volunteer_id, gone.merged_into_id AS person_id
    FROM volunteers_volunteer AS gone
    WHERE gone.merged_into_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM services_evidence AS own WHERE own.round_id = %(round)s AND own.volunteer_id = gone.id)
"""
PERSONS = """
    SELECT COALESCE(merged.person_id, part.volunteer_id) AS volunteer_id, part.team_id,
           SUM(part.minutes) AS minutes, SUM(part.services) AS services
    FROM ({source}) AS part LEFT JOIN ({merged}) AS merged ON merged.volunteer_id = part.volunteer_id{who}
    GROUP BY COALESCE(merged.person_id, part.volunteer_id), part.team_id
"""
TALLIES = """(
    SELECT vote.round_id, vote.grid_id, COALESCE(merged.person_id, vote.volunteer_id) AS volunteer_id,
           CAST(SUM(vote.satisfied) AS INTEGER) AS satisfied,
           CAST(SUM(vote.fairly_satisfied) AS INTEGER) AS fairly_satisfied,
           CAST(SUM(vote.dissatisfied) AS INTEGER) AS dissatisfied
    FROM services_ballottally AS vote LEFT JOIN ({merged}) AS merged ON merged.volunteer_id = vote.volunteer_id
    WHERE vote.round_id = %(round)s
    GROUP BY vote.round_id, vote.grid_id, COALESCE(merged.person_id, vote.volunteer_id)
)"""

# The services of all teams add up; the votes are those of the grid where most of the services were, in whichever of its
# teams: most services, then most minutes, then the older grid. The team named is that grid's, picked the same way.
# 不了解 is no valid vote. Without valid votes 0 > 0 fails, so nobody is eligible unseen.
SCORING = """
WITH per_team AS {hint} ({source}),
totals AS (
    SELECT volunteer_id, CAST(SUM(minutes) AS INTEGER) AS minutes, CAST(SUM(services) AS INTEGER) AS services
    FROM per_team GROUP BY volunteer_id {having}
),
in_grids AS (
    SELECT totals.volunteer_id, totals.minutes, totals.services, team.grid_id, per_team.team_id,
           per_team.services AS team_services, per_team.minutes AS team_minutes,
           SUM(per_team.services) OVER in_grid AS grid_services, SUM(per_team.minutes) OVER in_grid AS grid_minutes
    FROM totals
    JOIN per_team ON per_team.volunteer_id = totals.volunteer_id
    JOIN grids_team AS team ON team.id = per_team.team_id
    WINDOW in_grid AS (PARTITION BY totals.volunteer_id, team.grid_id)
),
ranked AS (
    SELECT in_grids.*, ROW_NUMBER() OVER (
        PARTITION BY volunteer_id
        ORDER BY grid_services DESC, grid_minutes DESC, grid_id, team_services DESC, team_minutes DESC, team_id
    ) AS place
    FROM in_grids
),
voted AS (
    SELECT ranked.volunteer_id, ranked.team_id, ranked.minutes, ranked.services,
           COALESCE(tally.satisfied, 0) AS satisfied,
           COALESCE(tally.satisfied + tally.fairly_satisfied + tally.dissatisfied, 0) AS valid
    FROM ranked
    LEFT JOIN {tallies} AS tally
        ON tally.round_id = %(round)s AND tally.grid_id = ranked.grid_id AND tally.volunteer_id = ranked.volunteer_id
    WHERE ranked.place = 1
),
scored AS (
    SELECT voted.volunteer_id, volunteer.township_id, voted.team_id, voted.minutes, voted.services,
           voted.satisfied, voted.valid,
           (voted.minutes >= %(min_minutes)s OR voted.services >= %(min_services)s)
               AND voted.satisfied * 100 > %(percent)s * voted.valid AS is_eligible
    FROM voted JOIN volunteers_volunteer AS volunteer ON volunteer.id = voted.volunteer_id
)
"""
# Where only the eligible are asked for, who misses both tests of service is put aside before anything is looked up.
ENOUGH_SERVICE = "HAVING SUM(minutes) >= %(min_minutes)s OR SUM(services) >= %(min_services)s"


def score_from_rollups(
    round: RecognitionRound, *, eligible_only: bool = False, volunteers: Collection[int] | None = None
) -> list[Score]:
    """Score the round's year from the yearly roll-up: everyone with a counted service, or the eligible among them.

    With ``volunteers`` only these, as the figures are now: what the evidence would say after later corrections.
    """
    source = ROLLUP.format(who="" if _has_merged() else _only("volunteer_id", volunteers, "AND"))
    return _fetch(_scoring(source, "NOT MATERIALIZED", eligible_only, volunteers), eligible_only, _terms(round))


def score_from_participations(round: RecognitionRound, *, eligible_only: bool = False) -> list[Score]:
    """Score the round's year from the participations of read months: the proof of the roll-up."""
    return _fetch(_scoring(RECORDS, "MATERIALIZED", eligible_only), eligible_only, _terms(round))


def score_as_scored(round: RecognitionRound) -> list[Score]:
    """Score a frozen round from the participations as they were then: past the corrections granted since."""
    return _fetch(_scoring(RECORDS_AS_SCORED, "MATERIALIZED", False), False, _terms(round))


def stored(round: RecognitionRound) -> Iterable[Score]:
    """Return the frozen evidence of the round in the same shape."""
    rows = (
        Evidence.objects.filter(round=round)
        .order_by()
        .values_list(
            "volunteer_id",
            "township_id",
            "team_id",
            "minutes",
            "services",
            "satisfied_votes",
            "valid_votes",
            "is_eligible",
        )
    )
    return [Score(*row) for row in rows]


def insert_evidence(round: RecognitionRound) -> tuple[str, dict[str, Any]]:
    """Return the statement, with its parameters, that writes the evidence of the round from the yearly roll-up."""
    # The parts are constants of this module.
    statement = (
        "INSERT INTO services_evidence"  # noqa: S608
        " (round_id, volunteer_id, township_id, team_id, minutes, services, satisfied_votes, valid_votes, is_eligible)"
        f" {_scoring(ROLLUP.format(who=''), 'NOT MATERIALIZED', False)} SELECT %(round)s, scored.* FROM scored"
        " ORDER BY minutes, volunteer_id"
    )
    return statement, _terms(round)


def _only(column: str, volunteers: Collection[int] | None, word: str) -> str:
    """Return the condition that keeps some volunteers only: keys of our own, never typed text."""
    if volunteers is None:
        return ""
    return f" {word} {column} IN ({', '.join(str(int(pk)) for pk in volunteers) or 'NULL'})"


def _has_merged() -> bool:
    """Whether any record was given up for another one: else nothing is looked up for it."""
    return Volunteer.objects.filter(merged_into__isnull=False).exists()


def _terms(round: RecognitionRound) -> dict[str, Any]:
    return {
        "round": round.pk,
        "year": round.year,
        "first": f"{round.year}-01-01",
        "last": f"{round.year}-12-31",
        "min_minutes": round.min_minutes,
        "min_services": round.min_services,
        "percent": round.min_satisfied_percent,
    }


def _scoring(source: str, hint: str, eligible_only: bool, volunteers: Collection[int] | None = None) -> str:
    """Return the common table expressions that end in ``scored``; ``hint`` tells the planner about the source."""
    tallies = "services_ballottally"
    if _has_merged():
        who = _only("COALESCE(merged.person_id, part.volunteer_id)", volunteers, "WHERE")
        source, tallies = PERSONS.format(source=source, merged=MERGED, who=who), TALLIES.format(merged=MERGED)
    having = ENOUGH_SERVICE if eligible_only else ""
    return SCORING.format(source=source, hint=hint, having=having, tallies=tallies)


def _fetch(scoring: str, eligible_only: bool, terms: dict[str, Any]) -> list[Score]:
    condition = " WHERE is_eligible" if eligible_only else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{scoring} SELECT * FROM scored{condition}", terms)  # noqa: S608 - constants only
        return [Score._make((*row[:-1], bool(row[-1]))) for row in cursor.fetchall()]
