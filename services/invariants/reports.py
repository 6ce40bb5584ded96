"""Monthly reports, and who had a part in them. Each query selects the keys of the rows that break its line."""

from services.invariants.places import CAME

QUERIES = {
    "report_once_a_month": (
        "a team has one report a month, from its first day",
        "SELECT id FROM services_monthlyreport WHERE substr(CAST(month AS text), 9, 2) <> '01' OR EXISTS"
        " (SELECT 1 FROM services_monthlyreport o WHERE o.team_id = services_monthlyreport.team_id"
        " AND o.month = services_monthlyreport.month AND o.id <> services_monthlyreport.id) ORDER BY id",
    ),
    "report_in_its_teams_township": (
        "a report belongs to the township of its team, or to one that was merged into that",
        f"{CAME} SELECT r.id FROM services_monthlyreport r JOIN grids_team t ON t.id = r.team_id"  # noqa: S608
        " WHERE r.township_id <> t.township_id AND NOT EXISTS"
        " (SELECT 1 FROM came WHERE came.ended = r.township_id AND came.present = t.township_id) ORDER BY r.id",
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
    "contributors_are_noted": (
        "who submitted a month or recorded a log of it is noted as its contributor",
        "SELECT u.report_id FROM (SELECT id AS report_id, submitted_by_id AS user_id FROM services_monthlyreport"
        " UNION SELECT report_id, recorded_by_id FROM services_servicelog) AS u"
        " WHERE u.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM services_reportcontributor c"
        " WHERE c.report_id = u.report_id AND c.user_id = u.user_id) GROUP BY u.report_id ORDER BY u.report_id",
    ),
    "reader_had_no_part": (
        "nobody read a month that they contributed to or took part in",
        "SELECT r.id FROM services_monthlyreport r WHERE r.state = 'read' AND (r.reviewed_by_id = r.submitted_by_id"
        " OR EXISTS (SELECT 1 FROM services_reportcontributor c WHERE c.report_id = r.id"
        " AND c.user_id = r.reviewed_by_id)"
        " OR EXISTS (SELECT 1 FROM services_servicelog l WHERE l.report_id = r.id"
        " AND l.recorded_by_id = r.reviewed_by_id)"
        " OR EXISTS (SELECT 1 FROM services_servicelog l JOIN services_participation p ON p.log_id = l.id"
        " JOIN volunteers_volunteer v ON v.id = p.volunteer_id"
        " WHERE l.report_id = r.id AND v.user_id = r.reviewed_by_id)) ORDER BY r.id",
    ),
}
