"""A service is written down, corrected or withdrawn.

Lock order: rounds, team, reports by key, the request that is answered, volunteers by key. The form's key is looked up
again under these locks: an honest retry gets the log that its first try wrote, and is never told that it overlaps with
itself.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.duties import require_duty
from accounts.models import AuditEntry, User
from common.rules import RuleBroken, SavedMeanwhile, constraint_named
from grids.models import Team
from services.domain.album import attach, has_new, take_away
from services.domain.entry import Entry
from services.domain.flags import Place, drop_flags, raise_flags, renew_flags
from services.domain.month import expect_again, first_day, report_of
from services.domain.participants import Part, checked_parts
from services.domain.report import STANDS
from services.domain.request import locked_for_service, reopen_unserved, resolve
from services.domain.visit_plan import note_visit, renote_visit
from services.models import (
    HelpRequest,
    MonthlyReport,
    Participation,
    RecognitionRound,
    ReportContributor,
    ServiceCategory,
    ServiceLog,
    VisitPlan,
)
from services.models.log import TEXT_LIMITS


class RecordedDifferently(RuleBroken):
    """The form was sent before, with other content: ``log`` is what was stored then."""

    def __init__(self, log: ServiceLog) -> None:
        """Take the log that was stored."""
        super().__init__(
            _("This form was saved before, with other content. Look at what was saved, and correct it there."),
            code="recorded_differently",
        )
        self.log = log


@dataclass(frozen=True)
class Recorded:
    """The log that a form made, and whether it was this sending that made it."""

    log: ServiceLog
    is_new: bool


@event
def record_service(
    *,
    key: UUID,
    team: Team,
    date: datetime.date,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    category: ServiceCategory,
    recipient: str,
    content: str,
    participants: Mapping[int, int | None],
    place: str = "",
    people_served: int = 1,
    request: HelpRequest | None = None,
    photos: UUID | None = None,
    visit: VisitPlan | None = None,
    by: User,
) -> Recorded:
    """Write one service down, once for each ``key``, however often the form arrives.

    Who was in the team on that date takes part as a member, anybody else of the township as a helper. ``request``, an
    open one of the same team (or a call that is stored with it: ``services.domain.call``), is resolved by it.
    ``photos`` is the key of the form that photos of it wait for (``services.domain.album``).
    ``visit`` is the team's plan from which the form was opened.
    Raises ``RecordedDifferently`` when the key came with other content before, ``RuleBroken`` with the field otherwise.
    """
    entry = Entry(date, starts_at, ends_at, category, recipient, content, place, people_served, participants)
    entry.refuse_senseless()
    rounds = RecognitionRound.held({date.year})
    team = Team.locked(team.pk)
    report = report_of(team, date)
    fingerprint = entry.fingerprint(team, request)
    stored = _stored(key, fingerprint)
    if stored is not None:
        if photos:
            if has_new(stored.log, photos, by):  # they came later than the log
                if stored.log.report_id != report.pk:  # which has moved to a month that is not locked
                    raise RecordedDifferently(stored.log)
                _refuse_settled(rounds, [report])
                _refuse_withdrawn(stored.log)
                ReportContributor.note([report], by)
            attach(stored.log, photos, by=by)
        return stored
    require_duty("uses_logs", team.township_id)
    _refuse_settled(rounds, [report])
    if category.is_retired:
        raise RuleBroken(_("This category is no longer used. Choose another one."), field="category")
    if request is not None:
        request = locked_for_service(request, team)
    parts = checked_parts(entry, team, by=by)
    log = ServiceLog(
        key=key,
        fingerprint=fingerprint,
        team=team,
        township_id=report.township_id,
        report=report,
        recorded_by=by,
        **entry.fields(),
    )
    try:
        with nobody_in_two_places():
            if request is not None:
                log.request = resolve(request, served_at=starts_at, category=category, by=by)
            log.save(force_insert=True)
            write_parts(log, parts)
            note_visit(log, visit)
    except IntegrityError:
        # The same key for another team or month came at the same moment: other locks, so the database decided.
        stored = _stored(key, fingerprint)
        if stored is None:
            raise
        return stored
    expect_again(report)
    ReportContributor.note([report], by)
    record([log], AuditEntry.Action.UPDATE, {"participants": (None, parts_in_words(parts))})
    raise_flags(log)
    if photos:
        attach(log, photos, by=by)
    return Recorded(log, is_new=True)


@event
def edit_service(
    log: ServiceLog,
    *,
    version: int,
    date: datetime.date,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    category: ServiceCategory,
    recipient: str,
    content: str,
    participants: Mapping[int, int | None],
    place: str = "",
    people_served: int = 1,
    photos: UUID | None = None,
    photos_removed: Collection[int] = (),
    by: User,
) -> ServiceLog:
    """Correct a service of a month that takes logs; the team stays. Raises ``SavedMeanwhile`` for an older ``version``.

    ``photos`` is the key of the form that further photos wait for, ``photos_removed`` those that are taken away.

    The same rules hold as for a new one, in the month that it leaves and in the one that it comes to.
    """
    entry = Entry(date, starts_at, ends_at, category, recipient, content, place, people_served, participants)
    entry.refuse_senseless()
    rounds = RecognitionRound.held({date.year, log.date.year})
    team = Team.locked(log.team_id)
    log, reports = _locked_with_reports(log, team, date, version=version)
    _refuse_settled(rounds, reports)
    _refuse_withdrawn(log)
    if category.is_retired and category.pk != log.category_id:
        raise RuleBroken(_("This category is no longer used. Choose another one."), field="category")
    parts = checked_parts(entry, team, by=by, besides=log)
    before = stored_parts(log)
    stood = Place(log.date, frozenset(part.volunteer.pk for part in before), log.text_key)
    former, log.report = log.report, next(report for report in reports if report.month == first_day(date))
    log.township_id = log.report.township_id
    if before != parts or any(getattr(log, name) != value for name, value in entry.fields().items()):
        log.changed_at = timezone.now()
    for name, value in entry.fields().items():
        setattr(log, name, value)
    with nobody_in_two_places():
        log.save()
        log.participations.all().delete()
        write_parts(log, parts)
    renote_visit(log)
    expect_again(log.report)
    if former != log.report:
        ReportContributor.carry_over(former, log.report)
    ReportContributor.note(reports, by)
    if before != parts:
        record([log], AuditEntry.Action.UPDATE, {"participants": (parts_in_words(before), parts_in_words(parts))})
    renew_flags(log, stood)
    if photos_removed:
        take_away(log, photos_removed, by=by)
    if photos:
        attach(log, photos, by=by)
    return log


@event
def withdraw_service(log: ServiceLog, *, reason: str, version: int | None = None, by: User) -> ServiceLog:
    """Take back a service that should not have been written down, with the reason; it stays on record, uncounted.

    Raises ``SavedMeanwhile`` when the log has changed since its page, of ``version``, was opened.
    """
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why the log is withdrawn."), field="reason")
    if len(reason) > TEXT_LIMITS["withdrawn_reason"]:
        raise RuleBroken(_("This text is too long."), field="reason")
    rounds = RecognitionRound.held({log.date.year})
    team = Team.locked(log.team_id)
    log, reports = _locked_with_reports(log, team, log.date, version=version)
    _refuse_settled(rounds, reports, is_typed=False)
    _refuse_withdrawn(log)
    log.is_withdrawn, log.withdrawn_reason = True, reason
    log.save()
    log.participations.update(is_withdrawn=True)
    reopen_unserved(log, by=by)
    for each in log.with_originals():
        if each.report_id == log.report_id:  # the months of others are not locked
            take_away(each, by=by)
    ReportContributor.note(reports, by)
    drop_flags(log)
    return log


def held_for_change(log: ServiceLog) -> tuple[ServiceLog, list[MonthlyReport]]:
    """Lock a log and its month for a change of what belongs to it; refuse unless it stands and the month takes logs."""
    rounds = RecognitionRound.held({log.date.year})
    team = Team.locked(log.team_id)
    log, reports = _locked_with_reports(log, team, log.date)
    _refuse_settled(rounds, reports)
    _refuse_withdrawn(log)
    return log, reports


def _locked_with_reports(
    log: ServiceLog, team: Team, day: datetime.date, *, version: int | None = None
) -> tuple[ServiceLog, list[MonthlyReport]]:
    """Lock the log's report and the one of ``day`` in the order of their keys, then the log itself.

    Raises ``SavedMeanwhile`` when the log has moved to a month that is not locked: what is known of it is out of date.
    """
    report_of(team, day, lock=False)
    months = MonthlyReport.objects.filter(team=team, month__in={first_day(day), first_day(log.date)}).order_by("pk")
    reports = list(months.select_for_update(no_key=True, of=("self",)))
    log = ServiceLog.locked(log.pk, version=version)
    if log.report_id not in {report.pk for report in reports}:
        raise SavedMeanwhile
    return log, reports


def _refuse_settled(
    rounds: Iterable[RecognitionRound], reports: Iterable[MonthlyReport], *, is_typed: bool = True
) -> None:
    """Refuse when the year has been scored, or a month no longer takes logs, saying who can open it again."""
    for round_ in rounds:
        if round_.is_frozen:
            raise RuleBroken(
                _("The year %(year)s has been scored: its months no longer change.") % {"year": round_.year},
                field="date",
            )
    for report in reports:
        if not report.takes_logs:
            stands = _submitted_meanwhile(report) if is_typed else STANDS[MonthlyReport.State(report.state)]
            raise RuleBroken(stands, field="date", code="settled")


def _submitted_meanwhile(report: MonthlyReport) -> str:
    """Say why the month takes no logs: whoever was still typing when it was submitted has lost nothing."""
    if report.state != MonthlyReport.State.SUBMITTED or report.submitted_by is None:
        return str(STANDS[MonthlyReport.State(report.state)])
    return _(
        "%(month)s was submitted by %(name)s on %(when)s, so it takes no more services for now. What you typed is still"
        " here: keep this page open, ask the reviewer to return the month, and save again."
    ) % {
        "month": date_format(report.month, "YEAR_MONTH_FORMAT"),
        "name": report.submitted_by.name,
        "when": date_format(timezone.localtime(report.submitted_at), "DATETIME_FORMAT"),
    }


def _refuse_withdrawn(log: ServiceLog) -> None:
    if log.is_withdrawn:
        raise RuleBroken(_("This log was withdrawn. Log the service anew if it took place."))


def _stored(key: UUID, fingerprint: str) -> Recorded | None:
    """Return the log that the key made before, if there is one; raises ``RecordedDifferently`` for other content."""
    log = ServiceLog.objects.filter(key=key).first()
    if log is None:
        return None
    if log.fingerprint != fingerprint:
        raise RecordedDifferently(log)
    return Recorded(log, is_new=False)


def nobody_in_two_places() -> Any:
    """Give the race that the check in the code lost its message; participations are written within."""
    return constraint_named(
        "participations_never_overlap",
        RuleBroken(
            _("One of the participants was logged in another service of that time a moment ago. Check the list."),
            field="participants",
        ),
    )


def write_parts(log: ServiceLog, parts: Iterable[Part], *, counted: bool = False) -> None:
    """Write who took part in the log; counted at once where its month has been read already."""
    Participation.objects.bulk_create(
        Participation(
            log=log,
            volunteer=part.volunteer,
            team_id=log.team_id,
            minutes=part.minutes,
            is_helper=part.is_helper,
            date=log.date,
            starts_at=log.starts_at,
            ends_at=log.ends_at,
            counted=counted,
        )
        for part in parts
    )


def stored_parts(log: ServiceLog) -> list[Part]:
    """Return who took part in the log as it is, by the volunteers' keys."""
    return [
        Part(each.volunteer, each.minutes, each.is_helper)
        for each in log.participations.select_related("volunteer").order_by("volunteer_id")
    ]


def parts_in_words(parts: Iterable[Part]) -> str:
    """Name the participants for the audit trail: numbers and minutes say it, names would only repeat them."""
    return ", ".join(f"{part.volunteer.number}{'*' if part.is_helper else ''}: {part.minutes}" for part in parts)
