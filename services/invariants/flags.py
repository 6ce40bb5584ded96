"""Flags on logs, and their answers. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "flag_once_a_rule": (
        "a log has one flag a rule",
        "SELECT f.id FROM services_logflag f WHERE EXISTS (SELECT 1 FROM services_logflag o"
        " WHERE o.log_id = f.log_id AND o.rule = f.rule AND o.id <> f.id) ORDER BY f.id",
    ),
    "flag_on_a_standing_log": (
        "what nobody has answered is on a log that stands, and compares it with one that does, not with itself",
        "SELECT f.id FROM services_logflag f JOIN services_servicelog l ON l.id = f.log_id"
        " LEFT JOIN services_servicelog o ON o.id = f.other_id"
        " WHERE f.other_id = f.log_id OR (f.answered_at IS NULL AND (l.is_withdrawn OR COALESCE(o.is_withdrawn, {no})))"
        " ORDER BY f.id",
    ),
    "flag_answered_by_somebody": (
        "an answered flag says who answered, when and what, one that is not says nothing",
        "SELECT id FROM services_logflag WHERE (answered_at IS NULL) <> (answered_by_id IS NULL)"
        " OR (answered_at IS NULL) <> (answer = '') ORDER BY id",
    ),
    "flag_of_a_known_rule": (
        "a flag is of a rule that there is",
        "SELECT id FROM services_logflag WHERE rule NOT IN ({rules}) ORDER BY id",
    ),
}
