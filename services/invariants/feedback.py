"""Residents' words about volunteers. Each query selects the keys of the rows that break its line."""

QUERIES = {
    "feedback_badge_is_the_volunteers": (
        "what a resident said from a badge's page is kept with the badge's volunteer",
        "SELECT f.id FROM services_feedback f JOIN volunteers_badge b ON b.id = f.badge_id"
        " WHERE b.volunteer_id <> f.volunteer_id ORDER BY f.id",
    ),
    "feedback_due_after_it_came": (
        "the last day for an answer lies after the day on which the words came",
        "SELECT l.id FROM (SELECT id, made_at AS starts_at, due_on FROM services_feedback) AS l"
        " WHERE l.due_on <= {day} ORDER BY l.id",
    ),
    "feedback_answered_by_another": (
        "nobody answers what a resident said about themselves",
        "SELECT f.id FROM services_feedback f JOIN volunteers_volunteer v ON v.id = f.volunteer_id"
        " WHERE f.answered_by_id = v.user_id ORDER BY f.id",
    ),
}
