"""Volunteers, and when they were there. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "volunteer_number": (
        "a volunteer's number is seven digits and given once",
        "SELECT id FROM volunteers_volunteer WHERE length(number) <> 7 OR number IN"
        " (SELECT number FROM volunteers_volunteer GROUP BY number HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "volunteer_left_has_date": (
        "who left the programme has a date for it, and nobody else",
        "SELECT id FROM volunteers_volunteer WHERE (status = 'left') <> (left_on IS NOT NULL) ORDER BY id",
    ),
    "volunteer_in_their_township": (
        "a volunteer's home village lies in the township that the volunteer belongs to",
        "SELECT p.id FROM volunteers_volunteer p JOIN areas_village v ON v.id = p.village_id"
        " WHERE v.township_id <> p.township_id ORDER BY p.id",
    ),
    "away_has_absence": (
        "who is suspended or has left has an absence that lasts, and nobody else",
        "SELECT v.id FROM volunteers_volunteer v WHERE (v.status IN ('suspended', 'left')) <> EXISTS"
        " (SELECT 1 FROM volunteers_absence a WHERE a.volunteer_id = v.id AND a.until IS NULL) ORDER BY v.id",
    ),
    "nobody_in_a_team_while_away": (
        "nobody is in a team while suspended or gone from the programme",
        "SELECT DISTINCT m.id FROM grids_membership m JOIN volunteers_absence a ON a.volunteer_id = m.volunteer_id"
        " WHERE m.joined_on < COALESCE(a.until, '9999-12-31') AND COALESCE(m.left_on, '9999-12-31') > a.since"
        " ORDER BY m.id",
    ),
}
