"""Where the contact cards of grids stand: never printed, to be printed anew and why, to be handed out, or in order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from common.wording import sentences
from grids.cards import Face, faces_of
from grids.models import CardBatch, Membership
from grids.models.grid import GridQuerySet
from volunteers.models import Volunteer

# What can change on a card: about the place, and about each member.
PLACE_PARTS = ("team", "number", "village", "township", "hotline", "hours", "code")
PERSON_PARTS = ("name", "phone", "speciality", "skill", "leader")


class State(models.TextChoices):
    """What is to be done about a grid's cards."""

    NO_TEAM = "no_team", gettext_lazy("No team yet")
    NEVER = "never", gettext_lazy("Not printed yet")
    OUTDATED = "outdated", gettext_lazy("To print anew")
    WAITING = "waiting", gettext_lazy("To hand out")
    CURRENT = "current", pgettext_lazy("cards", "In order")


TONES: dict[str, str] = {
    State.NO_TEAM: "neutral",
    State.NEVER: "info",
    State.OUTDATED: "warn",
    State.WAITING: "info",
    State.CURRENT: "ok",
}


@dataclass
class Standing:
    """A grid's cards: how many were printed and handed out in all its time, and its latest batch."""

    face: Face
    printed: int = 0
    handed_out: int = 0
    batch: int | None = None
    printed_on: date | None = None
    remaining: int = 0
    fingerprint: str = ""

    @property
    def state(self) -> State:
        """What is to be done about them."""
        if self.face.team is None:
            return State.NO_TEAM
        if self.batch is None:
            return State.NEVER
        if self.fingerprint != self.face.fingerprint:
            return State.OUTDATED
        return State.WAITING if self.remaining else State.CURRENT

    @property
    def is_outdated(self) -> bool:
        """Whether the cards that households have say something else than what holds today."""
        return self.batch is not None and self.fingerprint != self.face.fingerprint


def standings_of(grids: GridQuerySet) -> dict[int, Standing]:
    """Return where the cards of each of the grids stand, by key, by six queries however many they are."""
    found = {face.grid: Standing(face) for face in faces_of(grids)}
    batches = CardBatch.objects.printed().filter(grid__in=grids.order_by().values("pk")).order_by("printed_on", "pk")
    for grid, pk, day, copies, handed_out, fingerprint in batches.values_list(
        "grid_id", "pk", "printed_on", "copies", "handed_out", "fingerprint"
    ):
        standing = found[grid]
        standing.printed += copies
        standing.handed_out += handed_out
        standing.batch, standing.printed_on, standing.fingerprint = pk, day, fingerprint
        standing.remaining = copies - handed_out
    return found


def in_state(grids: GridQuerySet, state: str) -> GridQuerySet:
    """Keep the grids whose cards stand so."""
    return grids.filter(pk__in=[pk for pk, standing in standings_of(grids).items() if standing.state == state])


def reasons_for(standings: Iterable[Standing]) -> dict[int, list[str]]:
    """Say by grid, where something has changed since its latest batch was printed, what it is: by three queries."""
    outdated = {
        standing.batch: standing for standing in standings if standing.batch is not None and standing.is_outdated
    }
    batches = {
        pk: (content, team)
        for pk, content, team in CardBatch.objects.filter(pk__in=outdated).values_list("pk", "content", "team_id")
    }
    known = _People({int(pk) for content, _team in batches.values() for pk in content["members"]}, outdated.values())
    return {standing.face.grid: _reasons(*batches[pk], standing.face, known) for pk, standing in outdated.items()}


class _People:
    """The names of those who are or were on cards, and when they joined and left teams."""

    def __init__(self, printed: set[int], standings: Iterable[Standing]) -> None:
        present = {member.volunteer for standing in standings for member in standing.face.contacts.members}
        self.names = dict(Volunteer.objects.filter(pk__in=printed | present).values_list("pk", "name"))
        self.spells: dict[tuple[int, int], tuple[date, date | None]] = {}
        spells = Membership.objects.filter(volunteer__in=printed | present).order_by("joined_on", "pk")
        for team, volunteer, joined, left in spells.values_list("team_id", "volunteer_id", "joined_on", "left_on"):
            self.spells[team, volunteer] = joined, left


def _reasons(content: Mapping[str, Any], team: int, face: Face, known: _People) -> list[str]:
    """Compare a printed card with today's."""
    if face.team is None:
        return [_("No active team serves the grid any more.")]
    now = face.content
    said = [reason for part in PLACE_PARTS if (reason := _place_reason(part, content[part], now[part]))]
    before, after = content["members"], now["members"]
    people: dict[str, list[str]] = defaultdict(list)
    for pk in [*before, *(pk for pk in after if pk not in before)]:
        if told := _person_reason(int(pk), before.get(pk), after.get(pk), team, face.team, known):
            people[told[0]].append(told[1])
    return said + [text for kind in ("left", "joined", "other") for text in people[kind]]


def _place_reason(part: str, before: Any, now: Any) -> str:
    if before == now:
        return ""
    words = {
        "team": _("The team was “%(before)s” and is “%(now)s”."),
        "number": _("The grid had the number %(before)s and has %(now)s."),
        "village": _("The village was called %(before)s and is called %(now)s."),
        "township": _("The township was called %(before)s and is called %(now)s."),
        "hotline": _("The hotline changed from %(before)s to %(now)s."),
        "hours": _("The hotline's hours have changed."),
        "code": _("The code of the grid's public page has changed."),
    }
    return words[part] % {"before": before or "–", "now": now or "–"}


def _person_reason(
    pk: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    old_team: int,
    team: int,
    known: _People,
) -> tuple[str, str] | None:
    name = known.names.get(pk, "?")
    if before == after:
        return None
    if after is None:
        left = known.spells.get((old_team, pk), (None, None))[1]
        if left is None:
            return "left", _("%(name)s is in the team no more.") % {"name": name}
        return "left", _("%(name)s left on %(day)s.") % {"name": name, "day": date_format(left)}
    if before is None:
        joined = known.spells.get((team, pk), (None, None))[0]
        if joined is None:
            return "joined", _("%(name)s is new in the team.") % {"name": name}
        return "joined", _("%(name)s joined on %(day)s.") % {"name": name, "day": date_format(joined)}
    if ("name" in before) != ("name" in after):
        agrees = "name" in after
        return "other", (
            _("%(name)s agrees to name and phone on the card now.")
            if agrees
            else _("%(name)s agrees to name and phone on the card no more.")
        ) % {"name": name}
    changes = [_part_reason(part, after.get(part)) for part in PERSON_PARTS if before.get(part) != after.get(part)]
    return "other", sentences(change % {"name": name} for change in changes)


def _part_reason(part: str, now: Any) -> str:
    if part == "leader":
        return _("%(name)s leads the team now.") if now else _("%(name)s leads the team no more.")
    return {
        "name": _("The name of %(name)s was corrected."),
        "phone": _("The phone of %(name)s has changed."),
        "speciality": _("The speciality of %(name)s has changed."),
        "skill": _("The skill type of %(name)s has changed."),
    }[part]


def summary(reasons: list[str]) -> str:
    """Put the first reasons into one line of a list, and how many more there are."""
    shown, more = reasons[:3], len(reasons) - 3
    if more > 0:
        shown.append(ngettext("And %(count)d more change.", "And %(count)d more changes.", more) % {"count": more})
    return sentences(shown)
