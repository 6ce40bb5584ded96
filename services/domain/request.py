"""Somebody asks a team for help: noted, answered by a service, or closed without one.

A request's lock comes after the reports' and before the volunteers': round, team, reports, log, request, volunteers.
Nothing that holds a request's lock waits for one that comes before it.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import event, record
from accounts.domain.reminder import settle_reminders
from accounts.models import AuditEntry, User
from areas.models import Village
from common.rules import RuleBroken, SavedMeanwhile
from grids.models import Grid, Team
from services.models import HelpRequest, ServiceLog
from services.models.request import TEXT_LIMITS, code_of, hash_of

State = HelpRequest.State
Channel = HelpRequest.Channel

# What a refused step says: where the request stands, and what can be done.
STANDS = {
    State.RESOLVED: gettext_lazy(
        "A service has been logged for this request already. Look at that log; "
        "a further service is logged without the request."
    ),
    State.CLOSED: gettext_lazy(
        "This request was closed without a service. If there was one after all, log it without the request."
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
    team: Team | None,
    caller: str,
    content: str,
    phone: str = "",
    channel: str = Channel.PHONE,
    village: Village | None = None,
    grid: Grid | None = None,
    by: User | None,
) -> Opened:
    """Note what somebody asks ``team`` for, once for each ``key``, however often the form arrives.

    From the public page it is recorded by nobody, and has a village, a grid if it is known, and no team where the
    township is to choose one. Raises ``AskedDifferently`` when the key came with other content before, ``RuleBroken``
    with the field otherwise.
    """
    asked = HelpRequest(
        key=key, team=team, caller=caller, phone=phone, channel=channel, content=content, village=village, grid=grid
    )
    refuse_senseless(asked)
    if asked.is_from_page != (by is None):
        raise RuleBroken(_("Choose how it came."), field="channel")
    if team is not None:
        team = Team.locked(team.pk)
    stored = _stored(asked)
    if stored is not None:
        return stored
    if team is not None and team.state == Team.State.DISSOLVED:
        raise RuleBroken(_("This team has been dissolved. Choose the team that serves the grid now."), field="team")
    place = team or village
    if place is None:
        raise RuleBroken(_("Choose the team."), field="team")
    asked.township_id, asked.recorded_by = place.township_id, by
    asked.code_hash = hash_of(code_of(key)) if by is None else None
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError:
        # The same key for another team came at the same moment: another lock, so the database decided.
        stored = _stored(asked)
        if stored is None:
            raise
        return stored
    return Opened(asked, is_new=True)


@event
def hand_to_team(request: HelpRequest, *, team: Team, version: int | None = None, by: User) -> HelpRequest:
    """Give a request that came without a team to one of its township."""
    team = Team.locked(team.pk)
    if team.state == Team.State.DISSOLVED:
        raise RuleBroken(_("This team has been dissolved. Choose the team that serves the grid now."), field="team")
    request = HelpRequest.locked(request.pk)
    _refuse_settled(request)
    if request.team_id is not None:
        raise RuleBroken(_("Somebody has given this request to a team already. Look at it once more."), field="team")
    if version not in (None, request.version - 1):  # locking has counted it up already
        raise SavedMeanwhile
    if not request.possible_teams.filter(pk=team.pk).exists():
        raise RuleBroken(_("Choose a team of the township that the request came to."), field="team")
    request.team = team
    request.save()
    settle_reminders([reminder_key(request.pk)])
    return request


def reminder_key(pk: int) -> str:
    """Return what the reminder of a request that has no team yet is known by."""
    return f"request:{pk}"


@event
def close_request(request: HelpRequest, *, reason: str, version: int | None = None, by: User) -> HelpRequest:
    """Close an open request without a service, with the reason.

    Raises ``SavedMeanwhile`` when the request has changed since its page, of ``version``, was opened.
    """
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why it is closed without a service."), field="reason")
    if len(reason) > TEXT_LIMITS["outcome"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["outcome"]}, field="reason")
    request = HelpRequest.locked(request.pk)
    _refuse_settled(request)
    if version not in (None, request.version - 1):  # locking has counted it up already
        raise SavedMeanwhile
    request.state, request.closed_at, request.outcome = State.CLOSED, timezone.now(), reason
    request.save()
    settle_reminders([reminder_key(request.pk)])
    return request


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
        request.township_id = team.township_id
        return request
    request = HelpRequest.locked(request.pk)
    if request.team_id is None and request.possible_teams.filter(pk=team.pk).exists():
        request.team = team  # whoever does it has it
    if request.team_id != team.pk:
        raise RuleBroken(_("This request went to another team. Log the service for that team."), field="team")
    _refuse_settled(request)
    return request


def resolve(request: HelpRequest, *, by: User) -> HelpRequest:
    """Put down that a service answers the request, which ``locked_for_service`` has returned."""
    if request.pk is None:
        request.recorded_by = by
    request.state, request.closed_at = State.RESOLVED, timezone.now()
    request.save()
    settle_reminders([reminder_key(request.pk)])
    return request


def reopen_unserved(log: ServiceLog) -> None:
    """Let the request of a log, just withdrawn, wait again unless another service stands for it."""
    if log.request_id is None:
        return
    request = HelpRequest.locked(log.request_id)
    if request.state == State.RESOLVED and not request.logs.standing().exists():
        request.state, request.closed_at = State.OPEN, None
        request.save()


def refuse_senseless(asked: HelpRequest) -> None:
    """Refuse what needs no database to be seen: texts that are missing or too long."""
    for name, missing in (("caller", _("Say who asks.")), ("content", _("Say what is asked."))):
        if not getattr(asked, name).strip():
            raise RuleBroken(missing, field=name)
    for name in ("caller", "phone", "content"):
        if len(getattr(asked, name)) > TEXT_LIMITS[name]:
            raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=name)
    if asked.channel not in Channel:
        raise RuleBroken(_("Choose how it came."), field="channel")


def _refuse_settled(request: HelpRequest) -> None:
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
    """Return what the person said: equal for two sendings of the same content."""
    if request.is_from_page:  # which team has it by now is not said by them
        return [request.village_id, request.grid_id, request.caller, request.phone, request.content]
    return [request.team_id, request.caller, request.phone, str(request.channel), request.content]
