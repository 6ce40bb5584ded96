"""A log of a read month is corrected: asked for by one person, granted by another, and both stay to be read.

The original keeps every word; it only stops standing, and a new log of the same report stands in its place and counts.
So lists, figures, scoring and the rule that nobody is in two places follow without a rule of their own. Lock order:
round, team, report, log, correction, volunteers by key. A scored year may be corrected: its evidence stays as it was,
and the difference is shown beside it (``services.domain.difference``).
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken, SavedMeanwhile, constraint_named
from grids.models import Team
from services.domain import rollup
from services.domain.entry import Entry
from services.domain.flags import drop_flags, replace_flags
from services.domain.log import nobody_in_two_places, parts_in_words, stored_parts, write_parts
from services.domain.month import first_day
from services.domain.participants import Part, checked_parts
from services.domain.reasons import conflicts
from services.domain.report import STANDS, said
from services.domain.request import reopen_unserved
from services.domain.visit_plan import carry_visit_over
from services.models import (
    Correction,
    MonthlyReport,
    RecognitionRound,
    ReportContributor,
    ServiceCategory,
    ServiceLog,
)
from services.models.correction import TEXT_LIMITS
from services.models.log import TEXT_LIMITS as LOG_LIMITS
from volunteers.models import Volunteer

State, Kind = Correction.State, Correction.Kind


@dataclass(frozen=True)
class Held:
    """What is locked while a log of a read month is looked at: its round, team, report and the log itself."""

    rounds: list[RecognitionRound]
    team: Team
    report: MonthlyReport
    log: ServiceLog


@event
def ask_change(
    log: ServiceLog,
    *,
    key: UUID,
    reason: str,
    date: datetime.date,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    category: ServiceCategory,
    recipient: str,
    content: str,
    participants: Mapping[int, int | None],
    place: str = "",
    people_served: int = 1,
    version: int | None = None,
    by: User,
) -> Correction:
    """Ask that a log of a read month say something else; team and month stay. The same ``key`` asks once.

    What is asked for is checked like a service that is logged, now and again when it is granted.
    """
    reason = said(reason, "reason", _("Say why it is to be corrected."))
    stored = Correction.objects.filter(key=key, log=log).first()
    if stored is not None:
        return stored
    entry = Entry(date, starts_at, ends_at, category, recipient, content, place, people_served, participants)
    entry.refuse_senseless()
    held = _held(log, version=version)
    _refuse_unless_standing(held.report, held.log, by)
    if first_day(date) != held.report.month:
        raise RuleBroken(
            _("A correction stays within its month. Strike this log, and log the service in the right month."),
            field="date",
        )
    parts = _checked(held, entry, by)
    if not differs(held.log, entry, parts):
        raise RuleBroken(_("Nothing was changed: there is nothing to correct."))
    pairs = [[part.volunteer.pk, part.minutes] for part in parts]
    values = {name: value for name, value in entry.fields().items() if name != "minutes"}
    return _ask(held, Correction(key=key, kind=Kind.CHANGE, reason=reason, participants=pairs, **values), by)


@event
def ask_strike(log: ServiceLog, *, key: UUID, reason: str, version: int | None = None, by: User) -> Correction:
    """Ask that a log of a read month no longer count, because the service did not take place."""
    reason = said(reason, "reason", _("Say why it is to be corrected."))
    stored = Correction.objects.filter(key=key, log=log).first()
    if stored is not None:
        return stored
    held = _held(log, version=version)
    _refuse_unless_standing(held.report, held.log, by)
    return _ask(held, Correction(key=key, kind=Kind.STRIKE, reason=reason), by)


@event
def take_back_correction(correction: Correction, *, version: int | None = None, by: User) -> Correction:
    """Ask for it no longer; only who asked can."""
    correction = _locked_open(correction, version)
    if correction.asked_by_id != by.pk:
        raise RuleBroken(_("Only %(name)s, who asked for it, can take it back.") % {"name": correction.asked_by.name})
    return _decide(correction, State.TAKEN_BACK)


@event
def refuse_correction(correction: Correction, *, answer: str, version: int | None = None, by: User) -> Correction:
    """Leave the log as it is, saying why."""
    answer = said(answer, "answer", _("Say why it is refused."))
    held = _held(correction.log)
    correction = _locked_open(correction, version)
    _refuse_decider(correction, held.report, by)
    return _decide(correction, State.REFUSED, decided_by=by, answer=answer)


@event
def grant_correction(correction: Correction, *, answer: str = "", version: int | None = None, by: User) -> Correction:
    """Let the original stand no longer, and what was asked for in its place; every figure follows at once.

    All rules of a service that is logged hold now, not only when it was asked: who was in the team, who is elsewhere.
    """
    answer = answer.strip()
    if len(answer) > TEXT_LIMITS["answer"]:
        raise RuleBroken(_("At most 300 characters."), field="answer")
    held = _held(correction.log)
    correction = _locked_open(correction, version)
    _refuse_unless_read(held.report)
    if held.log.is_withdrawn:
        raise SavedMeanwhile
    _refuse_decider(correction, held.report, by)
    parts: list[Part] = []
    if not correction.is_strike:
        entry = entry_of(correction)
        entry.refuse_senseless()
        parts = _checked(held, entry, by)
    scored = next((round_ for round_ in held.rounds if round_.is_frozen), None)
    correction = _decide(correction, State.GRANTED, decided_by=by, answer=answer, round=scored)
    # From here to ``is_applied`` the triggers of the read month let this correction through, and nothing else.
    before = stored_parts(held.log)
    _take_down(held.log, correction)
    if correction.is_strike:
        drop_flags(held.log)
        reopen_unserved(held.log, by=by)
    else:
        correction.result = _put_up(held, entry, parts, correction)
        replace_flags(held.log, correction.result)
        carry_visit_over(held.log, correction.result)
        record(
            [correction.result],
            AuditEntry.Action.UPDATE,
            {"participants": (parts_in_words(before), parts_in_words(parts))},
        )
    correction.is_applied = True
    correction.save(update_fields=["result", "is_applied"])
    return correction


# --- What others ask ----------------------------------------------------------------------------------


def entry_of(correction: Correction) -> Entry:
    """Return what the log should say; the correction is no strike."""
    names = ("date", "starts_at", "ends_at", "category", "recipient", "content", "place", "people_served")
    values: dict[str, Any] = {name: getattr(correction, name) for name in names}
    return Entry(**values, participants=dict(correction.participants))


def differs(log: ServiceLog, entry: Entry, parts: list[Part]) -> bool:
    """Whether the entry says anything that the log does not."""
    has_changed = any(getattr(log, name) != value for name, value in entry.fields().items())
    return has_changed or [(part.volunteer.pk, part.minutes) for part in parts] != [
        (part.volunteer.pk, part.minutes) for part in stored_parts(log)
    ]


def why_not_ask(log: ServiceLog, by: User) -> str:
    """Say why ``by`` cannot ask for a correction of the log, nothing if they can; asking looks again, locked."""
    try:
        _refuse_unless_standing(log.report, log, by)
    except RuleBroken as broken:
        return str(broken.message)
    return ""


def why_not_decide(correction: Correction, by: User) -> str:
    """Say why ``by`` may not decide on the correction, nothing if they may: nobody decides on their own work."""
    if correction.asked_by_id == by.pk:
        return _("You asked for this correction: somebody else decides on it.")
    own = conflicts([correction.log.report_id], by).get(correction.log.report_id)
    if own is not None:
        return str(own)
    people = [pk for pk, _minutes in correction.participants]
    if Volunteer.objects.filter(pk__in=people, user=by).exists():
        return _("By this correction you took part in the service: somebody else decides on it.")
    return ""


# --- The steps ------------------------------------------------------------------------------------------


def _held(log: ServiceLog, *, version: int | None = None) -> Held:
    rounds = RecognitionRound.held({log.date.year})
    team = Team.locked(log.team_id)
    report = MonthlyReport.locked(log.report_id)
    locked = ServiceLog.locked(log.pk, version=version)
    if locked.report_id != report.pk:
        raise SavedMeanwhile  # the month was reopened, and the log has moved to another one
    return Held(rounds, team, report, locked)


def _refuse_unless_read(report: MonthlyReport) -> None:
    if report.state != MonthlyReport.State.READ:
        raise RuleBroken(str(STANDS[MonthlyReport.State(report.state)]), code="not_read")


def _refuse_unless_standing(report: MonthlyReport, log: ServiceLog, by: User) -> None:
    """Refuse a log of a month that was not read, that no longer stands, or that is asked about already."""
    _refuse_unless_read(report)
    if log.is_withdrawn:
        if log.corrections.granted().exists():
            raise RuleBroken(
                _("This log has been corrected already. Look at what stands in its place."), code="superseded"
            )
        raise RuleBroken(_("This log was withdrawn: it does not count, so there is nothing to correct."))
    if log.corrections.asked().exists():
        raise _asked_already()
    if report.reviewed_by_id == by.pk:
        raise RuleBroken(_("You have read this month yourself: somebody else asks for its corrections."))


def _checked(held: Held, entry: Entry, by: User) -> list[Part]:
    """Hold the entry against all rules of a service, as if it were logged now; the original is not in its way."""
    if entry.category.is_retired and entry.category.pk != held.log.category_id:
        raise RuleBroken(_("This category is no longer used. Choose another one."), field="category")
    _refuse_reader(held.report, entry)
    return checked_parts(entry, held.team, by=by, besides=held.log)


def _refuse_reader(report: MonthlyReport, entry: Entry) -> None:
    """Refuse to make a participant of who read the month: nobody has read what they took part in."""
    if Volunteer.objects.filter(pk__in=entry.participants, user=report.reviewed_by_id).exists():
        raise RuleBroken(
            _("%(name)s has read this month and cannot have taken part in it. Ask a reviewer to reopen the month.")
            % {"name": report.reviewed_by.name},  # type: ignore[union-attr]  # a read month has a reader
            field="participants",
        )


def _refuse_decider(correction: Correction, report: MonthlyReport, by: User) -> None:
    why = why_not_decide(correction, by)
    if why:
        raise RuleBroken(why, code="conflict")


def _ask(held: Held, correction: Correction, by: User) -> Correction:
    correction.log, correction.asked_by = held.log, by
    with constraint_named("correction_one_asked", _asked_already()):
        correction.save(force_insert=True)
    # Whoever asks has a hand in the month from now on, whatever is decided.
    ReportContributor.note([held.report], by)
    return correction


def _asked_already() -> RuleBroken:
    return RuleBroken(
        _("A correction of this log has been asked for already. It can be taken back, and asked for anew."),
        code="asked",
    )


def _locked_open(correction: Correction, version: int | None) -> Correction:
    """Lock the correction and refuse it unless it still waits; ``SavedMeanwhile`` refuses an older page's."""
    locked = Correction.locked(correction.pk)
    if not locked.is_open:
        raise RuleBroken(
            _("This correction was decided already: %(state)s.") % {"state": locked.get_state_display()},
            code="decided",
        )
    if version not in (None, locked.version - 1):  # locking has counted it up already
        raise SavedMeanwhile
    return locked


def _decide(correction: Correction, state: str, **fields: object) -> Correction:
    correction.state, correction.decided_at = state, timezone.now()
    for name, value in fields.items():
        setattr(correction, name, value)
    correction.save(update_fields=["state", "decided_at", "version", *fields])
    return correction


def _take_down(log: ServiceLog, correction: Correction) -> None:
    """Let the original stand no longer; nothing else of it changes."""
    rollup.subtract_log(log)
    log.is_withdrawn = True
    log.withdrawn_reason = correction.reason[: LOG_LIMITS["withdrawn_reason"]]
    log.save(update_fields=["is_withdrawn", "withdrawn_reason", "version"])
    log.participations.update(is_withdrawn=True, counted=False)


def _put_up(held: Held, entry: Entry, parts: list[Part], correction: Correction) -> ServiceLog:
    """Write the corrected log into the same read month. It was first written down when the original was."""
    result = ServiceLog(
        key=uuid5(correction.key, "result"),
        fingerprint=entry.fingerprint(held.team, held.log.request),
        team=held.team,
        township_id=held.log.township_id,
        report=held.report,
        request_id=held.log.request_id,
        corrects=held.log,
        recorded_by=correction.asked_by,
        recorded_at=held.log.recorded_at,
        changed_at=correction.decided_at,
        **entry.fields(),
    )
    with nobody_in_two_places():
        result.save(force_insert=True)
        write_parts(result, parts, counted=True)
    rollup.add_log(result)
    return result
