"""Corrections of read months. Each query selects the keys of the corrections that break its line."""

QUERIES = {
    "correction_is_carried_out": (
        "a granted correction has been carried out: no window is left open",
        "SELECT id FROM services_correction WHERE (state = 'granted') <> is_applied ORDER BY id",
    ),
    "corrected_log_stands_no_longer": (
        "the original of a granted correction stands no longer, and its result names it",
        "SELECT c.id FROM services_correction c JOIN services_servicelog l ON l.id = c.log_id"
        " LEFT JOIN services_servicelog n ON n.id = c.result_id WHERE c.state = 'granted' AND (NOT l.is_withdrawn"
        " OR (c.kind = 'change' AND (n.id IS NULL OR n.corrects_id <> l.id OR n.report_id <> l.report_id)))"
        " ORDER BY c.id",
    ),
    "correcting_log_was_granted": (
        "a log that stands in place of another came by a granted correction (named: logs)",
        "SELECT l.id FROM services_servicelog l WHERE l.corrects_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM services_correction c WHERE c.result_id = l.id AND c.log_id = l.corrects_id"
        " AND c.state = 'granted') ORDER BY l.id",
    ),
    "correction_decided_by_another": (
        "nobody decided on a correction that they asked for, or that they took part in",
        "SELECT c.id FROM services_correction c JOIN services_servicelog l ON l.id = c.log_id"
        " WHERE c.decided_by_id = c.asked_by_id OR EXISTS (SELECT 1 FROM services_participation p"
        " JOIN volunteers_volunteer v ON v.id = p.volunteer_id"
        " WHERE p.log_id IN (c.log_id, c.result_id) AND v.user_id = c.decided_by_id) ORDER BY c.id",
    ),
    "correction_names_its_round": (
        "a correction granted after its year was scored names the round, one granted before names none",
        "SELECT c.id FROM services_correction c JOIN services_servicelog l ON l.id = c.log_id"
        " JOIN services_monthlyreport r ON r.id = l.report_id"
        " LEFT JOIN services_recognitionround n ON n.year = {year} AND n.state <> 'voting'"
        " WHERE c.state = 'granted' AND COALESCE(c.round_id, 0) <>"
        " CASE WHEN n.id IS NOT NULL AND c.decided_at > n.scored_at THEN n.id ELSE 0 END ORDER BY c.id",
    ),
    "correction_asked_in_read_month": (
        "what is asked for is about a log that stands in a read month",
        "SELECT c.id FROM services_correction c JOIN services_servicelog l ON l.id = c.log_id"
        " JOIN services_monthlyreport r ON r.id = l.report_id"
        " WHERE c.state = 'asked' AND (l.is_withdrawn OR r.state <> 'read') ORDER BY c.id",
    ),
}
