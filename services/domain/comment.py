"""What happens to a comment on a log: once it was put right, a reviewer ticks it."""

from django.utils import timezone

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.report import STANDS, refuse_conflict
from services.models import LogComment, MonthlyReport

State = MonthlyReport.State


@event
def settle_comment(comment: LogComment, *, is_settled: bool = True, by: User) -> LogComment:
    """Tick what was asked as done, or take the tick back, while the month is under review; twice does no harm."""
    report = MonthlyReport.locked(comment.log.report_id)
    if not report.logs.filter(pk=comment.log_id).exists():
        raise SavedMeanwhile  # its log has moved to another month
    if report.state != State.SUBMITTED:
        raise RuleBroken(str(STANDS[State(report.state)]))
    refuse_conflict(report, by)
    comment = LogComment.objects.select_for_update(no_key=True, of=("self",)).get(pk=comment.pk)
    if (comment.settled_at is not None) != is_settled:
        comment.settled_by, comment.settled_at = (by, timezone.now()) if is_settled else (None, None)
        comment.save()
    return comment
