"""Composing teams. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "seat_is_of_its_part": (
        "whoever has a seat in a proposal is proposed for, and comes from, grids that are part of it",
        "SELECT s.id FROM grids_proposedseat s WHERE EXISTS (SELECT 1 FROM grids_grid g"
        " WHERE g.id IN (s.grid_id, s.from_grid_id) AND NOT EXISTS (SELECT 1 FROM grids_proposedteam t"
        " WHERE t.part_id = s.part_id AND t.grid_id = g.id)) ORDER BY s.id",
    ),
    "proposal_counts_its_seats": (
        "what a proposal says of a township (who joins, moves, leaves) is what its seats say (named: townships)",
        "SELECT p.id FROM grids_compositionpart p LEFT JOIN grids_proposedseat s ON s.part_id = p.id"
        " GROUP BY p.id, p.coming, p.moving, p.leaving HAVING"
        " p.coming <> SUM(CASE WHEN s.from_grid_id IS NULL AND s.grid_id IS NOT NULL THEN 1 ELSE 0 END)"
        " OR p.leaving <> SUM(CASE WHEN s.from_grid_id IS NOT NULL AND s.grid_id IS NULL THEN 1 ELSE 0 END)"
        " OR p.moving <> SUM(CASE WHEN s.from_grid_id <> s.grid_id THEN 1 ELSE 0 END) ORDER BY p.id",
    ),
    "accepted_proposal_is_settled": (
        "nothing of an accepted proposal is left to be decided on",
        "SELECT DISTINCT c.id FROM grids_composition c JOIN grids_compositionpart p ON p.composition_id = c.id"
        " WHERE c.state = 'accepted' AND (p.state <> 'solved' OR p.changed > 0) ORDER BY c.id",
    ),
    "locked_person_is_where_they_are_locked": (
        "who was locked into a grid of a solved proposal sits there, if the proposal knows them (named: seats)",
        "SELECT s.id FROM grids_proposedseat s JOIN grids_compositionpart p ON p.id = s.part_id"
        " JOIN grids_compositionwish w ON w.composition_id = p.composition_id AND w.volunteer_id = s.volunteer_id"
        " JOIN grids_proposedteam t ON t.part_id = p.id AND t.grid_id = w.grid_id"
        " WHERE w.kind = 'lock' AND p.state = 'solved' AND (s.grid_id IS NULL OR s.grid_id <> w.grid_id) ORDER BY s.id",
    ),
}
