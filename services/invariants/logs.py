"""Service logs and who took part. Each query selects the keys of the rows that break its line."""

QUERIES = {
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
    "log_starts_on_its_day": (
        "a log starts on its day, in Shanghai",
        "SELECT l.id FROM services_servicelog l WHERE {day} <> l.date ORDER BY l.id",
    ),
    "log_is_complete": (
        "a log says whom it served and what was done",
        "SELECT id FROM services_servicelog WHERE recipient = '' OR content = '' ORDER BY id",
    ),
    "log_serves_somebody": (
        "a log serves 1 to 100 000 people",
        "SELECT id FROM services_servicelog WHERE people_served NOT BETWEEN 1 AND 100000 ORDER BY id",
    ),
    "log_has_participants": (
        "a log has a participant",
        "SELECT l.id FROM services_servicelog l WHERE NOT EXISTS"
        " (SELECT 1 FROM services_participation p WHERE p.log_id = l.id) ORDER BY l.id",
    ),
    "log_has_a_member": (
        "helpers only join in: a log has a participant who was in the team",
        "SELECT p.log_id FROM services_participation p WHERE NOT p.is_withdrawn"
        " GROUP BY p.log_id HAVING MIN(CASE WHEN p.is_helper THEN 1 ELSE 0 END) = 1 ORDER BY p.log_id",
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
    "helper_is_no_member": (
        "a helper was not in the team on that day",
        "SELECT p.id FROM services_participation p WHERE p.is_helper AND NOT p.is_withdrawn AND EXISTS"
        " (SELECT 1 FROM grids_membership m WHERE m.team_id = p.team_id AND m.volunteer_id = p.volunteer_id"
        " AND m.joined_on <= p.date AND (m.left_on IS NULL OR m.left_on >= p.date)) ORDER BY p.id",
    ),
    "participant_had_joined": (
        "nobody served before they joined the programme or after they left it",
        "SELECT p.id FROM services_participation p JOIN volunteers_volunteer v ON v.id = p.volunteer_id"
        " WHERE NOT p.is_withdrawn AND (p.date < v.joined_on OR p.date > v.left_on) ORDER BY p.id",
    ),
    "nobody_served_while_away": (
        "nobody served while suspended or gone from the programme",
        "SELECT DISTINCT p.id FROM services_participation p JOIN volunteers_absence a"
        " ON a.volunteer_id = p.volunteer_id WHERE NOT p.is_withdrawn"
        " AND p.date > a.since AND (a.until IS NULL OR p.date < a.until) ORDER BY p.id",
    ),
    "visit_of_its_team": (
        "a visit is of a plan of the team that served",
        "SELECT v.id FROM services_visit v JOIN services_visitplan p ON p.id = v.plan_id"
        " JOIN services_servicelog l ON l.id = v.log_id WHERE p.team_id <> l.team_id ORDER BY v.id",
    ),
    "visit_plan_once": (
        "a team has one running visit plan a recipient",
        "SELECT MIN(id) FROM services_visitplan WHERE ended_on IS NULL GROUP BY team_id, recipient_key"
        " HAVING COUNT(*) > 1 ORDER BY 1",
    ),
}
