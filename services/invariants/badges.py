"""Badges and their prints. Each query selects the keys of the badges that break its line."""

QUERIES = {
    "badge_one_issued_per_volunteer": (
        "a volunteer has at most one badge that stands (named: volunteers)",
        "SELECT volunteer_id FROM volunteers_badge WHERE state = 'issued'"
        " GROUP BY volunteer_id HAVING COUNT(*) > 1 ORDER BY volunteer_id",
    ),
    "badge_number": (
        "a badge's number is the volunteer's and which of their badges it is, and given once",
        "SELECT b.id FROM volunteers_badge b JOIN volunteers_volunteer v ON v.id = b.volunteer_id"
        " WHERE b.number <> v.number || CASE WHEN b.issue < 10 THEN '-0' ELSE '-' END || b.issue OR b.number IN"
        " (SELECT number FROM volunteers_badge GROUP BY number HAVING COUNT(*) > 1) ORDER BY b.id",
    ),
    "badge_ended_has_time": (
        "a badge that was replaced, lost or revoked has when that was and why, and no other has",
        "SELECT id FROM volunteers_badge WHERE (state = 'issued') <> (ended_at IS NULL)"
        " OR (state = 'issued') <> (reason = '') ORDER BY id",
    ),
    "badge_replaced_by_a_later_one": (
        "a replaced badge is followed by another one of the same volunteer",
        "SELECT b.id FROM volunteers_badge b WHERE b.state = 'replaced' AND NOT EXISTS"
        " (SELECT 1 FROM volunteers_badge n WHERE n.volunteer_id = b.volunteer_id AND n.issue > b.issue) ORDER BY b.id",
    ),
    "badge_print_counts": (
        "a print says how many badges were asked for and how many are in its file (named: prints)",
        "SELECT p.id FROM volunteers_badgeprint p LEFT JOIN volunteers_printedbadge b ON b.print_id = p.id"
        " GROUP BY p.id, p.count, p.printed, p.work_state HAVING p.count <> COUNT(b.id) OR (p.work_state = 'done'"
        " AND p.printed <> SUM(CASE WHEN b.left_out = '' THEN 1 ELSE 0 END)) ORDER BY p.id",
    ),
}
