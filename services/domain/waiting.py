"""等候居民: while the resident is waited for, a request's clocks stand still. A team's tap or their word ends it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from services.domain.clock import go_on, hold
from services.domain.request import STANDS
from services.domain.step import Actor, Kind, note
from services.models import HelpRequest

REASON_LENGTH = 200


def too_long_since(now: datetime) -> datetime:
    """Return since when a resident who is waited for has been waited for too long."""
    return now - timedelta(days=settings.REQUEST_WAITING_DAYS)


@event
def hold_request(request: HelpRequest, *, reason: str, version: int | None = None, by: User) -> HelpRequest:
    """Stop the clocks of an open request: what is needed next is the resident's, and ``reason`` says what."""
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say what the resident is waited for."), field="reason")
    if len(reason) > REASON_LENGTH:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": REASON_LENGTH}, field="reason")
    request = _locked(request, version)
    if request.is_waiting:
        raise RuleBroken(_("The resident is waited for already. Look at what was said."), code="waits")
    now = timezone.now()
    hold(request, now)
    request.save()
    note(request, Kind.WAITING, by=by, team=request.team, text=reason, at=now)
    return request


@event
def resume_request(request: HelpRequest, *, version: int | None = None, by: User) -> HelpRequest:
    """Let the clocks run again: the resident has done what they were waited for, or is waited for no longer."""
    request = _locked(request, version)
    if not request.is_waiting:
        raise RuleBroken(_("The clocks of this request run already. There is nothing to do."), code="runs")
    run_on(request, by=by)
    request.save()
    return request


def _locked(request: HelpRequest, version: int | None) -> HelpRequest:
    request = HelpRequest.locked(request.pk, version=version)
    if not request.is_open:
        raise RuleBroken(str(STANDS[HelpRequest.State(request.state)]), code="settled")
    return request


def run_on(request: HelpRequest, *, by: User | None) -> None:
    """Let the clocks of a locked request run again if they stood still, and say so; the caller saves it.

    For whatever ends a wait: a tap of the team, or a word of the resident (``by`` nobody).
    """
    if request.is_waiting:
        now = timezone.now()
        go_on(request, now)
        note(request, Kind.RESUMED, by=by, actor=Actor.RESIDENT, team=request.team if by else None, at=now)
