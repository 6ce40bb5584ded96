"""Requests for help. Each query selects the keys of the requests that break its line."""

# What was written down before a resident reopened the request no longer stands for it.
COUNTS = "NOT l.is_withdrawn AND (q.reopened_at IS NULL OR l.recorded_at >= q.reopened_at)"
STANDS_FOR_IT = f"EXISTS (SELECT 1 FROM services_servicelog l WHERE l.request_id = q.id AND {COUNTS})"  # noqa: S608

QUERIES = {
    "resolved_request_has_a_service": (
        "a resolved request has a service that stands",
        f"SELECT q.id FROM services_helprequest q WHERE q.state = 'resolved' AND NOT {STANDS_FOR_IT} ORDER BY q.id",  # noqa: S608
    ),
    "waiting_request_has_no_service": (
        "a request that waits, or was closed without a service, has none that stands",
        f"SELECT q.id FROM services_helprequest q WHERE q.state <> 'resolved' AND {STANDS_FOR_IT} ORDER BY q.id",  # noqa: S608
    ),
    "request_served_by_its_team": (
        "a request is answered by the team that it went to; a withdrawn service may be a former team's",
        "SELECT DISTINCT q.id FROM services_helprequest q JOIN services_servicelog l ON l.request_id = q.id"  # noqa: S608
        f" WHERE l.team_id <> q.team_id AND {COUNTS} ORDER BY q.id",
    ),
    "request_found_on_a_visit": (
        "a request that names the visit on which it was found came by it, after the visit began",
        "SELECT q.id FROM services_helprequest q JOIN services_servicelog l ON l.id = q.found_on_id"
        " WHERE q.channel <> 'visit' OR q.asked_at < l.starts_at ORDER BY q.id",
    ),
    "request_closed_after_it_was_asked": (
        "a request is resolved or closed after it was asked",
        "SELECT q.id FROM services_helprequest q WHERE q.closed_at < q.asked_at ORDER BY q.id",
    ),
    "open_request_has_an_owner": (
        "an open request has a team that was not dissolved, or an office where somebody has an active account;"
        " `manage.py nightly` gives the office what a dissolved team was left with",
        "SELECT q.id FROM services_helprequest q LEFT JOIN grids_team t ON t.id = q.team_id WHERE q.state = 'open'"
        " AND (t.state = 'dissolved' OR (q.team_id IS NULL AND NOT EXISTS (SELECT 1 FROM accounts_user u"
        " JOIN areas_township p ON p.id = u.township_id WHERE u.role = 'township_staff' AND u.is_active"
        " AND (p.id = q.township_id OR {within})))) ORDER BY q.id",
    ),
    "request_is_found_by_its_number": (
        "what a request is looked up by is its number without the extension, and its door",
        "SELECT q.id FROM services_helprequest q WHERE REPLACE(q.phone, '-', '') NOT LIKE q.phone_key || '%'"
        " OR (q.phone <> '' AND q.phone_key = '') OR (q.place = '' AND q.place_key <> '') ORDER BY q.id",
    ),
    "confirmed_request_is_resolved": (
        "what a resident has confirmed as solved is resolved",
        "SELECT id FROM services_helprequest WHERE confirmed_at IS NOT NULL AND state <> 'resolved' ORDER BY id",
    ),
    "request_rated_once": (
        "a resident rates a request once",
        "SELECT request_id FROM services_requeststep WHERE kind = 'rated' GROUP BY request_id"
        " HAVING COUNT(*) > 1 ORDER BY request_id",
    ),
}
