"""The programme's texts and who accepted them. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "text_versions_follow_each_other": (
        "a later version of a text is in force from a later day",
        "SELECT t.id FROM volunteers_programmetext t WHERE t.published_at IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM volunteers_programmetext o WHERE o.kind = t.kind AND o.published_at IS NOT NULL"
        " AND o.number < t.number AND o.in_force_from >= t.in_force_from) ORDER BY t.id",
    ),
    "acceptance_of_what_was_published": (
        "what somebody accepted was published",
        "SELECT a.id FROM volunteers_acceptance a JOIN volunteers_programmetext t ON t.id = a.text_id"
        " WHERE t.published_at IS NULL ORDER BY a.id",
    ),
    "acceptance_stands_once": (
        "nobody has accepted a version twice",
        "SELECT id FROM volunteers_acceptance WHERE withdrawn_at IS NULL AND (volunteer_id, text_id) IN"
        " (SELECT volunteer_id, text_id FROM volunteers_acceptance WHERE withdrawn_at IS NULL"
        " GROUP BY volunteer_id, text_id HAVING COUNT(*) > 1) ORDER BY id",
    ),
}
