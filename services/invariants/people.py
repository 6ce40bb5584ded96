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
    "search_knows_every_text": (
        "every unit and speciality is known to the search; `UPDATE volunteers_volunteer SET unit = unit` mends it",
        "SELECT v.id FROM volunteers_volunteer v WHERE (v.unit <> '' AND NOT EXISTS"
        " (SELECT 1 FROM volunteers_searchtext t WHERE t.kind = 'unit' AND t.text = v.unit))"
        " OR (v.speciality <> '' AND NOT EXISTS"
        " (SELECT 1 FROM volunteers_searchtext t WHERE t.kind = 'speciality' AND t.text = v.speciality)) ORDER BY v.id",
    ),
    "search_texts_from_every_sign": (
        "a text of the search (named: by its key) has an entry from each of its characters on, and no other;"
        " delete it and `UPDATE volunteers_volunteer SET unit = unit` to mend it",
        "SELECT t.id FROM volunteers_searchtext t JOIN volunteers_searchentry e ON e.text_id = t.id"
        " GROUP BY t.id, t.text HAVING COUNT(DISTINCT length(e.entry)) <> length(t.text) OR COUNT(*) <> length(t.text)"
        " OR SUM(CASE WHEN e.entry = substr({folded}, length(t.text) - length(e.entry) + 1) THEN 0 ELSE 1 END) > 0"
        " UNION SELECT t.id FROM volunteers_searchtext t"
        " WHERE NOT EXISTS (SELECT 1 FROM volunteers_searchentry e WHERE e.text_id = t.id) ORDER BY 1",
    ),
    "merged_is_gone": (
        "a record that was merged into another one has left the programme or was an applicant's, and is in no team",
        "SELECT v.id FROM volunteers_volunteer v WHERE v.merged_into_id IS NOT NULL"
        " AND (v.status NOT IN ('left', 'rejected') OR EXISTS"
        " (SELECT 1 FROM grids_membership m WHERE m.volunteer_id = v.id AND m.left_on IS NULL)) ORDER BY v.id",
    ),
    "merged_once": (
        "nothing is merged through a third record, and nothing into itself",
        "SELECT v.id FROM volunteers_volunteer v JOIN volunteers_volunteer k ON k.id = v.merged_into_id"
        " WHERE k.merged_into_id IS NOT NULL OR k.id = v.id ORDER BY v.id",
    ),
    "merge_is_recorded": (
        "which records are merged is what their standing merges say (named: volunteers)",
        "SELECT v.id FROM volunteers_volunteer v LEFT JOIN volunteers_merge m"
        " ON m.given_up_id = v.id AND m.undone_at IS NULL"
        " WHERE COALESCE(v.merged_into_id, 0) <> COALESCE(m.kept_id, 0) ORDER BY v.id",
    ),
    "person_in_one_place": (
        "nobody with two merged records is in two services at one time",
        "SELECT p.id FROM services_participation p JOIN volunteers_volunteer v ON v.id = p.volunteer_id"
        " JOIN volunteers_volunteer o ON o.id <> v.id"
        " AND (o.id = v.merged_into_id OR o.merged_into_id = v.merged_into_id)"
        " JOIN services_participation q ON q.volunteer_id = o.id AND NOT q.is_withdrawn"
        " AND q.starts_at < p.ends_at AND q.ends_at > p.starts_at"
        " WHERE v.merged_into_id IS NOT NULL AND NOT p.is_withdrawn ORDER BY p.id",
    ),
    "endorsed_application_has_endorsement": (
        "an application that was endorsed has its record, and the record says who endorsed it",
        "SELECT a.id FROM volunteers_application a LEFT JOIN volunteers_volunteer v ON v.id = a.volunteer_id"
        " WHERE a.state = 'endorsed' AND v.endorsed_on IS NULL ORDER BY a.id",
    ),
}
