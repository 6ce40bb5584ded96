"""Photos of logs and requests, and confirmations. Each query selects the keys of the rows that break its line."""

from services.domain.album import strays
from services.models.photo import MOST_PHOTOS
from services.models.request_photo import MOST_PHOTOS as MOST_OF_REQUEST

QUERIES = {
    "log_has_few_photos": (
        f"a log shows at most {MOST_PHOTOS} photos (named: logs)",
        "SELECT log_id FROM services_logphoto WHERE removed_at IS NULL AND log_id IS NOT NULL"  # noqa: S608
        f" GROUP BY log_id HAVING COUNT(*) > {MOST_PHOTOS} ORDER BY log_id",
    ),
    "log_shows_a_photo_once": (
        "a log shows the same picture once (named: logs)",
        "SELECT log_id FROM services_logphoto WHERE removed_at IS NULL AND log_id IS NOT NULL"
        " GROUP BY log_id, sha256 HAVING COUNT(*) > 1 ORDER BY log_id",
    ),
    "withdrawn_log_shows_no_photo": (
        "the photos of a log that its team took back are gone; one that a correction replaced keeps them",
        "SELECT p.id FROM services_logphoto p JOIN services_servicelog l ON l.id = p.log_id"
        " JOIN services_monthlyreport r ON r.id = l.report_id"
        " WHERE p.removed_at IS NULL AND l.is_withdrawn AND r.state <> 'read' AND NOT EXISTS"
        " (SELECT 1 FROM services_correction c WHERE c.log_id = l.id) ORDER BY p.id",
    ),
    "request_has_few_photos": (
        f"a request shows at most {MOST_OF_REQUEST} photos (named: requests)",
        "SELECT request_id FROM services_requestphoto"  # noqa: S608
        " WHERE removed_at IS NULL AND request_id IS NOT NULL"
        f" GROUP BY request_id HAVING COUNT(*) > {MOST_OF_REQUEST} ORDER BY request_id",
    ),
    "answer_has_its_time": (
        "a recipient's answer has its time, after the slip was made, and none has a remark without an answer",
        "SELECT id FROM services_confirmation WHERE (answer <> '' AND (answered_at IS NULL OR answered_at < issued_at))"
        " OR (answer = '' AND (answered_at IS NOT NULL OR remark <> '')) ORDER BY id",
    ),
}
CHECKS = {
    "photo_has_its_files": (
        "a photo has its two files in PHOTO_ROOT; what is lost comes from the backup",
        lambda: strays().rows,
    ),
    "request_photo_has_its_files": (
        "a photo of a request has its two files in PHOTO_ROOT; what is lost comes from the backup",
        lambda: strays().request_rows,
    ),
}
