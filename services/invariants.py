"""What must hold in the database, each line one plain SQL query that finds the rows that break it.

The constraints and triggers hold most of it already. This is for the night, after a restore and after an import: it
trusts none of them, and says in words what is broken and where.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, models

from grids.models import Grid, Membership, Team
from services.domain.rollup import ROLLUPS
from services.models import LogComment, MonthlyReport, ServiceLog
from volunteers.models import Volunteer

# The two things that SQLite and PostgreSQL spell differently.
DIALECT = {
    "sqlite": {
        "minutes": "CAST(round((julianday(l.ends_at) - julianday(l.starts_at)) * 1440) AS integer)",
        "year": "CAST(substr(r.month, 1, 4) AS integer)",
    },
    "postgresql": {
        "minutes": "CAST(EXTRACT(EPOCH FROM l.ends_at - l.starts_at) / 60 AS integer)",
        "year": "CAST(EXTRACT(YEAR FROM r.month) AS integer)",
    },
}


@dataclass(frozen=True)
class Invariant:
    """One thing that must hold: its name, what it means, and the query that selects the keys of what breaks it."""

    name: str
    meaning: str
    sql: str

    def broken_by(self) -> list[int]:
        """Return the keys of the rows that break it, none when it holds."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql)
            return [row[0] for row in cursor.fetchall()]


def invariants() -> Iterator[Invariant]:
    """Give every invariant, in the order in which they are checked."""
    words = DIALECT[connection.vendor] | {
        "least": settings.TEAM_MIN_MEMBERS,
        "most": settings.TEAM_MAX_MEMBERS,
        "skills": settings.TEAM_MIN_SKILL_TYPES,
    }
    for name, (meaning, sql) in QUERIES.items():
        yield Invariant(name, meaning.format(**words), sql.format(**words))
    for model in (Volunteer, Grid, Team, Membership, ServiceLog, MonthlyReport, LogComment):
        yield _lengths(model)
    for rollup in ROLLUPS:
        records, stored = rollup.records(), f"SELECT {rollup.names} FROM {rollup.table}"  # noqa: S608
        yield Invariant(
            f"rollup_{rollup.model._meta.model_name}",
            f"{rollup.table} equals the records (named: {rollup.keys[0]}); `manage.py rebuild_rollups` mends it",
            f"SELECT {rollup.keys[0]} FROM ({records} EXCEPT {stored}) AS missing"  # noqa: S608
            f" UNION SELECT {rollup.keys[0]} FROM ({stored} EXCEPT {records}) AS invented ORDER BY 1",
        )


def _lengths(model: type[models.Model]) -> Invariant:
    """SQLite ignores the length of a column: no text is longer than its field says."""
    fields = [field for field in model._meta.fields if isinstance(field, models.CharField)]
    too_long = " OR ".join(f"length({field.column}) > {field.max_length}" for field in fields)
    return Invariant(
        f"lengths_{model._meta.model_name}",
        f"no text of {model._meta.db_table} is longer than its field",
        f"SELECT id FROM {model._meta.db_table} WHERE {too_long} ORDER BY id",  # noqa: S608
    )


QUERIES = {
    # Volunteers, teams and memberships.
    "volunteer_number": (
        "a volunteer's number is seven digits and given once",
        "SELECT id FROM volunteers_volunteer WHERE length(number) <> 7 OR number IN"
        " (SELECT number FROM volunteers_volunteer GROUP BY number HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "volunteer_left_has_date": (
        "who left the programme has a date for it, and nobody else",
        "SELECT id FROM volunteers_volunteer WHERE (status = 'left') <> (left_on IS NOT NULL) ORDER BY id",
    ),
    "grid_has_one_team": (
        "a grid has at most one team that has not been dissolved",
        "SELECT id FROM grids_team WHERE state <> 'dissolved' AND grid_id IN"
        " (SELECT grid_id FROM grids_team WHERE state <> 'dissolved' GROUP BY grid_id HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "team_in_its_grids_township": (
        "a team belongs to the township of its grid",
        "SELECT t.id FROM grids_team t JOIN grids_grid g ON g.id = t.grid_id"
        " JOIN areas_village v ON v.id = g.village_id WHERE v.township_id <> t.township_id ORDER BY t.id",
    ),
    "volunteer_in_one_team": (
        "a volunteer is in at most one team now",
        "SELECT id FROM grids_membership WHERE left_on IS NULL AND volunteer_id IN (SELECT volunteer_id"
        " FROM grids_membership WHERE left_on IS NULL GROUP BY volunteer_id HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "memberships_do_not_overlap": (
        "the memberships of one person do not overlap, in the past neither",
        "SELECT id FROM (SELECT id, joined_on, MAX(COALESCE(left_on, '9999-12-31')) OVER (PARTITION BY volunteer_id"
        " ORDER BY joined_on, COALESCE(left_on, '9999-12-31') ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        " AS before FROM grids_membership WHERE left_on IS NULL OR left_on > joined_on) AS m"
        " WHERE before > joined_on ORDER BY id",
    ),
    "team_has_one_leader": (
        "an active team has one leader, a forming one at most one",
        "SELECT t.id FROM grids_team t LEFT JOIN grids_membership m ON m.team_id = t.id AND m.left_on IS NULL"
        " AND m.role = 'leader' GROUP BY t.id, t.state"
        " HAVING COUNT(m.id) > 1 OR (t.state = 'active' AND COUNT(m.id) = 0) ORDER BY t.id",
    ),
    "active_team_has_members": (
        "an active team has {least} to {most} members",
        "SELECT t.id FROM grids_team t LEFT JOIN grids_membership m ON m.team_id = t.id AND m.left_on IS NULL"
        " WHERE t.state = 'active' GROUP BY t.id HAVING COUNT(m.id) NOT BETWEEN {least} AND {most} ORDER BY t.id",
    ),
    "active_team_has_skill_types": (
        "an active team has at least {skills} primary skill types",
        "SELECT t.id FROM grids_team t LEFT JOIN grids_membership m ON m.team_id = t.id AND m.left_on IS NULL"
        " LEFT JOIN volunteers_volunteer v ON v.id = m.volunteer_id WHERE t.state = 'active'"
        " GROUP BY t.id HAVING COUNT(DISTINCT v.primary_skill_id) < {skills} ORDER BY t.id",
    ),
    "members_are_active": (
        "whoever is in a team now is an active volunteer of its township",
        "SELECT m.id FROM grids_membership m JOIN volunteers_volunteer v ON v.id = m.volunteer_id"
        " JOIN grids_team t ON t.id = m.team_id WHERE m.left_on IS NULL"
        " AND (v.status <> 'active' OR v.township_id <> t.township_id) ORDER BY m.id",
    ),
    "dissolved_team_has_no_members": (
        "nobody is in a team that has been dissolved",
        "SELECT m.id FROM grids_membership m JOIN grids_team t ON t.id = m.team_id"
        " WHERE m.left_on IS NULL AND t.state = 'dissolved' ORDER BY m.id",
    ),
    # Logs and participations.
    "one_submission_one_log": (
        "one submission made one log",
        "SELECT id FROM services_servicelog WHERE key IN"
        " (SELECT key FROM services_servicelog GROUP BY key HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "log_minutes_are_its_times": (
        "a log's minutes are those from its start to its end, 5 to 960",
        "SELECT l.id FROM services_servicelog l WHERE l.minutes <> {minutes} OR l.minutes NOT BETWEEN 5 AND 960"
        " ORDER BY l.id",
    ),
    "log_is_complete": (
        "a log says whom it served and what was done",
        "SELECT id FROM services_servicelog WHERE recipient = '' OR content = '' ORDER BY id",
    ),
    "log_has_participants": (
        "a log has a participant",
        "SELECT l.id FROM services_servicelog l WHERE NOT EXISTS"
        " (SELECT 1 FROM services_participation p WHERE p.log_id = l.id) ORDER BY l.id",
    ),
    "log_in_its_report": (
        "a log is in the report of its own team, township and month",
        "SELECT l.id FROM services_servicelog l JOIN services_monthlyreport r ON r.id = l.report_id"
        " WHERE l.team_id <> r.team_id OR l.township_id <> r.township_id"
        " OR substr(CAST(l.date AS text), 1, 7) <> substr(CAST(r.month AS text), 1, 7) ORDER BY l.id",
    ),
    "participation_copies_its_log": (
        "a participation has the team, date and times of its log, and is withdrawn with it",
        "SELECT p.id FROM services_participation p JOIN services_servicelog l ON l.id = p.log_id"
        " WHERE p.team_id <> l.team_id OR p.date <> l.date OR p.starts_at <> l.starts_at OR p.ends_at <> l.ends_at"
        " OR p.is_withdrawn <> l.is_withdrawn ORDER BY p.id",
    ),
    "participation_within_its_log": (
        "nobody served longer than the service lasted",
        "SELECT p.id FROM services_participation p JOIN services_servicelog l ON l.id = p.log_id"
        " WHERE p.minutes > l.minutes OR p.minutes < 1 ORDER BY p.id",
    ),
    "nobody_in_two_places": (
        "nobody is in two places at once",
        "SELECT id FROM (SELECT id, starts_at, MAX(ends_at) OVER (PARTITION BY volunteer_id ORDER BY starts_at, id"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before"
        " FROM services_participation WHERE NOT is_withdrawn) AS p WHERE before > starts_at ORDER BY id",
    ),
    "day_has_1440_minutes": (
        "nobody serves more than 1 440 minutes on a day (named: volunteers)",
        "SELECT volunteer_id FROM services_participation WHERE NOT is_withdrawn"
        " GROUP BY volunteer_id, date HAVING SUM(minutes) > 1440 ORDER BY volunteer_id",
    ),
    "participant_was_there": (
        "a participant was in the team on that day, or is marked as a helper",
        "SELECT p.id FROM services_participation p WHERE NOT p.is_helper AND NOT p.is_withdrawn AND NOT EXISTS"
        " (SELECT 1 FROM grids_membership m WHERE m.team_id = p.team_id AND m.volunteer_id = p.volunteer_id"
        " AND m.joined_on <= p.date AND (m.left_on IS NULL OR m.left_on >= p.date)) ORDER BY p.id",
    ),
    "participant_had_joined": (
        "nobody served before they joined the programme or after they left it",
        "SELECT p.id FROM services_participation p JOIN volunteers_volunteer v ON v.id = p.volunteer_id"
        " WHERE NOT p.is_withdrawn AND (p.date < v.joined_on OR p.date > v.left_on) ORDER BY p.id",
    ),
    # Reports.
    "report_once_a_month": (
        "a team has one report a month, from its first day",
        "SELECT id FROM services_monthlyreport WHERE substr(CAST(month AS text), 9, 2) <> '01' OR EXISTS"
        " (SELECT 1 FROM services_monthlyreport o WHERE o.team_id = services_monthlyreport.team_id"
        " AND o.month = services_monthlyreport.month AND o.id <> services_monthlyreport.id) ORDER BY id",
    ),
    "report_state_is_complete": (
        "a report says who submitted it and who reviewed it, as its state demands",
        "SELECT id FROM services_monthlyreport WHERE state NOT IN ('open', 'submitted', 'read', 'returned')"
        " OR (state IN ('submitted', 'read') AND (submitted_by_id IS NULL OR submitted_at IS NULL))"
        " OR (state IN ('read', 'returned') AND (reviewed_by_id IS NULL OR reviewed_at IS NULL)) ORDER BY id",
    ),
    "counted_is_read": (
        "a participation counts when its month has been read and it was not withdrawn, and only then",
        "SELECT p.id FROM services_participation p JOIN services_servicelog l ON l.id = p.log_id"
        " JOIN services_monthlyreport r ON r.id = l.report_id"
        " WHERE p.counted <> (r.state = 'read' AND NOT p.is_withdrawn) ORDER BY p.id",
    ),
    "reader_had_no_part": (
        "nobody read a month that they submitted, recorded or took part in",
        "SELECT r.id FROM services_monthlyreport r WHERE r.state = 'read' AND (r.reviewed_by_id = r.submitted_by_id"
        " OR EXISTS (SELECT 1 FROM services_servicelog l WHERE l.report_id = r.id"
        " AND l.recorded_by_id = r.reviewed_by_id)"
        " OR EXISTS (SELECT 1 FROM services_servicelog l JOIN services_participation p ON p.log_id = l.id"
        " JOIN volunteers_volunteer v ON v.id = p.volunteer_id"
        " WHERE l.report_id = r.id AND v.user_id = r.reviewed_by_id)) ORDER BY r.id",
    ),
    # Rounds and votes.
    "round_state_has_evidence": (
        "a scored round says by whom, when and with which hash; one that is voting has none",
        "SELECT id FROM services_recognitionround WHERE (state = 'voting') <> (evidence_hash = '')"
        " OR (state <> 'voting' AND (scored_by_id IS NULL OR scored_at IS NULL)) ORDER BY id",
    ),
    "evidence_equals_records": (
        "the evidence of a scored round is what the records of the read months give",
        "SELECT e.id FROM services_evidence e JOIN services_recognitionround n ON n.id = e.round_id"
        " LEFT JOIN (SELECT p.volunteer_id, {year} AS year, SUM(p.minutes) AS minutes, COUNT(*) AS services"
        " FROM services_participation p JOIN services_servicelog l ON l.id = p.log_id"
        " JOIN services_monthlyreport r ON r.id = l.report_id WHERE p.counted GROUP BY p.volunteer_id, {year}) AS s"
        " ON s.volunteer_id = e.volunteer_id AND s.year = n.year"
        " WHERE e.minutes <> COALESCE(s.minutes, 0) OR e.services <> COALESCE(s.services, 0) ORDER BY e.id",
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
        "there are no more ballots than the grid has households",
        "SELECT b.id FROM services_ballottally b JOIN grids_grid g ON g.id = b.grid_id"
        " WHERE b.satisfied + b.fairly_satisfied + b.dissatisfied + b.unknown > g.households ORDER BY b.id",
    ),
}
