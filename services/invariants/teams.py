"""Grids, teams and memberships. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "grid_has_one_team": (
        "a grid has at most one team that has not been dissolved",
        "SELECT id FROM grids_team WHERE state <> 'dissolved' AND grid_id IN"
        " (SELECT grid_id FROM grids_team WHERE state <> 'dissolved' GROUP BY grid_id HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "team_in_its_grids_township": (
        "a team belongs to the township of its grid",
        "SELECT t.id FROM grids_team t JOIN grids_grid g ON g.id = t.grid_id"
        " JOIN areas_village v ON v.id = g.village_id WHERE v.township_id <> t.township_id ORDER BY t.id",
    ),
    "volunteer_in_one_team": (
        "a volunteer is in at most one team now",
        "SELECT id FROM grids_membership WHERE left_on IS NULL AND volunteer_id IN (SELECT volunteer_id"
        " FROM grids_membership WHERE left_on IS NULL GROUP BY volunteer_id HAVING COUNT(*) > 1) ORDER BY id",
    ),
    "memberships_do_not_overlap": (
        "the memberships of one person do not overlap, in the past neither",
        "SELECT id FROM (SELECT id, joined_on, MAX(COALESCE(left_on, '9999-12-31')) OVER (PARTITION BY volunteer_id"
        " ORDER BY joined_on, COALESCE(left_on, '9999-12-31') ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        " AS before FROM grids_membership WHERE left_on IS NULL OR left_on > joined_on) AS m"
        " WHERE before > joined_on ORDER BY id",
    ),
    "membership_within_its_dates": (
        "nobody was in a team before they joined the programme, or before the team was formed",
        "SELECT m.id FROM grids_membership m JOIN volunteers_volunteer v ON v.id = m.volunteer_id"
        " JOIN grids_team t ON t.id = m.team_id WHERE m.joined_on < v.joined_on OR m.joined_on < t.formed_on"
        " ORDER BY m.id",
    ),
    "team_has_one_leader": (
        "an active team has one leader, a forming one at most one",
        "SELECT t.id FROM grids_team t LEFT JOIN grids_membership m ON m.team_id = t.id AND m.left_on IS NULL"
        " AND m.role = 'leader' GROUP BY t.id, t.state"
        " HAVING COUNT(m.id) > 1 OR (t.state = 'active' AND COUNT(m.id) = 0) ORDER BY t.id",
    ),
    "active_team_has_members": (
        "an active team has {least} to {most} members",
        "SELECT t.id FROM grids_team t LEFT JOIN grids_membership m ON m.team_id = t.id AND m.left_on IS NULL"
        " WHERE t.state = 'active' GROUP BY t.id HAVING COUNT(m.id) NOT BETWEEN {least} AND {most} ORDER BY t.id",
    ),
    "active_team_has_skill_types": (
        "an active team has at least {skills} primary skill types",
        "SELECT t.id FROM grids_team t LEFT JOIN grids_membership m ON m.team_id = t.id AND m.left_on IS NULL"
        " LEFT JOIN volunteers_volunteer v ON v.id = m.volunteer_id WHERE t.state = 'active'"
        " GROUP BY t.id HAVING COUNT(DISTINCT v.primary_skill_id) < {skills} ORDER BY t.id",
    ),
    "members_are_active": (
        "whoever is in a team now is an active volunteer of its township",
        "SELECT m.id FROM grids_membership m JOIN volunteers_volunteer v ON v.id = m.volunteer_id"
        " JOIN grids_team t ON t.id = m.team_id WHERE m.left_on IS NULL"
        " AND (v.status <> 'active' OR v.township_id <> t.township_id) ORDER BY m.id",
    ),
    "dissolved_team_has_no_members": (
        "nobody is in a team that has been dissolved",
        "SELECT m.id FROM grids_membership m JOIN grids_team t ON t.id = m.team_id"
        " WHERE m.left_on IS NULL AND t.state = 'dissolved' ORDER BY m.id",
    ),
    "roles_follow_from_each_other": (
        "a change of role begins with the role before it, and the last leads to the role of the membership",
        "SELECT id FROM (SELECT c.id, c.after, m.role,"
        " LEAD(c.before) OVER (PARTITION BY c.membership_id ORDER BY c.day, c.id) AS next_before"
        " FROM grids_rolechange c JOIN grids_membership m ON m.id = c.membership_id) AS r"
        " WHERE after <> COALESCE(next_before, role) ORDER BY id",
    ),
    "role_changes_in_the_team": (
        "nobody's role changed before they joined",
        "SELECT c.id FROM grids_rolechange c JOIN grids_membership m ON m.id = c.membership_id"
        " WHERE c.day < m.joined_on ORDER BY c.id",
    ),
    "replaced_in_one_step": (
        "whoever took somebody's place joined the same team on the day on which they left",
        "SELECT m.id FROM grids_membership m JOIN grids_membership n ON n.id = m.replaced_by_id"
        " WHERE m.left_on IS NULL OR n.team_id <> m.team_id OR n.joined_on <> m.left_on"
        " OR n.volunteer_id = m.volunteer_id ORDER BY m.id",
    ),
}
