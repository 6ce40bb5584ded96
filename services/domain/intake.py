"""The intake desk: what is known of who calls, what may be the same request, and the call that belongs to an open one.

``known_of`` asks the database a handful of questions, each answered from an index whatever the number of requests:
for the open and the latest ones of the number, the same of the household, what was asked lately nearby, and at last
which of these the person may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from areas.models import Village
from common.clean import LANDLINE
from common.rules import RuleBroken
from grids.models import Grid
from services.domain.request_notices import Notice, tell
from services.domain.step import note
from services.domain.waiting import end_wait
from services.models import HelpRequest, RequestStep
from services.models.request import TEXT_LIMITS, code_of, phone_key_of, place_key_of
from services.similar import ALIKE, likeness

State = HelpRequest.State
Kind = RequestStep.Kind

# How many of each are shown, looked at of a number or a door, and compared by their words; and how far back.
MOST_OPEN, MOST_SETTLED, LOOKED_AT, MOST_COMPARED = 8, 4, 50, 200
LATELY = timedelta(days=14)
# The same words attached twice within so long are the same form sent twice.
SAME_FORM = timedelta(minutes=10)
# The code is told while the caller is on the line; afterwards every look at it is recorded.
TOLD_WITHIN = timedelta(hours=1)

COLUMNS = (
    *("id", "asked_at", "state", "urgency", "caller", "content", "place", "place_key", "waiting_since", "due_at"),
    *("village", "village__name", "grid", "grid__number", "team", "team__name"),
)


@dataclass(frozen=True)
class Sought:
    """What has been typed so far, as far as it can be read."""

    phone: str = ""
    village: Village | None = None
    grid: Grid | None = None
    place: str = ""
    caller: str = ""
    content: str = ""

    @property
    def keys(self) -> list[str]:
        """The number as it may have been noted: with the area code and without."""
        if not self.phone:
            return []
        key = phone_key_of(self.phone)
        landline = LANDLINE.fullmatch(self.phone)
        area = landline["area"] if landline else None
        return [key, key.removeprefix(area)] if area else [key]

    @property
    def place_key(self) -> str:
        """The door, as two spellings of it are equal."""
        return place_key_of(self.place)


@dataclass(frozen=True)
class Match:
    """One request that may have to do with the call (``COLUMNS`` of it), and why."""

    row: dict[str, Any]
    by_number: bool = False
    by_household: bool = False
    is_alike: bool = False

    @property
    def pk(self) -> int:
        """The request's key."""
        return int(self.row["id"])

    @property
    def is_open(self) -> bool:
        """Whether the call may be attached to it."""
        return bool(self.row["state"] == State.OPEN)


@dataclass(frozen=True)
class Known:
    """What is known: requests that are open, settled ones, and the households that the number has called for."""

    open: list[Match] = field(default_factory=list)
    settled: list[Match] = field(default_factory=list)
    households: list[Match] = field(default_factory=list)
    was_sought: bool = False

    @property
    def pressing(self) -> list[Match]:
        """What is to be seen before a further request is opened: open ones, and alike ones settled lately."""
        return [*self.open, *(match for match in self.settled if match.is_alike)]


def known_of(sought: Sought, user: User, *, but: Any = None) -> Known:
    """Find what the user may see of the caller's number, household and neighbourhood; ``but`` the form's own key."""
    number = _of(phone_key__in=sought.keys) if sought.keys else set()
    door = set()
    if sought.village is not None and sought.place_key:
        door = _of(village=sought.village, place_key=sought.place_key)
    since = timezone.now() - LATELY
    found = HelpRequest.objects.visible_to(user).filter(pk__in=number | door | _nearby(sought, since))
    if but is not None:
        found = found.exclude(key=but)
    matches = []
    for row in found.order_by("-asked_at", "-id").values(*COLUMNS):
        is_alike = row["asked_at"] >= since and likeness(sought.content, row["content"]) >= ALIKE
        match = Match(row, row["id"] in number, row["id"] in door, is_alike)
        if match.by_number or match.by_household or match.is_alike:
            matches.append(match)
    return Known(
        open=[match for match in matches if match.is_open][:MOST_OPEN],
        settled=[match for match in matches if not match.is_open][:MOST_SETTLED],
        households=_households(matches, sought),
        was_sought=bool(number or door or sought.keys),
    )


def _of(**whose: Any) -> set[int]:
    """Return the keys of the open requests of a number or a door, however long ago asked, and of the latest at all.

    They are looked up in an index and narrowed to what the user sees afterwards, all at once: a number that relays
    calls has thousands, mostly of other teams. An open one is told by ``closed_at``: that condition, unlike a state,
    lets SQLite use the index of the open ones.
    """
    every = HelpRequest.objects.filter(**whose).values_list("pk", flat=True)
    return {
        *every.filter(closed_at__isnull=True).order_by()[:LOOKED_AT],
        *every.order_by("-asked_at", "-id")[:LOOKED_AT],
    }


def _nearby(sought: Sought, since: datetime) -> set[int]:
    """Return the keys of what was asked in the grid, or in the village while nobody knows it; none without words."""
    if sought.village is None or not sought.content:
        return set()
    there = HelpRequest.objects.filter(village=sought.village, asked_at__gte=since)
    if sought.grid is not None:
        there = there.filter(grid=sought.grid)
    return set(there.order_by("-asked_at").values_list("pk", flat=True)[:MOST_COMPARED])


def _households(matches: Sequence[Match], sought: Sought) -> list[Match]:
    """Return the latest request of each household that the number called for, unless it is what was typed already."""
    found: dict[tuple[Any, ...], Match] = {}
    for match in matches:
        row = match.row
        if match.by_number or match.by_household:
            found.setdefault((row["caller"], row["village"], row["grid"], row["place_key"]), match)
    typed = (
        sought.caller,
        sought.village.pk if sought.village else None,
        sought.grid.pk if sought.grid else None,
        sought.place_key,
    )
    return [match for key, match in found.items() if key != typed][:MOST_SETTLED]


@event
def call_again(request: HelpRequest, *, words: str, phone: str = "", by: User) -> HelpRequest:
    """Attach a call to the open request that it is about: a step of its time line, and the owner is told.

    A number is taken over where none was noted, and who was waited for has been heard. The same form sent again is the
    same call.
    """
    words = words.strip()
    if len(words) > TEXT_LIMITS["content"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["content"]}, field="content")
    request = HelpRequest.locked(request.pk)
    if not request.is_open:
        raise RuleBroken(_("This request has been settled meanwhile. Note a new one."))
    now = timezone.now()
    if request.steps.filter(kind=Kind.CALLED_AGAIN, by=by, text=words, at__gt=now - SAME_FORM).exists():
        return request
    if phone and not request.phone:
        request.phone, request.phone_key = phone, phone_key_of(phone)
    note(request, Kind.CALLED_AGAIN, by=by, text=words, at=now)
    end_wait(request, now)
    request.save()
    tell(request, Notice.CALLED_AGAIN, by=by)
    return request


def may_tell_code(request: HelpRequest, user: User) -> bool:
    """Whether the user noted the request a moment ago: the caller is on the line still."""
    return request.recorded_by_id == user.pk and timezone.now() - request.recorded_at < TOLD_WITHIN


@event
def tell_code(request: HelpRequest, *, by: User) -> str:
    """Return the code of somebody who has lost it, and record who looked: who has it follows and rates the request."""
    record([request], AuditEntry.Action.ACCESS, {})
    return code_of(request.key)
