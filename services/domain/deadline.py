"""时限: by when a request is to be answered, when somebody is to arrive, and when it is to be resolved.

What holds is the latest version of the township's own deadlines, else the city's, else what is usual. A request keeps
the deadlines that held when it came, or when its urgency was changed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Self

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Township
from common import spans
from common.rules import RuleBroken, SavedMeanwhile
from services.models import HelpRequest, RequestDeadline
from services.models.request_deadline import CLOCKS, LONGEST, MINUTES, REASON_LENGTH, TELLING

Urgency = HelpRequest.Urgency
HOUR, DAY = spans.HOUR, spans.DAY


@dataclass(frozen=True)
class Minutes:
    """The deadlines of one urgency, in minutes from the asking; and who is told so long after one was missed."""

    answer: int
    arrive: int
    resolve: int
    township_after: int = 0
    city_after: int = DAY

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Read the columns of a version."""
        return cls(*(row[name] for name in MINUTES))

    def as_columns(self) -> dict[str, int]:
        """Return the columns of a version."""
        return {f"{name}_minutes": value for name, value in asdict(self).items()}


USUAL = {
    Urgency.URGENT: Minutes(30, 2 * HOUR, DAY, 10, HOUR),
    Urgency.NORMAL: Minutes(4 * HOUR, DAY, 3 * DAY, HOUR, DAY),
    Urgency.LOW: Minutes(DAY, 3 * DAY, 7 * DAY, 4 * HOUR, 3 * DAY),
}


def minutes_for(township: int, urgency: str) -> Minutes:
    """Return the deadlines that hold in the township, by its key, for requests of this urgency."""
    return Deadlines.read(townships=[township]).of(township, urgency)


class Deadlines:
    """What holds everywhere: the city's deadlines by urgency, and those of townships that have their own."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take the columns of the versions, the oldest first."""
        self.city = dict(USUAL)
        self.own: dict[tuple[int, str], Minutes] = {}
        for row in rows:
            township, urgency = row["township_id"], Urgency(row["urgency"])
            if township is None:
                self.city[urgency] = Minutes.of(row)
            elif row["answer_minutes"] is None:
                self.own.pop((township, urgency), None)
            else:
                self.own[township, urgency] = Minutes.of(row)

    @classmethod
    def read(cls, *, townships: Iterable[int] | None = None) -> Self:
        """Read what holds in the city and in these townships, or in all of them: one query."""
        rows = RequestDeadline.objects.order_by("id")
        if townships is not None:
            rows = rows.filter(models.Q(township__isnull=True) | models.Q(township__in=list(townships)))
        return cls(rows.values("township_id", "urgency", *MINUTES))

    def of(self, township: int | None, urgency: str) -> Minutes:
        """Return what holds in a township, by its key, or in the city."""
        own = self.own.get((township, urgency)) if township is not None else None
        return own or self.city[Urgency(urgency)]

    @property
    def townships(self) -> set[int]:
        """The keys of the townships that have something of their own."""
        return {township for township, _urgency in self.own}

    def late_for(self, span: Callable[[Minutes], int], now: datetime) -> models.Q:
        """Return the condition of a request having missed its deadline at least ``span`` of what holds for it ago."""
        found = models.Q()
        for urgency in Urgency:
            own = {township: held for (township, each), held in self.own.items() if each == urgency}
            missed = models.Q(due_at__lt=now - timedelta(minutes=span(self.city[urgency])))
            found |= models.Q(missed, urgency=urgency) & (~models.Q(township__in=sorted(own)) if own else models.Q())
            for township, held in sorted(own.items()):
                missed = models.Q(due_at__lt=now - timedelta(minutes=span(held)))
                found |= models.Q(missed, urgency=urgency, township=township)
        return found


@event
def set_deadlines(
    township: Township | None, wanted: Mapping[str, Minutes | None], *, reason: str, version: int, by: User
) -> list[RequestDeadline]:
    """Set what holds from now on in a township, or in the city, by urgency; None is as the city has it.

    Requests that are there keep their deadlines. ``version`` is that of the page that the form was filled from
    (``version_of``): ``SavedMeanwhile`` refuses an older one. What is refused is refused at the field, such as
    ``urgent_arrive_minutes``.
    """
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why it is changed: everybody reads it beside the deadlines."), field="reason")
    if len(reason) > REASON_LENGTH:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": REASON_LENGTH}, field="reason")
    for urgency, minutes in wanted.items():
        _refuse_senseless(township, urgency, minutes)
    if township is not None and _is_ended(township):
        raise RuleBroken(_("This township was merged into another. Change the deadlines of that one."))
    if version_of(township) != version:
        raise SavedMeanwhile
    held = Deadlines.read(townships=[township.pk] if township else [])
    changed = {
        urgency: minutes
        for urgency, minutes in wanted.items()
        if minutes != (held.own.get((township.pk, urgency)) if township else held.city[Urgency(urgency)])
    }
    if not changed:
        raise RuleBroken(_("Nothing was changed. Change a value, or leave the page by “Cancel”."))
    latest = dict(RequestDeadline.objects.of(township).order_by().values_list("urgency").annotate(models.Max("number")))
    empty = dict.fromkeys(MINUTES)
    try:
        with transaction.atomic():
            return [
                RequestDeadline.objects.create(
                    township=township,
                    urgency=urgency,
                    number=latest.get(urgency, 0) + 1,
                    **(minutes.as_columns() if minutes else empty),
                    reason=reason,
                    set_by=by,
                )
                for urgency, minutes in changed.items()
            ]
    except IntegrityError as error:  # somebody else set the same at the same moment
        raise SavedMeanwhile from error


def version_of(township: Township | None) -> int:
    """Return what a form is filled from: it is another one after each change; 0 where nothing was ever set."""
    latest: int | None = RequestDeadline.objects.of(township).aggregate(models.Max("id"))["id__max"]
    return latest or 0


def _is_ended(township: Township) -> bool:
    locked = Township.objects.select_for_update(of=("self",), no_key=True).get(pk=township.pk)
    return locked.ended_on is not None


def _refuse_senseless(township: Township | None, urgency: str, minutes: Minutes | None) -> None:
    if minutes is None:
        if township is None:
            raise RuleBroken(_("The city needs every deadline. Enter a span of time."), field=f"{urgency}_{MINUTES[0]}")
        return
    columns = minutes.as_columns()
    for name, value in columns.items():
        if value > LONGEST:
            told = _("Enter at most %(longest)s.") % {"longest": spans.said(LONGEST)}
            raise RuleBroken(told, field=f"{urgency}_{name}")
    if minutes.answer < 1:
        raise RuleBroken(_("Enter at least one minute."), field=f"{urgency}_answer_minutes")
    for names in (CLOCKS, TELLING):
        for earlier, later in pairwise(names):
            if columns[later] < columns[earlier]:
                told = _("Not earlier than what comes before it, %(before)s. Enter this or a longer span.")
                raise RuleBroken(told % {"before": spans.said(columns[earlier])}, field=f"{urgency}_{later}")
