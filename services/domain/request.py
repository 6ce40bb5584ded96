"""Somebody asks for help: noted, resolved by a service, or settled without one: referred, unsolved or withdrawn.

A request's lock comes after the reports' and before the volunteers': round, team, reports, log, request, volunteers.
Nothing that holds a request's lock waits for one that comes before it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from areas.models import Village
from common.rules import RuleBroken
from grids.models import Grid, Team
from services.domain.clock import Clock, meet, renew_due, start, stop
from services.domain.custody import refuse_while_out
from services.domain.holder import HasItNow
from services.domain.request_notices import Notice, tell
from services.domain.step import Actor, Kind, note
from services.models import HelpRequest, ServiceCategory, ServiceLog
from services.models.request import ANONYMISED, TEXT_LIMITS, code_of, hash_of, phone_key_of, place_key_of

State = HelpRequest.State
Channel = HelpRequest.Channel
Urgency = HelpRequest.Urgency

# What a refused step says: where the request stands, and what can be done.
STANDS = {
    State.RESOLVED: gettext_lazy(
        "A service has been logged for this request already. Look at that log; "
        "a further service is logged without the request."
    ),
    State.REFERRED: gettext_lazy(
        "This request was referred to the competent office. "
        "If there was a service after all, log it without the request."
    ),
    State.UNSOLVED: gettext_lazy(
        "This request was closed as one that could not be solved. "
        "If there was a service after all, log it without the request."
    ),
    State.WITHDRAWN: gettext_lazy(
        "This request was withdrawn. If there was a service after all, log it without the request."
    ),
}


class AskedDifferently(RuleBroken):
    """The form was sent before, with other content: ``request`` is what was stored then."""

    def __init__(self, request: HelpRequest) -> None:
        """Take the request that was stored."""
        super().__init__(
            _("This form was saved before, with other content. Look at what was saved, and close it there if need be."),
            code="asked_differently",
        )
        self.request = request


@dataclass(frozen=True)
class Opened:
    """The request that a form made, and whether it was this sending that made it."""

    request: HelpRequest
    is_new: bool


@event
def open_request(
    *,
    key: UUID,
    team: Team | None = None,
    caller: str,
    content: str,
    phone: str = "",
    place: str = "",
    channel: str = Channel.PHONE,
    category: ServiceCategory | None = None,
    urgency: str = Urgency.NORMAL,
    village: Village | None = None,
    grid: Grid | None = None,
    found_on: ServiceLog | None = None,
    by: User | None,
) -> Opened:
    """Note what somebody asks for, once for each ``key``, however often the form arrives, and start its clocks.

    It goes to ``team``; where none is named, to the active team of the ``grid`` at once; otherwise the office of the
    village's township has it. Village and grid follow from the team where they are not named. From the public page
    it is recorded by nobody.
    Raises ``AskedDifferently`` when the key came with other content before, ``RuleBroken`` with the field otherwise.
    """
    asked = HelpRequest(
        key=key,
        team=team,
        caller=caller,
        phone=phone,
        place=place,
        channel=channel,
        content=content,
        category=category,
        urgency=urgency,
        village=village,
        grid=grid,
        found_on=found_on,
    )
    refuse_senseless(asked)
    if asked.is_from_page != (by is None):
        raise RuleBroken(_("Choose how it came."), field="channel")
    if team is None and grid is not None:
        team = grid.teams.active().first()
    team = Team.locked(team.pk) if team is not None else None
    if asked.team is None and team is not None and team.state != Team.State.ACTIVE:
        team = None  # it served the grid until a moment ago
    _place(asked, team)
    stored = _stored(asked)
    if stored is not None:
        return stored
    if team is not None and team.state == Team.State.DISSOLVED:
        raise RuleBroken(_("This team has been dissolved. Choose the team that serves the grid now."), field="team")
    asked.recorded_by = by
    start(asked)
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        # The same key for another team came at the same moment: another lock, so the database decided.
        stored = _stored(asked)
        if stored is None:
            raise
        return stored
    note_asked(asked)
    tell(asked, Notice.NEW if asked.team is not None else Notice.NO_TEAM, is_first=True, by=by)
    return Opened(asked, is_new=True)


def _place(asked: HelpRequest, team: Team | None) -> None:
    """Say whose the new request is and where it came from, and derive the keys by which it is found."""
    if team is None and asked.village_id is None:
        raise RuleBroken(_("Choose the team."), field="team")
    asked.team = team
    asked.handed_at = asked.asked_at if team is not None else None
    if team is not None and asked.village_id is None:
        asked.village, asked.grid = team.grid.village, asked.grid or team.grid
    asked.township_id = team.township_id if team is not None else asked.village.township_id
    asked.phone_key, asked.place_key = phone_key_of(asked.phone), place_key_of(asked.place)
    asked.code_hash = hash_of(code_of(asked.key))


def note_asked(asked: HelpRequest) -> None:
    """Begin the time line of a request that was stored a moment ago."""
    note(asked, Kind.ASKED, by=asked.recorded_by, text=asked.content, at=asked.asked_at)
    if asked.team is not None:
        note(asked, Kind.DISPATCHED, by=asked.recorded_by, actor=Actor.SYSTEM, team=asked.team, at=asked.asked_at)


@event
def refer_request(
    request: HelpRequest, *, referred_to: str, reason: str = "", version: int | None = None, by: User
) -> HelpRequest:
    """Refer an open request to the competent office, which is named; that is an answer, but not a solution."""
    referred_to = said(referred_to, "referred_to", _("Name the office that is competent."))
    if len(reason.strip()) > TEXT_LIMITS["outcome"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["outcome"]}, field="reason")
    request = locked_open(request, version)
    meet(request, Clock.ANSWER, timezone.now())
    request.referred_to = referred_to
    _settle(request, State.REFERRED, reason.strip())
    note(request, Kind.REFERRED, by=by, text=referred_to)
    return request


@event
def fail_request(request: HelpRequest, *, reason: str, version: int | None = None, by: User) -> HelpRequest:
    """Close an open request that cannot be solved, with the reason.

    Raises ``HasItNow`` when the request has changed since its page, of ``version``, was opened.
    """
    reason = said(reason, "reason", _("Say why it cannot be solved."), limit=TEXT_LIMITS["outcome"])
    request = locked_open(request, version)
    meet(request, Clock.ANSWER, timezone.now())
    _settle(request, State.UNSOLVED, reason)
    note(request, Kind.UNSOLVED, by=by, text=reason)
    return request


@event
def withdraw_request(
    request: HelpRequest, *, reason: str = "", version: int | None = None, by: User | None
) -> HelpRequest:
    """Close an open request because the resident needs nothing any more; ``by`` nobody: they said so on their page."""
    if len(reason.strip()) > TEXT_LIMITS["outcome"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["outcome"]}, field="reason")
    request = locked_open(request, version)
    refuse_while_out(request, is_resident=by is None)
    _settle(request, State.WITHDRAWN, reason.strip())
    note(request, Kind.WITHDRAWN, by=by, text=reason.strip())
    return request


def locked_open(seen: HelpRequest, version: int | None = None) -> HelpRequest:
    """Lock an open request for whoever acts on it; refuse one that is settled.

    Raises ``HasItNow``, which names who has it, when it changed hands since it was ``seen``, or has changed in any way
    since the page, of ``version``, was opened.
    """
    request = HelpRequest.locked(seen.pk)
    refuse_settled(request)
    if request.team_id != seen.team_id or version not in (None, request.version - 1):  # locking has counted it up
        raise HasItNow(request)
    return request


def _settle(request: HelpRequest, state: HelpRequest.State, reason: str) -> None:
    """Close the locked request without a service."""
    refuse_while_out(request)
    now = timezone.now()
    request.state, request.closed_at, request.outcome = state, now, reason
    stop(request, now)
    request.save()


def said(text: str, field: str, missing: str, *, limit: int | None = None) -> str:
    """Return the text without blanks around it; refuse none, and one that is too long."""
    text, limit = text.strip(), limit or TEXT_LIMITS[field]
    if not text:
        raise RuleBroken(missing, field=field)
    if len(text) > limit:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": limit}, field=field)
    return text


@event
def show_phone(request: HelpRequest, *, by: User) -> str:
    """Return the caller's phone number in full, and record who looked."""
    record([request], AuditEntry.Action.ACCESS, {})
    return request.phone


# --- For the events of logs, under their locks -----------------------------------------------------------


def locked_for_service(request: HelpRequest, team: Team) -> HelpRequest:
    """Lock the request that a service of ``team`` is to answer; refuse another team's, and one that waits no longer.

    One that is not stored yet, a call that was answered at once, is only made ready to be.
    """
    if request.pk is None:
        if HelpRequest.objects.filter(key=request.key).exists():
            raise RuleBroken(_("This form was used for a request already. Open it anew."), code="key")
        _place(request, team)
        start(request)
        return request
    request = HelpRequest.locked(request.pk)
    if request.team_id is None and request.possible_teams.filter(pk=team.pk).exists():
        request.team, request.handed_at = team, timezone.now()  # whoever does it has it
    if request.team_id != team.pk:
        raise RuleBroken(_("This request went to another team. Log the service for that team."), field="team")
    refuse_settled(request)
    return request


def resolve(request: HelpRequest, *, served_at: datetime, category: ServiceCategory, by: User) -> HelpRequest:
    """Put down that a service, which began at ``served_at``, answers the request that was locked for it.

    Whoever served had arrived by then, and answered, unless a tap said so before.
    """
    refuse_while_out(request)
    is_new, now = request.pk is None, timezone.now()
    if is_new:
        request.recorded_by = by
    request.category = request.category or category
    meet(request, Clock.ARRIVE, min(served_at, now))
    request.state, request.closed_at = State.RESOLVED, now
    meet(request, Clock.RESOLVE, now)
    request.save()
    if is_new:
        note_asked(request)
    note(request, Kind.RESOLVED, by=by, team=request.team, at=now)
    return request


def reopen_unserved(log: ServiceLog, *, by: User) -> None:
    """Let the request of a log, just withdrawn, wait again unless another service stands for it.

    The office of the township has it then where its team has been dissolved meanwhile. A deadline that is missed is
    told anew.
    """
    if log.request_id is None:
        return
    request = HelpRequest.locked(log.request_id)
    if request.state == State.RESOLVED and not request.logs_that_count().exists():
        if request.anonymised_at is not None:  # whose it was nobody knows any more: it cannot wait for a team
            request.state, request.outcome, request.resolve_minutes = State.UNSOLVED, ANONYMISED, None
            request.save()
            note(request, Kind.UNSERVED, by=by)
            return
        request.state, request.closed_at, request.resolve_minutes = State.OPEN, None, None
        request.confirmed_at, request.escalation = None, HelpRequest.Escalation.NONE
        has_nobody = request.team is not None and request.team.state == Team.State.DISSOLVED
        if has_nobody:
            request.team, request.handed_at = None, None
        renew_due(request)
        request.save()
        note(request, Kind.UNSERVED, by=by)
        if has_nobody:
            tell(request, Notice.NO_TEAM, by=by)


def refuse_senseless(asked: HelpRequest) -> None:
    """Refuse what needs no database to be seen: texts that are missing or too long."""
    for name, missing in (("caller", _("Say who asks.")), ("content", _("Say what is asked."))):
        if not getattr(asked, name).strip():
            raise RuleBroken(missing, field=name)
    for name in ("caller", "phone", "content"):
        if len(getattr(asked, name)) > TEXT_LIMITS[name]:
            raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=name)
    if len(asked.place) > TEXT_LIMITS["place"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["place"]}, field="place")
    if asked.urgency not in Urgency:
        raise RuleBroken(_("Choose how soon somebody has to come."), field="urgency")
    if asked.channel not in Channel:
        raise RuleBroken(_("Choose how it came."), field="channel")


def refuse_settled(request: HelpRequest) -> None:
    """Refuse what is only for open requests, saying how this one stands and what to do."""
    if request.state != State.OPEN:
        raise RuleBroken(str(STANDS[State(request.state)]), code="settled")


def _stored(asked: HelpRequest) -> Opened | None:
    """Return what the key made before, if there is something; raises ``AskedDifferently`` for other content."""
    request = HelpRequest.objects.filter(key=asked.key).first()
    if request is None:
        return None
    if said_by(request) != said_by(asked):
        raise AskedDifferently(request)
    return Opened(request, is_new=False)


def said_by(request: HelpRequest) -> list[object]:
    """Return what the person said: equal for two sendings of the same content. Who has it by now is not among it."""
    where = [request.village_id, request.grid_id, request.place]
    return [*where, request.caller, request.phone, str(request.channel), request.content]
