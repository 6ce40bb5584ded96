"""Notices and objections. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "notice_once_at_a_time": (
        "a township's month has one notice that stands",
        "SELECT id FROM services_notice WHERE withdrawn_at IS NULL AND (township_id, month) IN"
        " (SELECT township_id, month FROM services_notice WHERE withdrawn_at IS NULL"
        " GROUP BY township_id, month HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "objection_within_its_notice": (
        "an objection was made on one of the days on which its notice was shown",
        "SELECT l.id FROM (SELECT o.id, o.made_at AS starts_at, n.opened_on, n.closes_on FROM services_objection o"
        " JOIN services_notice n ON n.id = o.notice_id) AS l WHERE {day} NOT BETWEEN l.opened_on AND l.closes_on"
        " ORDER BY l.id",
    ),
    "objection_shown_is_answered": (
        "an objection that is shown on the notice has its answer",
        "SELECT id FROM services_objection WHERE is_public AND (answer = '' OR answered_by_id IS NULL) ORDER BY id",
    ),
}
