"""Photos, qualifications and certificates. Each query selects the keys of the rows that break its line."""

from services.models import Certificate
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
    "certificate_numbers_run_on": (
        "the certificates of a year are numbered from one on without a gap (named: the last one of the year)",
        "SELECT MAX(id) FROM services_certificate GROUP BY year HAVING COUNT(*) <> MAX(serial) OR MIN(serial) <> 1"
        " ORDER BY 1",
    ),
    "certificate_superseded_by_its_own": (
        "a certificate takes the place of an earlier one of the same volunteer only",
        "SELECT n.id FROM services_certificate n JOIN services_certificate o ON o.id = n.supersedes_id"
        " WHERE n.volunteer_id <> o.volunteer_id OR o.id >= n.id ORDER BY n.id",
    ),
    "certificate_revoked_with_reason": (
        "a revoked certificate has who revoked it, when and why, and no other has",
        "SELECT id FROM services_certificate WHERE (revoked_at IS NULL) <> (revoked_by_id IS NULL)"
        " OR (revoked_at IS NULL) <> (revoked_reason = '') ORDER BY id",
    ),
}
CHECKS = {
    "portrait_has_its_file": (
        "the photo of a volunteer has its file in PHOTO_ROOT; what is lost comes from the backup",
        lambda: strays().rows,
    ),
    "certificate_adds_up": (
        "the services and minutes of a certificate are the sums of its categories",
        lambda: _sums_that_differ(),
    ),
}


def _sums_that_differ() -> list[int]:
    rows = Certificate.objects.order_by("pk").values_list("pk", "services", "minutes", "categories")
    return [
        pk
        for pk, services, minutes, categories in rows.iterator()
        if (services, minutes) != (sum(row[1] for row in categories), sum(row[2] for row in categories))
    ]
