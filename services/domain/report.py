"""What happens to a team's month: submitted, read or returned, reopened, and commented on log by log.

Lock order: round, then reports by key. Writing a log locks the report too (``services.domain.month.report_of``), so a
log is either in the month that is read, and counted, or refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from areas.models import Township
from common.rules import RuleBroken, SavedMeanwhile
from common.wording import sentences
from services.domain import rollup
from services.domain.month import has_ended
from services.domain.reasons import Reason, conflicts, other_reviewers, reasons_to_look
from services.domain.reminders import months_were_submitted
from services.models import (
    Correction,
    LogComment,
    MonthlyReport,
    Participation,
    RecognitionRound,
    ReportContributor,
    ServiceLog,
    Thanks,
)

State = MonthlyReport.State

# What a refused step says: where the month stands, and who can take it further.
STANDS = {
    State.OPEN: gettext_lazy("This month is still open. The township's staff or the team leader submit it first."),
    State.SUBMITTED: gettext_lazy("This month has been submitted. A reviewer can read or return it."),
    State.READ: gettext_lazy("This month has been read. A reviewer can reopen it, with a reason."),
    State.RETURNED: gettext_lazy(
        "This month was returned. The township's staff or the team leader correct and submit it."
    ),
}


@dataclass(frozen=True)
class SubmitResult:
    """How many months of a township were submitted at once, and how many without services wait for a person."""

    submitted: int
    nil: int


@dataclass(frozen=True)
class ReadResult:
    """How many plain months were marked as read, and which were left, each with its reasons."""

    read: int
    left: list[tuple[MonthlyReport, list[Reason]]]


@event
def submit_month(
    report: MonthlyReport, *, nil_confirmed: bool = False, version: int | None = None, by: User
) -> MonthlyReport:
    """Hand the ended month in to be read; one without services is confirmed to be a nil report (零报告).

    ``version``, here and in the steps below, is that of the page whose button was pressed: each step of a month counts
    it up, and between two steps a submitted month does not change. ``SavedMeanwhile`` refuses what nobody looked at.
    """
    _refuse_frozen([report.month.year])
    report = _locked(report, "submit", version)
    if not has_ended(report.month):
        raise RuleBroken(_("This month has not ended yet. It can be submitted from the first of the next month."))
    if not nil_confirmed and not ServiceLog.objects.standing().filter(report=report).exists():
        raise RuleBroken(
            _("There is no service in this month. Tick that this is right to hand in a nil report."),
            field="nil_confirmed",
        )
    report.state, report.submitted_by, report.submitted_at = State.SUBMITTED, by, timezone.now()
    report.waived_on = None
    report.save()
    ReportContributor.note([report], by)
    months_were_submitted([report])
    return report


@event
def submit_months(township: Township, month: date, *, by: User) -> SubmitResult:
    """Hand in a township's open months that have services, together; those of townships merged into it too.

    Months without services are left: each nil report is confirmed on its own. Returned ones too: they need work.
    """
    _refuse_frozen([month.year])
    if not has_ended(month):
        raise RuleBroken(_("This month has not ended yet. It can be submitted from the first of the next month."))
    # A leader hands in the own team's month only, whoever's township it is.
    open_reports = (
        MonthlyReport.objects.visible_to(by)
        .expected()
        .filter(township__in=township.reach, month=month, state=State.OPEN)
    )
    served = Exists(ServiceLog.objects.standing().filter(report=OuterRef("pk")))
    reports = _lock_all(open_reports.filter(served))
    _move(reports, State.SUBMITTED, submitted_by=by, submitted_at=timezone.now())
    ReportContributor.note(reports, by)
    months_were_submitted(reports)
    return SubmitResult(len(reports), open_reports.exclude(served).count())


@event
def read_month(report: MonthlyReport, *, thanks: str = "", version: int | None = None, by: User) -> MonthlyReport:
    """Mark the month as read: from now on its services count and its logs do not change.

    The team reads the word of ``thanks``, if there is one.
    """
    thanks = _thanks(thanks)
    _refuse_frozen([report.month.year])
    report = _locked(report, "read", version)
    refuse_conflict(report, by)
    _mark_read([report], thanks=thanks, by=by)
    report.refresh_from_db()
    return report


@event
def read_plain_months(reports: QuerySet[MonthlyReport], *, thanks: str = "", by: User) -> ReadResult:
    """Mark those of the submitted ``reports`` as read that give no reason to look; return the others with theirs.

    One word of ``thanks`` goes to all of their teams. What is plain is asked under the locks: what came in after the
    page was shown is looked at, not waved through.
    """
    thanks = _thanks(thanks)
    waiting = reports.filter(state=State.SUBMITTED)
    years = sorted({month.year for month in waiting.order_by().values_list("month", flat=True).distinct()})
    _refuse_frozen(years)
    locked = _lock_all(waiting.filter(month__year__in=years))
    reasons = reasons_to_look(locked, by=by)
    plain = [report for report in locked if not reasons[report.pk]]
    _mark_read(plain, thanks=thanks, by=by)
    return ReadResult(len(plain), [(report, reasons[report.pk]) for report in locked if reasons[report.pk]])


@event
def return_month(report: MonthlyReport, *, remark: str, version: int | None = None, by: User) -> MonthlyReport:
    """Give a submitted month back to be corrected, saying why; its logs may change again."""
    remark = said(remark, "remark", _("Say what is to be put right."))
    _refuse_frozen([report.month.year])
    report = _locked(report, "return", version)
    refuse_conflict(report, by)
    return _give_back(report, remark, by)


@event
def reopen_month(report: MonthlyReport, *, reason: str, version: int | None = None, by: User) -> MonthlyReport:
    """Take a read month back out of the figures, with a reason, so that it can be corrected and submitted again."""
    reason = said(reason, "reason", _("Say why the month is reopened."))
    _refuse_frozen([report.month.year])
    report = _locked(report, "reopen", version)
    refuse_conflict(report, by)
    _refuse_corrections(report, by)
    report = _give_back(report, reason, by)
    rollup.subtract([report.pk])
    _participations([report]).update(counted=False)
    return report


@event
def comment_on_log(log: ServiceLog, *, text: str, by: User) -> LogComment:
    """Say something on the log that it is about, while its month is under review."""
    text = said(text, "text", _("Write the comment first."))
    report = MonthlyReport.locked(log.report_id)
    if not report.logs.filter(pk=log.pk).exists():
        raise SavedMeanwhile  # it has moved to another month
    if report.state != State.SUBMITTED:
        raise RuleBroken(str(STANDS[State(report.state)]))
    refuse_conflict(report, by)
    return LogComment.objects.create(log=log, text=text, by=by, round=report.times_returned)


def _mark_read(reports: list[MonthlyReport], *, thanks: str = "", by: User) -> None:
    """Mark the locked reports as read with all that follows: one set of statements, for one as for a township."""
    rollup.add([report.pk for report in reports])
    _participations(reports).filter(is_withdrawn=False).update(counted=True)
    _move(reports, State.READ, reviewed_by=by, reviewed_at=timezone.now())
    if thanks:
        words = [Thanks(report=each, round=each.times_returned, text=thanks, by=by) for each in reports]
        record(Thanks.objects.bulk_create(words), AuditEntry.Action.CREATE)


def _participations(reports: Iterable[MonthlyReport]) -> QuerySet[Participation]:
    return Participation.objects.filter(log__in=ServiceLog.objects.filter(report__in=reports).order_by())


def _move(reports: list[MonthlyReport], state: str, **fields: object) -> None:
    """Change the state of the locked reports, and record it, in one statement each."""
    pks = [report.pk for report in reports]
    MonthlyReport.objects.filter(pk__in=pks).update(state=state, version=F("version") + 1, **fields)
    for before in {report.state for report in reports}:
        changed = [report for report in reports if report.state == before]
        record(changed, AuditEntry.Action.UPDATE, {"state": (before, state)})


def _give_back(report: MonthlyReport, remark: str, by: User) -> MonthlyReport:
    report.state, report.remark, report.times_returned = State.RETURNED, remark, report.times_returned + 1
    report.reviewed_by, report.reviewed_at = by, timezone.now()
    report.save()
    return report


def _refuse_corrections(report: MonthlyReport, by: User) -> None:
    """Refuse what is still asked for in a month that is being reopened: its logs can be changed themselves now."""
    asked = Correction.objects.asked().filter(log__report=report).order_by("pk")
    for correction in asked.select_for_update(of=("self",), no_key=True):
        correction.state, correction.decided_by, correction.decided_at = Correction.State.REFUSED, by, timezone.now()
        correction.answer = _("The month was reopened: correct the log itself.")
        correction.version += 1
        correction.save()


def _locked(report: MonthlyReport, step: str, version: int | None) -> MonthlyReport:
    """Lock the report and refuse ``step`` where it stands now, saying who can take it further.

    Where it may be taken, ``SavedMeanwhile`` refuses it from a page that shows the month as it stood before.
    """
    locked = MonthlyReport.locked(report.pk)
    if not locked.allows(step):
        raise RuleBroken(sentences([last_step(locked), str(STANDS[State(locked.state)])]))
    if version not in (None, locked.version - 1):  # locking has counted it up already
        raise SavedMeanwhile
    return locked


def last_step(report: MonthlyReport) -> str:
    """Say who took the month where it stands, and when: the second of two reviewers is told of the first."""
    who, when = (
        (report.submitted_by, report.submitted_at)
        if report.state == State.SUBMITTED
        else (report.reviewed_by, report.reviewed_at)
    )
    if report.state == State.OPEN or who is None or when is None:
        return ""
    told = {
        State.SUBMITTED: _("%(name)s submitted it on %(when)s."),
        State.READ: _("%(name)s marked it as read on %(when)s."),
        State.RETURNED: _("%(name)s returned it on %(when)s."),
    }[State(report.state)]
    return told % {"name": who.name, "when": date_format(timezone.localtime(when), "DATETIME_FORMAT")}


def _lock_all(reports: QuerySet[MonthlyReport]) -> list[MonthlyReport]:
    """Lock the reports in the order of their keys, and read them as they are then."""
    locked = reports.order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(locked.select_related("team"))


def refuse_conflict(report: MonthlyReport, by: User) -> None:
    """Refuse whoever had a part in the month, and name who else can review it."""
    why = conflicts([report.pk], by).get(report.pk)
    if why is None:
        return
    others = "、".join(other_reviewers(report).values_list("name", flat=True)[:5])
    who = (
        _("It can be reviewed by: %(people)s.") % {"people": others}
        if others
        else _("Nobody else can review it: ask the administrator for a second reviewer.")
    )
    raise RuleBroken(f"{why} {who}", code="conflict")


def _refuse_frozen(years: Iterable[int]) -> None:
    """Hold the years' rounds, first in the lock order, and refuse when one has been scored: its months are settled."""
    for round_ in RecognitionRound.held(years):
        if round_.is_frozen:
            raise RuleBroken(
                _("The year %(year)s has been scored: its months no longer change.") % {"year": round_.year}
            )


def _thanks(text: str) -> str:
    text = text.strip()
    if len(text) > 200:
        raise RuleBroken(_("At most 200 characters."), field="thanks")
    return text


def said(text: str, field: str, missing: str) -> str:
    """Return the text without blanks around it; refuse an empty one and one longer than a remark may be."""
    text = text.strip()
    if not text:
        raise RuleBroken(missing, field=field)
    if len(text) > 300:
        raise RuleBroken(_("At most 300 characters."), field=field)
    return text
