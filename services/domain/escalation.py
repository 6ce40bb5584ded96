"""逾期上报: a request that missed a deadline is told to the township, and if nobody mends it to the city.

``escalate_late`` is run every minute and may be run as often as one likes: each office is told once for each deadline
that is missed. After how long is said by the deadlines that hold now (``services.domain.deadline``), also for requests
that came before. Once the deadline is met, or the clocks stand still, nobody waits for it any longer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation

from accounts.audit import event
from accounts.domain.reminder import settle_reminders
from services.domain.deadline import Deadlines, Minutes
from services.domain.request_notices import Notice, notice_key, tell
from services.domain.step import Actor, Kind, note
from services.models import HelpRequest
from services.models.request import HelpRequestQuerySet

Escalation = HelpRequest.Escalation
NOTICES = {Escalation.TOWNSHIP: Notice.ESCALATED_TOWNSHIP, Escalation.CITY: Notice.ESCALATED_CITY}
# So many at a time: the rest waits for the next minute.
BATCH = 500


@dataclass(frozen=True)
class Escalated:
    """How many requests were told to a township and to the city, and of how many the deadline was met since."""

    township: int = 0
    city: int = 0
    met: int = 0

    def __bool__(self) -> bool:
        return bool(self.township or self.city or self.met)


def escalate_late(now: datetime | None = None) -> Escalated:
    """Tell of what is late, and let nobody wait for what is late no more."""
    now, held = now or timezone.now(), Deadlines.read()
    open_requests = HelpRequest.objects.open()
    met = open_requests.exclude(escalation=Escalation.NONE).filter(Q(due_at__isnull=True) | Q(due_at__gte=now))
    settled = sum(forget_escalation(pk, now=now) for pk in _keys(met))
    told = {}
    for level in NOTICES:
        late = open_requests.filter(held.late_for(_span(level), now), escalation__lt=level).order_by("due_at", "id")
        told[level] = sum(escalate_request(pk, level, held=held, now=now) for pk in _keys(late))
    return Escalated(told[Escalation.TOWNSHIP], told[Escalation.CITY], settled)


@event
def escalate_request(pk: int, level: Escalation, *, held: Deadlines, now: datetime) -> bool:
    """Tell one office of a request, if it is still late and was not told; return whether it was."""
    request = _locked(pk)
    after = timedelta(minutes=_span(level)(held.of(request.township_id, request.urgency)))
    if request.due_at is None or request.due_at >= now - after or request.escalation >= level:
        return False
    request.escalation = level
    request.save(update_fields=["escalation"])
    note(request, Kind.ESCALATED, actor=Actor.SYSTEM, text=_office(level), at=now)
    tell(request, NOTICES[level])
    return True


@event
def forget_escalation(pk: int, *, now: datetime) -> bool:
    """Let nobody wait for a deadline that was met: the next one that is missed is told anew."""
    request = _locked(pk)
    if request.due_at is not None and request.due_at < now:
        return False
    if request.is_open:
        request.escalation = Escalation.NONE
        request.save(update_fields=["escalation"])
    settle_reminders([notice_key(request, notice) for notice in NOTICES.values()])
    return True


def _keys(requests: HelpRequestQuerySet) -> list[int]:
    return list(requests.values_list("pk", flat=True)[:BATCH])


def _span(level: Escalation) -> Callable[[Minutes], int]:
    return (lambda held: held.township_after) if level == Escalation.TOWNSHIP else (lambda held: held.city_after)


def _office(level: Escalation) -> str:
    """Name who was told, in the language of the records."""
    with translation.override(settings.LANGUAGE_CODE):
        return str(level.label)


def _locked(pk: int) -> HelpRequest:
    """Lock a request without counting its version up: nobody's form is older for this."""
    return HelpRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
