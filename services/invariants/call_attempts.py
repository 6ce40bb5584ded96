"""The pager: taps and calls. Each query selects the keys of the requests, or attempts, that break its line."""

QUERIES = {
    "set_out_once_received": (
        "who is on the way to a request has received it, after it was asked",
        "SELECT q.id FROM services_helprequest q WHERE q.set_out_at IS NOT NULL"
        " AND (q.answered_at IS NULL OR q.set_out_at < q.asked_at) ORDER BY q.id",
    ),
    "member_called_for_an_asked_request": (
        "members are called after the request was asked",
        "SELECT a.id FROM services_callattempt a JOIN services_helprequest q ON q.id = a.request_id"
        " WHERE a.at < q.asked_at ORDER BY a.id",
    ),
    "member_called_is_of_the_team": (
        "who was called for a request is or was a member of the team that had it",
        "SELECT a.id FROM services_callattempt a WHERE NOT EXISTS (SELECT 1 FROM grids_membership m"
        " WHERE m.team_id = a.team_id AND m.volunteer_id = a.volunteer_id) ORDER BY a.id",
    ),
}
