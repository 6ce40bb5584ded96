"""Photos and qualifications of volunteers. Each query selects the keys of the rows that break its line."""

from volunteers.domain.portrait import strays

QUERIES = {
    "portrait_one_per_volunteer": (
        "a volunteer has at most one photo (named: volunteers)",
        "SELECT volunteer_id FROM volunteers_portrait WHERE removed_at IS NULL"
        " GROUP BY volunteer_id HAVING COUNT(*) > 1 ORDER BY volunteer_id",
    ),
    "qualification_renewed_by_one": (
        "a qualification is renewed exactly when another one of the same person renews it, which is valid longer",
        "SELECT q.id FROM volunteers_qualification q LEFT JOIN volunteers_qualification n ON n.renews_id = q.id"
        " WHERE (q.state = 'renewed') <> (n.id IS NOT NULL)"
        " OR (n.id IS NOT NULL AND (n.volunteer_id <> q.volunteer_id OR n.expires_on <= q.expires_on)) ORDER BY q.id",
    ),
    "qualification_withdrawn_with_reason": (
        "a withdrawn qualification has who withdrew it, when and why, and no other has",
        "SELECT id FROM volunteers_qualification WHERE (state = 'withdrawn') <> (withdrawn_at IS NOT NULL)"
        " OR (state = 'withdrawn') <> (withdrawn_by_id IS NOT NULL)"
        " OR (state = 'withdrawn') <> (withdrawn_reason <> '') ORDER BY id",
    ),
}
CHECKS = {
    "portrait_has_its_file": (
        "the photo of a volunteer has its file in PHOTO_ROOT; what is lost comes from the backup",
        lambda: strays().rows,
    ),
}
