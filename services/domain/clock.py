"""三个时钟: answered, arrived, resolved, each measured from the asking, without the time the resident was waited for.

The functions change the fields of a request that the caller has locked and will save. They run round the clock: a
request of the evening is answered in the evening. A clock that was met stays met: the first time counts, also when the
request goes to another team. What lies before it is met with it: who arrives has answered.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from services.domain.deadline import minutes_for
from services.models import HelpRequest


class Clock(StrEnum):
    """What is measured; the values are the beginnings of the fields' names."""

    ANSWER = "answer"
    ARRIVE = "arrive"
    RESOLVE = "resolve"


# Which field says when a clock was met; that of the last one is set by whatever settles the request.
MET_AT = {Clock.ANSWER: "answered_at", Clock.ARRIVE: "arrived_at", Clock.RESOLVE: "closed_at"}


def start(request: HelpRequest) -> None:
    """Let the clocks of a new request, or of one whose urgency has changed, run from the asking.

    The last one of a request that was reopened runs from then.
    """
    minutes = minutes_for(request.township_id, request.urgency)
    waited = timedelta(seconds=request.waited_seconds)
    for clock in Clock:
        if not is_met(request, clock):
            begun = request.reopened_at if clock == Clock.RESOLVE and request.reopened_at else request.asked_at
            _set_due(request, clock, begun + timedelta(minutes=getattr(minutes, clock)) + waited)
    renew_due(request)


def is_met(request: HelpRequest, clock: Clock) -> bool:
    """Whether what the clock measures has happened."""
    return getattr(request, f"{clock}_minutes") is not None


def meet(request: HelpRequest, clock: Clock, at: datetime) -> None:
    """Put down that what the clock measures happened ``at``, and what lies before it at the latest then.

    Whoever acts waits for the resident no longer: standing clocks run again.
    """
    go_on(request, at)
    for each in Clock:
        if not is_met(request, each):
            at = max(at, request.asked_at, request.answered_at or at)
            waited = timedelta(seconds=request.waited_seconds)
            taken = max(timedelta(), at - request.asked_at - waited)
            setattr(request, f"{each}_minutes", int(taken.total_seconds()) // 60)
            if each != Clock.RESOLVE:
                setattr(request, MET_AT[each], at)
        if each == clock:
            break
    renew_due(request)


def forget(request: HelpRequest, clock: Clock) -> None:
    """Take back that the clock was met, said by mistake a moment ago: its deadline holds again as it did."""
    setattr(request, f"{clock}_minutes", None)
    setattr(request, MET_AT[clock], None)
    renew_due(request)


def hold(request: HelpRequest, now: datetime) -> None:
    """Stop the clocks: the resident is waited for."""
    if request.waiting_since is None:
        request.waiting_since = now
    renew_due(request)


def go_on(request: HelpRequest, now: datetime) -> None:
    """Let stopped clocks run again: the deadlines that are still to be met move on by the wait."""
    if request.waiting_since is not None:
        waited = max(timedelta(), now - request.waiting_since)
        request.waited_seconds += int(waited.total_seconds())
        request.waiting_since = None
        for clock in Clock:
            if not is_met(request, clock):
                _set_due(request, clock, due_of(request, clock) + waited)
    renew_due(request)


def stop(request: HelpRequest, now: datetime) -> None:
    """Stop the clocks for good: the request, whose state the caller has set, is settled."""
    go_on(request, now)


def run_again(request: HelpRequest, now: datetime) -> None:
    """Let the last clock of a request that is open again run anew from ``now``; the first two stay met."""
    request.resolve_minutes = None
    minutes = minutes_for(request.township_id, request.urgency)
    _set_due(request, Clock.RESOLVE, now + timedelta(minutes=minutes.resolve))
    renew_due(request)


def due_of(request: HelpRequest, clock: Clock) -> datetime:
    """Return by when the clock is to be met."""
    due: datetime = getattr(request, f"{clock}_due_at")
    return due


def renew_due(request: HelpRequest) -> None:
    """Name the earliest deadline that is still to be met; none while the resident is waited for or it is settled."""
    if not request.is_open or request.waiting_since is not None:
        request.due_at = None
        return
    request.due_at = min(due_of(request, clock) for clock in Clock if not is_met(request, clock))


def _set_due(request: HelpRequest, clock: Clock, due: datetime) -> None:
    setattr(request, f"{clock}_due_at", due)
