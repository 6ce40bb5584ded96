"""Townships and villages that were merged into others."""

# Which township came to which: by one merge, or through others.
CAME = (
    "WITH RECURSIVE came(ended, present) AS ("
    "SELECT id, merged_into_id FROM areas_township WHERE merged_into_id IS NOT NULL"
    " UNION SELECT c.ended, t.merged_into_id FROM came c JOIN areas_township t ON t.id = c.present"
    " WHERE t.merged_into_id IS NOT NULL) "
)
# What there is today, and the places that it is in.
_TODAY = (
    ("areas_village", "township"),
    ("areas_channel", "township"),
    ("accounts_user", "township"),
    ("volunteers_volunteer", "township"),
    ("volunteers_volunteer", "village"),
    ("grids_team", "township"),
    ("grids_grid", "village"),
)

QUERIES = {
    f"{table}_not_in_ended_{place}": (
        f"nothing of {table} is in a {place} that was merged into another",
        f"SELECT x.id FROM {table} x JOIN areas_{place} p ON p.id = x.{place}_id"  # noqa: S608
        " WHERE p.merged_into_id IS NOT NULL ORDER BY x.id",
    )
    for table, place in _TODAY
} | {
    "merged_village_stays_in_its_township": (
        "a village that was merged lies in the township of the one that it was merged into",
        "SELECT v.id FROM areas_village v JOIN areas_village k ON k.id = v.merged_into_id"
        " WHERE k.township_id <> v.township_id ORDER BY v.id",
    ),
    "former_home_is_before": (
        "a volunteer's former township was merged into another on the day until which they belonged to it",
        "SELECT h.id FROM volunteers_formerhome h JOIN areas_township t ON t.id = h.township_id"
        " WHERE t.ended_on IS NULL OR t.ended_on <> h.until ORDER BY h.id",
    ),
}
