"""What became of grids. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "grid_is_as_last_changed": (
        "a grid has the number and the households that its last change gave it",
        "SELECT g.id FROM grids_grid g JOIN grids_changedgrid c ON c.grid_id = g.id"
        " WHERE c.id = (SELECT MAX(l.id) FROM grids_changedgrid l WHERE l.grid_id = g.id)"
        " AND (c.number_after <> g.number OR COALESCE(c.households_after, c.households_before) <> g.households)"
        " ORDER BY g.id",
    ),
    "changes_follow_on_each_other": (
        "a change of a grid begins with the number and the households that the one before left (named: changed grids)",
        "SELECT id FROM (SELECT id, part, number_before, households_before,"
        " LAG(number_after) OVER w AS number_left, LAG(COALESCE(households_after, households_before)) OVER w"
        " AS households_left FROM grids_changedgrid WINDOW w AS (PARTITION BY grid_id ORDER BY id)) AS c"
        " WHERE number_left IS NOT NULL AND (part = 'new' OR number_before <> number_left"
        " OR households_before <> households_left) ORDER BY id",
    ),
    "split_and_merge_keep_households": (
        "a split and a merge neither lose nor invent households",
        "SELECT h.id FROM grids_gridchange h JOIN grids_changedgrid c ON c.change_id = h.id"
        " WHERE h.kind IN ('split', 'merged') GROUP BY h.id"
        " HAVING SUM(COALESCE(c.households_before, 0)) <> SUM(COALESCE(c.households_after, 0)) ORDER BY h.id",
    ),
    "change_has_its_grids": (
        "every change names grids: a split one that stays and new ones, a merge one that stays and those given up",
        "SELECT id FROM (SELECT h.id, h.kind, COUNT(c.id) AS grids,"
        " SUM(CASE WHEN c.part = 'kept' THEN 1 ELSE 0 END) AS kept,"
        " SUM(CASE WHEN c.part = 'new' THEN 1 ELSE 0 END) AS made,"
        " SUM(CASE WHEN c.part = 'given_up' THEN 1 ELSE 0 END) AS gone"
        " FROM grids_gridchange h LEFT JOIN grids_changedgrid c ON c.change_id = h.id GROUP BY h.id, h.kind) AS n"
        " WHERE grids = 0 OR (kind = 'split' AND (kept <> 1 OR made < 1 OR gone > 0))"
        " OR (kind = 'merged' AND (kept <> 1 OR gone < 1 OR made > 0)) ORDER BY id",
    ),
    "given_up_grid_is_retired": (
        "a grid that was given up is out of use",
        "SELECT DISTINCT g.id FROM grids_changedgrid c JOIN grids_grid g ON g.id = c.grid_id"
        " WHERE c.part = 'given_up' AND g.is_retired = {no} ORDER BY g.id",
    ),
    "retired_grid_has_no_team": (
        "no team serves a grid that is out of use",
        "SELECT t.id FROM grids_team t JOIN grids_grid g ON g.id = t.grid_id"
        " WHERE g.is_retired <> {no} AND t.state <> 'dissolved' ORDER BY t.id",
    ),
}
