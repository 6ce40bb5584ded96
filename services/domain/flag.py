"""What happens to a flag on a log: a reviewer looks into it and answers, once and for all."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.report import STANDS, refuse_conflict, said
from services.models import LogFlag, MonthlyReport

State = MonthlyReport.State
# Before the month is handed in its logs may still change, and with them what there is to answer.
ANSWERED_IN = (State.SUBMITTED, State.READ)


@event
def answer_flag(flag: LogFlag, *, text: str, by: User) -> LogFlag:
    """Say what came of looking into the flag; from then on it is no reason to look at the month any more."""
    text = said(text, "text", _("Write the answer first."))
    report = MonthlyReport.locked(flag.log.report_id)
    if not report.logs.filter(pk=flag.log_id).exists():
        raise SavedMeanwhile  # its log has moved to another month
    _refuse(report, by)
    found = _lock(LogFlag.objects.filter(pk=flag.pk)).select_related("answered_by", "log").first()
    if found is None:
        raise RuleBroken(_("This flag no longer holds: the log was corrected meanwhile."))
    if found.answered_at is not None:
        raise RuleBroken(
            _("%(name)s has answered this flag already: %(answer)s")
            % {"name": found.answered_by.name, "answer": found.answer}  # type: ignore[union-attr]
        )
    found.answer, found.answered_by, found.answered_at = text, by, timezone.now()
    found.save()
    return found


@event
def answer_flags(report: MonthlyReport, *, rule: str, text: str, by: User) -> int:
    """Give the same answer to all flags of one rule in the month that nobody has answered; return how many."""
    text = said(text, "text", _("Write the answer first."))
    report = MonthlyReport.locked(report.pk)
    _refuse(report, by)
    open_flags = LogFlag.objects.unanswered().filter(log__report=report, log__is_withdrawn=False, rule=rule)
    flags = list(_lock(open_flags.order_by("pk")).select_related("log"))
    if not flags:
        raise RuleBroken(_("No flag of this kind waits for an answer any more."))
    now = timezone.now()
    LogFlag.objects.filter(pk__in=[flag.pk for flag in flags]).update(answer=text, answered_by=by, answered_at=now)
    record(flags, AuditEntry.Action.UPDATE, {"answer": ("", text)})
    return len(flags)


def _refuse(report: MonthlyReport, by: User) -> None:
    if report.state not in ANSWERED_IN:
        raise RuleBroken(str(STANDS[State(report.state)]))
    refuse_conflict(report, by)


def _lock(flags: QuerySet[LogFlag]) -> QuerySet[LogFlag]:
    return flags.select_for_update(no_key=True, of=("self",))
