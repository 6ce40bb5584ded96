"""The three clocks on the page of a request: by when each was to be met, what became of it, and the wait."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rights import Right
from common import spans
from services.clock_words import CLOCKS, MEASURED, WITHOUT_WAITING, Left, left_until, urgency_badge, waiting_for
from services.domain.clock import MET_AT, Clock, due_of, is_met
from services.domain.waiting import too_long_since
from services.forms.waiting import HoldForm
from services.models import HelpRequest, RequestStep
from services.request_parts import Context, Section, register


def clocks_of(request: HelpRequest, reader: User) -> Context:
    """Prepare the clocks, and the way to stop them or to let them run again."""
    now = timezone.now()
    may = request.is_open and reader.may(Right.ANSWER_REQUESTS)
    return {
        "urgency": urgency_badge(request.urgency),
        "clocks": [_clock(request, clock, now) for clock in Clock],
        "without_waiting": WITHOUT_WAITING,
        "waiting": _waiting(request, now) if request.is_waiting else None,
        "waited": spans.said(request.waited_seconds // 60, parts=2) if request.waited_seconds >= 60 else "",
        "escalation": HelpRequest.Escalation(request.escalation) if request.is_open and request.escalation else None,
        "hold_form": HoldForm(initial={"version": request.version}) if may and not request.is_waiting else None,
        "may_resume": may and request.is_waiting,
    }


def _clock(request: HelpRequest, clock: Clock, now: datetime) -> dict[str, Any]:
    """Say of one clock what it measures, by when it is to be met, and how it stands."""
    due = due_of(request, clock)
    left = _left(request, clock, due, now)
    return {
        "name": CLOCKS[clock],
        "measured": MEASURED[clock],
        "tone": left.tone,
        "left": left.badge,
        "met": _moment(getattr(request, MET_AT[clock])) if is_met(request, clock) else "",
        "due": _moment(due),
    }


def _left(request: HelpRequest, clock: Clock, due: datetime, now: datetime) -> Left:
    if is_met(request, clock):
        minutes: int = getattr(request, f"{clock}_minutes")
        after = {"span": spans.said(minutes, parts=2)}
        met_at = getattr(request, MET_AT[clock])
        if met_at > due:
            return Left("warn", "clock-alert", _("after %(span)s, late") % after)
        return Left("ok", "circle-check", _("after %(span)s, in time") % after)
    if not request.is_open:
        return Left("neutral", "minus", _("did not happen"))
    if request.is_waiting:
        return Left("info", "circle-pause", _("stands still"))
    return left_until(due, now, request.asked_at)


def _waiting(request: HelpRequest, now: datetime) -> dict[str, Any]:
    since: datetime = request.waiting_since  # type: ignore[assignment]  # it waits
    step = request.steps.filter(kind=RequestStep.Kind.WAITING).order_by("-at", "-id").first()
    minutes = int((now - since) / timedelta(minutes=1))
    is_too_long = since < too_long_since(now)
    return {
        "since": _moment(since),
        "badge": waiting_for(minutes, is_too_long=is_too_long).badge,
        "is_too_long": is_too_long,
        "reason": step.text if step else "",
    }


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")


def register_all() -> None:
    """Put the clocks onto the page of a request."""
    register(
        Section(
            "clocks",
            gettext_lazy("Three clocks"),
            "services/request/parts/_clocks.html",
            clocks_of,
            10,
            Right.VIEW_REQUESTS,
        )
    )
