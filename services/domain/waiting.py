"""等候居民: while the resident is waited for, a request's clocks stand still. A team's tap or their word ends it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from services.domain.clock import go_on, hold
from services.domain.request import locked_open
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
    request = locked_open(request, version)
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
    request = locked_open(request, version)
    if not request.is_waiting:
        raise RuleBroken(_("The clocks of this request run already. There is nothing to do."), code="runs")
    now = timezone.now()
    go_on(request, now)
    request.save()
    note(request, Kind.RESUMED, by=by, team=request.team, at=now)
    return request


def end_wait(request: HelpRequest, now: datetime) -> None:
    """Let the clocks of a locked request run again because the resident has said a word; the caller saves it."""
    if request.is_waiting:
        go_on(request, now)
        note(request, Kind.RESUMED, actor=Actor.SYSTEM, at=now)
