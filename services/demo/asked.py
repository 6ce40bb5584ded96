"""One request of the demo in the making: its fields and clocks as the application sets them, and its steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from areas.models import Village
from services.demo.load import stamp
from services.demo.logs import key
from services.domain.deadline import USUAL
from services.models import HelpRequest
from services.models.request import code_of, hash_of, phone_key_of, place_key_of

Urgency = HelpRequest.Urgency
FIELDS = (
    "id", "key", "code_hash", "township_id", "village_id", "grid_id", "team_id", "handed_at", "caller", "phone",
    "phone_key", "place", "place_key", "channel", "content", "category_id", "urgency", "asked_at", "state",
    "answered_at", "set_out_at", "arrived_at", "closed_at", "answer_due_at", "arrive_due_at", "resolve_due_at",
    "due_at", "answer_minutes", "arrive_minutes", "resolve_minutes", "waiting_since", "waited_seconds", "escalation",
    "outcome", "referred_to", "referral_answer", "referral_answered_at", "confirmed_at", "rating", "rated_at",
    "rating_words", "reopened_at", "times_reopened", "recorded_by_id", "recorded_at",
)  # fmt: skip
STEP_FIELDS = ("id", "request_id", "kind", "actor", "by_id", "team_id", "text", "at")


@dataclass
class Asked:
    """A request; moments are Shanghai's, ``waited`` are whole minutes. A wait comes after the answer."""

    pk: int
    village: Village
    grid: int | None
    team: int | None
    caller: str
    phone: str
    place: str
    channel: str
    content: str
    urgency: str
    asked: datetime
    recorder: int
    category: int | None = None
    state: str = "open"
    answered: datetime | None = None
    set_out: datetime | None = None
    arrived: datetime | None = None
    closed: datetime | None = None
    waits_since: datetime | None = None
    waited: int = 0
    escalation: int = 0
    outcome: str = ""
    referred_to: str = ""
    referral_answer: str = ""
    confirmed: datetime | None = None
    rating: str = ""
    rating_words: str = ""
    reopened: datetime | None = None

    @property
    def is_from_page(self) -> bool:
        """Whether a resident wrote it: then nobody recorded it."""
        return self.channel == HelpRequest.Channel.PAGE

    @property
    def rated(self) -> datetime | None:
        """When it was rated: soon after it was closed."""
        return self.closed + timedelta(hours=3) if self.closed and self.rating else None

    @property
    def referral_answered(self) -> datetime | None:
        """When the office that it was referred to answered."""
        return self.closed + timedelta(days=1) if self.closed and self.referral_answer else None

    def dues(self) -> tuple[datetime, datetime, datetime]:
        """Return by when it was to be answered, arrived at and resolved."""
        minutes, wait = USUAL[Urgency(self.urgency)], timedelta(minutes=self.waited)
        resolve_from = self.reopened or self.asked + wait
        return (
            self.asked + timedelta(minutes=minutes.answer),
            self.asked + timedelta(minutes=minutes.arrive) + wait,
            resolve_from + timedelta(minutes=minutes.resolve),
        )

    def row(self, random: Random) -> tuple:
        """Return the fields in the order of ``FIELDS``."""
        answer, arrive, resolve = self.dues()
        resolved = self.closed if self.state == "resolved" else None
        form = key(random)
        return (
            self.pk, form, hash_of(code_of(UUID(form))), self.village.township_id, self.village.pk, self.grid,
            self.team, _at(self.asked) if self.team else None, self.caller, self.phone, phone_key_of(self.phone),
            self.place, place_key_of(self.place), self.channel, self.content, self.category, self.urgency,
            _at(self.asked), self.state, _at(self.answered), _at(self.set_out), _at(self.arrived), _at(self.closed),
            _at(answer), _at(arrive), _at(resolve), _at(self._due()), self._minutes(self.answered, 0),
            self._minutes(self.arrived, self.waited), self._minutes(resolved, self.waited), _at(self.waits_since),
            60 * self.waited, self.escalation, self.outcome, self.referred_to, self.referral_answer,
            _at(self.referral_answered), _at(self.confirmed), self.rating, _at(self.rated), self.rating_words,
            _at(self.reopened), 1 if self.reopened else 0, None if self.is_from_page else self.recorder,
            _at(self.asked),
        )  # fmt: skip

    def steps(self, keys: count) -> Iterator[tuple]:
        """Yield what happened, step by step, in the order of ``STEP_FIELDS``."""
        resident, office, system = ("resident", None), ("office", self.recorder), ("system", None)
        asker = resident if self.is_from_page else office
        told: list[tuple[datetime | None, str, tuple[str, int | None], str]] = [
            (self.asked, "asked", asker, self.content),
            (self.asked if self.team else None, "dispatched", system if self.is_from_page else office, ""),
            (self.answered if self.state not in ("referred", "unsolved") else None, "answered", office, ""),
            (self.set_out, "set_out", office, ""),
            (self.waits_since, "waiting", office, "家里没人，约好晚些再来"),
            (self.arrived, "arrived", office, ""),
            (self._told_as_closed(), "resolved", office, ""),
            (self.reopened, "reopened", resident, "又出现同样的问题"),
            (self.closed if self.state == "referred" else None, "referred", office, self.referred_to),
            (self.referral_answered, "referral_answered", office, self.referral_answer),
            (self.closed if self.state == "unsolved" else None, "unsolved", office, self.outcome),
            (self.closed if self.state == "withdrawn" else None, "withdrawn", asker, self.outcome),
            (self.confirmed, "confirmed", resident, ""),
            (self.rated, "rated", resident, self.rating_words),
            (self._due() if self.escalation else None, "escalated", system, ""),
        ]
        with_team = {"dispatched", "answered", "set_out", "arrived", "resolved"}
        for at, kind, (actor, by), text in told:
            if at is not None:
                team = self.team if kind in with_team else None
                yield next(keys), self.pk, kind, actor, by, team, text, _at(at)

    def _told_as_closed(self) -> datetime | None:
        """Return when a service resolved it; for one that is open again, some time before it was reopened."""
        if self.reopened and self.state == "open":
            return self.reopened - timedelta(hours=20)
        return self.closed if self.state == "resolved" else None

    def _due(self) -> datetime | None:
        if self.state != "open" or self.waits_since:
            return None
        met = (self.answered, self.arrived, None)
        return min(due for due, at in zip(self.dues(), met, strict=True) if at is None)

    def _minutes(self, at: datetime | None, waited: int) -> int | None:
        return max(0, int((at - self.asked).total_seconds()) // 60 - waited) if at else None


def _at(moment: datetime | None) -> str | None:
    return stamp(moment.date(), moment.hour * 60 + moment.minute) if moment else None
