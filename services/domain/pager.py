"""传呼: a team's leader answers a request by taps: received, on the way, arrived. Resolved is said by a service log.

Each tap is one event under the request's lock and may come any number of times: the first counts. A tap by mistake is
taken back within some minutes; later it stays, as whatever else stands on the time line.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Min, Q, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from common.wording import sentences
from grids.models import Team
from services.domain import clock
from services.domain.clock import Clock
from services.domain.holder import holder_of
from services.domain.request import refuse_settled
from services.domain.step import Kind, note
from services.models import HelpRequest, RequestStep
from services.models.request import HelpRequestQuerySet

# How long a tap may be taken back; afterwards others have acted on it.
REVOCABLE = timedelta(minutes=10)
# The code of a refusal because somebody else has the request now.
ELSEWHERE = "elsewhere"
# What each tap puts down, and what its button says, in the order in which a team takes them.
TAPS = {"answer": "answered_at", "set_out": "set_out_at", "arrive": "arrived_at"}
LABELS = {
    "answer": pgettext_lazy("pager", "Received"),
    "set_out": pgettext_lazy("pager", "On the way"),
    "arrive": pgettext_lazy("pager", "Arrived"),
    "resolve": pgettext_lazy("pager", "Resolved"),
}


@event
def answer_request(request: HelpRequest, *, by: User) -> HelpRequest:
    """收到: the team has read the request and takes it."""
    request = held_by_team(request)
    if request.answered_at is None:
        now = timezone.now()
        clock.meet(request, Clock.ANSWER, now)
        _keep(request, Kind.ANSWERED, at=now, by=by)
    return request


@event
def set_out(request: HelpRequest, *, by: User) -> HelpRequest:
    """在路上: somebody of the team is on the way; whoever sets out has received it."""
    request = held_by_team(request)
    if request.set_out_at is None and request.arrived_at is None:
        request.set_out_at = timezone.now()
        clock.meet(request, Clock.ANSWER, request.set_out_at)
        _keep(request, Kind.SET_OUT, at=request.set_out_at, by=by)
    return request


@event
def arrive(request: HelpRequest, *, by: User) -> HelpRequest:
    """已到: somebody of the team is at the door; whoever arrives has received it."""
    request = held_by_team(request)
    if request.arrived_at is None:
        now = timezone.now()
        clock.meet(request, Clock.ARRIVE, now)
        _keep(request, Kind.ARRIVED, at=now, by=by)
    return request


TAKE: dict[str, Callable[..., HelpRequest]] = {"answer": answer_request, "set_out": set_out, "arrive": arrive}


def tap(request: HelpRequest, name: str, *, by: User) -> HelpRequest:
    """Take the tap called ``name``. There is none for "resolved": that is said by the service log alone."""
    if name == "resolve":
        raise RuleBroken(
            _("A request is resolved by a service log, never without one. Log the service: most of it is filled in.")
        )
    if name not in TAKE:
        raise RuleBroken(_("Choose one of the buttons of the request."))
    return TAKE[name](request, by=by)


@event
def take_tap_back(request: HelpRequest, name: str, *, by: User) -> HelpRequest:
    """Take the tap called ``name`` back, with what it put down at the same moment: the clocks run as before it.

    Named as the person saw it, so that pressed twice it leaves the tap before it alone.
    """
    request = held_by_team(request)
    if name not in TAPS:
        raise RuleBroken(_("Choose one of the buttons of the request."))
    moment = getattr(request, TAPS[name])
    if moment is None:  # it was taken back already
        return request
    if revocable(request, timezone.now()) != name:
        raise RuleBroken(
            _(
                "“%(tap)s” stays: only the last step can be taken back, within %(minutes)s minutes. "
                "Write on the page of the request what was different."
            )
            % {"tap": LABELS[name], "minutes": int(REVOCABLE.total_seconds()) // 60}
        )
    if request.set_out_at == moment:
        request.set_out_at = None
    if request.arrived_at == moment:
        clock.forget(request, Clock.ARRIVE)
    if request.answered_at == moment:
        clock.forget(request, Clock.ANSWER)
    _keep(request, Kind.CHANGED, at=timezone.now(), by=by, text=_("Taken back: %(tap)s") % {"tap": LABELS[name]})
    return request


def revocable(request: HelpRequest, now: datetime) -> str:
    """Return the last tap while it may be taken back, else nothing: not what a former team put down."""
    taken = [(moment, name) for name, field in TAPS.items() if (moment := getattr(request, field)) is not None]
    last = max((moment for moment, _name in taken), default=None)
    if last is None or last <= max(request.asked_at, request.handed_at or last) or now - last > REVOCABLE:
        return ""
    return [name for moment, name in taken if moment == last][-1]


def next_tap(request: HelpRequest) -> str:
    """Return what the team says next; once somebody has arrived that is the service log."""
    if request.arrived_at is not None:
        return "resolve"
    if request.set_out_at is not None:
        return "arrive"
    return "answer" if request.answered_at is None else "set_out"


def held_by_team(seen: HelpRequest) -> HelpRequest:
    """Lock an open request for its team; refuse one that went elsewhere since it was ``seen``, or that is settled."""
    request = HelpRequest.locked(seen.pk)
    if request.team_id != seen.team_id:
        raise RuleBroken(gone_to(request), code=ELSEWHERE)
    if request.team_id is None:
        raise RuleBroken(_("No team has this request. Give it to a team first; then the team says how far it is."))
    refuse_settled(request)
    return request


def gone_to(request: HelpRequest) -> str:
    """Say who has a request that the reader's team had until a moment ago."""
    return sentences([holder_of(request), _("There is nothing left to do here.")])


def _keep(request: HelpRequest, kind: RequestStep.Kind, *, at: datetime, by: User, text: str = "") -> None:
    request.save()
    note(request, kind, by=by, team=request.team, text=text, at=at)


# --- What is shown --------------------------------------------------------------------------------------

# The parts of the pager, in their order.
SECTIONS = {
    "new": Q(waiting_since__isnull=True, answered_at__isnull=True),
    "under_way": Q(waiting_since__isnull=True, answered_at__isnull=False),
    "waiting": Q(waiting_since__isnull=False),
}


def requests_of_teams(user: User, team: Team | None = None) -> HelpRequestQuerySet:
    """Return the open requests that the teams in the user's sight have, or one of them."""
    requests = HelpRequest.objects.visible_to(user).open().filter(team__isnull=False)
    return requests.filter(team=team) if team is not None else requests


def section_of(request: HelpRequest) -> str:
    """Return in which part of the pager an open request stands."""
    if request.waiting_since is not None:
        return "waiting"
    return "new" if request.answered_at is None else "under_way"


def in_turn(requests: HelpRequestQuerySet) -> HelpRequestQuerySet:
    """Put requests in the pager's order: by its parts, in each the nearest deadline first."""
    part = Case(*[When(condition, then=place) for place, condition in enumerate(SECTIONS.values())])
    return requests.order_by(part, F("due_at").asc(nulls_last=True), "asked_at", "id")


def counts_of(requests: HelpRequestQuerySet) -> dict[str, int]:
    """Count the requests of each part."""
    counted: dict[str, int] = requests.order_by().aggregate(
        **{name: Count("pk", filter=condition) for name, condition in SECTIONS.items()}
    )
    return counted


def teams_with_requests(user: User) -> Any:
    """Return the teams in the user's sight that have open requests, with how many; the nearest deadline first."""
    is_open = Q(requests__state=HelpRequest.State.OPEN)
    return (
        Team.objects.visible_to(user)
        .filter(is_open)
        .annotate(
            open_requests=Count("requests", distinct=True),
            new_requests=Count(
                "requests",
                filter=Q(requests__answered_at__isnull=True, requests__waiting_since__isnull=True),
                distinct=True,
            ),
            due_at=Min("requests__due_at"),
        )
        .order_by(F("due_at").asc(nulls_last=True), "id")
    )
