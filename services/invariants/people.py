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
}
