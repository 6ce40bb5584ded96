"""What reviewers leave behind: ticks on comments, thanks, samples. Each query selects the keys of what breaks."""

from services.domain.sample import is_as_drawn
from services.models import Sample

QUERIES = {
    "comment_settled_by_somebody": (
        "a settled comment says who ticked it and when, another one neither",
        "SELECT id FROM services_logcomment WHERE (settled_at IS NULL) <> (settled_by_id IS NULL) ORDER BY id",
    ),
    "thanks_for_a_month_that_was_read": (
        "a word of thanks is for a month that was read, in a round that there was",
        "SELECT t.id FROM services_thanks t JOIN services_monthlyreport r ON r.id = t.report_id"
        " WHERE t.round > r.times_returned OR (t.round = r.times_returned AND r.state <> 'read') ORDER BY t.id",
    ),
    "sample_is_complete": (
        "a sample holds as many months as it says, from place 1 on",
        "SELECT s.id FROM services_sample s LEFT JOIN services_sampledreport d ON d.sample_id = s.id"
        " GROUP BY s.id, s.size HAVING COUNT(d.id) <> s.size OR COALESCE(MAX(d.place), 0) <> s.size ORDER BY s.id",
    ),
    "sampled_month_checked_by_another": (
        "nobody took a second look at a month that they contributed to, nor answered their own remark",
        "SELECT d.id FROM services_sampledreport d WHERE d.answered_by_id = d.checked_by_id"
        " OR EXISTS (SELECT 1 FROM services_reportcontributor c WHERE c.report_id = d.report_id"
        " AND c.user_id = d.checked_by_id) ORDER BY d.id",
    ),
}


def samples_not_as_drawn() -> list[int]:
    """Return the samples whose recorded seed and population give other months than they hold."""
    return [
        sample.pk
        for sample in Sample.objects.order_by("pk")
        if not is_as_drawn(sample, list(sample.drawn.order_by("place").values_list("report", flat=True)))
    ]


CHECKS = {
    "sample_is_as_drawn": (
        "the recorded seed and months of a sample give the months that it holds (named: samples)",
        samples_not_as_drawn,
    ),
}
