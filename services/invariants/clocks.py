"""The clocks of requests and their deadlines. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "request_due_by_its_next_clock": (
        "an open request is due by the deadline of the clock that is to be met next",
        "SELECT q.id FROM services_helprequest q WHERE q.state = 'open' AND q.waiting_since IS NULL AND q.due_at <>"
        " CASE WHEN q.answered_at IS NULL THEN q.answer_due_at WHEN q.arrived_at IS NULL THEN q.arrive_due_at"
        " ELSE q.resolve_due_at END ORDER BY q.id",
    ),
    "waiting_for_the_resident_is_told": (
        "a request whose clocks stand still says on its time line what the resident is waited for",
        "SELECT q.id FROM services_helprequest q WHERE q.waiting_since IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM services_requeststep s WHERE s.request_id = q.id AND s.kind = 'waiting') ORDER BY q.id",
    ),
    "escalation_is_told": (
        "a request that was passed on because it is late says so on its time line",
        "SELECT q.id FROM services_helprequest q WHERE q.escalation > 0 AND NOT EXISTS (SELECT 1"
        " FROM services_requeststep s WHERE s.request_id = q.id AND s.kind = 'escalated') ORDER BY q.id",
    ),
    "deadline_versions_follow": (
        "the versions of the deadlines of one place and urgency are counted from one on",
        "SELECT id FROM (SELECT id, number, ROW_NUMBER() OVER (PARTITION BY township_id, urgency ORDER BY id) AS place"
        " FROM services_requestdeadline) AS versions WHERE number <> place ORDER BY id",
    ),
}
