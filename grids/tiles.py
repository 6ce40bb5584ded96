"""Grids as tiles: the state, why it is so in words, and where it is mended. A constant number of questions, no models.

``tiles_of`` prepares any grids for the board, the village's page and the list of grids alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Right
from areas.models import TownshipSettings
from areas.models.settings import Holdings
from common import spans
from common.templatetags.yiwang import badge
from grids.models import Team
from grids.models.grid import GridQuerySet
from grids.reasons import Found, last_service_text, people_of, words_for
from grids.standings import Standing, standings
from grids.states import LACKS, TONES, GridState, is_leader, overdue_requests, state_in, with_all_that_holds

COLUMNS = (
    "pk",
    "number",
    "households",
    "village",
    "village__name",
    "village__township",
    "coverage",
    *(state.value for state in LACKS),
    "standing",
    "standing__name",
    "standing__activated_on",
)


@dataclass(frozen=True)
class Tile:
    """A grid as a tile: ``brief`` is what stands below its state, ``reasons`` are whole sentences, ``url`` mends it.

    ``team``, ``leader``, ``count`` of members and ``last`` service are those of a team that the reader sees.
    """

    pk: int
    number: int
    name: str
    village: int
    households: int
    state: GridState
    brief: str
    reasons: tuple[str, ...]
    url: str
    action: str
    team: str
    leader: str
    count: int
    last: str

    @property
    def tone(self) -> str:
        """The tone of the state."""
        return TONES[self.state][0]

    @property
    def badge(self) -> SafeString:
        """The state as a word with its icon."""
        return badge(self.tone, self.state.label, TONES[self.state][1])

    @property
    def page_url(self) -> str:
        """The address of the grid's own page."""
        return page("grids:grid_detail", self.pk)

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to mend."""
        return self.state in (GridState.WELL, GridState.COVERED)


def tiles_of(grids: GridQuerySet, reader: User, *, with_people: bool = True) -> list[Tile]:
    """Prepare the grids, in their order, as far as ``reader`` may know of them; four questions, one more if overdue.

    Without ``with_people`` leader, members and last service are left out where the state does not depend on them.
    """
    held = TownshipSettings.by_township()
    rows = list(with_all_that_holds(grids, reader, held).values(*COLUMNS))
    if is_leader(reader):
        seen = set(Team.objects.visible_to(reader).values_list("pk", flat=True))
        rows = [row if row["standing"] in seen else {**row, "standing": None} for row in rows]
    facts = _Facts.of(rows, reader, held, with_people=with_people)
    named = _("%(village)s grid %(number)s")
    return [_tile(row, facts, named) for row in rows]


@dataclass(frozen=True)
class _Facts:
    """What is known of many grids, by the keys of teams and townships; and what was said of grids like them."""

    reader: User
    today: date
    held: Holdings
    members: Mapping[int, Standing]
    last: Mapping[int, date | None]
    with_people: bool
    overdue: Mapping[int, tuple[int, str]]
    said: dict[Found, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: list[dict[str, Any]], reader: User, held: Holdings, *, with_people: bool) -> "_Facts":
        seen = [row for row in rows if row["standing"]]
        asked_of = [
            row["standing"]
            for row in seen
            if with_people or row["coverage"] == GridState.FORMING or row[GridState.SKILLS]
        ]
        late = [row["standing"] for row in seen if row[GridState.OVERDUE]]
        waiting = overdue_requests().filter(team__in=late).order_by().values_list("team")
        counted = waiting.annotate(Count("pk"), Min("due_at")) if late else ()
        now = timezone.now()
        serving = [row["standing"] for row in seen if row["coverage"] == GridState.WELL]
        return cls(
            reader=reader,
            today=timezone.localdate(),
            held=held,
            members=standings(asked_of) if asked_of else {},
            last=Team.objects.filter(pk__in=serving).last_services(),
            with_people=with_people,
            overdue={
                team: (count, spans.said(int((now - first).total_seconds() // 60), parts=1))
                for team, count, first in counted
            },
        )


def _tile(row: dict[str, Any], facts: _Facts, named: str) -> Tile:
    found = _found(row, state_in(row), facts)
    words = facts.said.get(found)
    if words is None:
        words = facts.said[found] = words_for(found, facts.today)
    url, action = _mend(row, found, facts.reader)
    team = row["standing"]
    standing = facts.members.get(team) or Standing()
    return Tile(
        pk=row["pk"],
        number=row["number"],
        name=named % {"village": row["village__name"], "number": row["number"]},
        village=row["village"],
        households=row["households"],
        state=found.state,
        brief=words[0],
        reasons=words[1],
        url=url,
        action=action,
        team=row["standing__name"] if team else "",
        leader=standing.leader,
        count=standing.count,
        last=last_service_text(facts.last[team], facts.today) if facts.with_people and team in facts.last else "",
    )


def _found(row: dict[str, Any], state: GridState, facts: _Facts) -> Found:
    team = row["standing"]
    if state == GridState.NO_TEAM:
        return Found(state, households=row["households"])
    if not team or state in (GridState.COVERED, GridState.RETIRED):
        return Found(state)
    least = facts.held[row["village__township"]].least_skill_types
    if state == GridState.FORMING:
        return Found(state, **people_of(facts.members[team]), least=least)
    last, (overdue, late) = facts.last[team], facts.overdue.get(team, (0, ""))
    is_short = row[GridState.SKILLS]
    return Found(
        state,
        **(people_of(facts.members[team]) | {"least": least} if is_short else {}),
        overdue=overdue,
        late=late,
        quiet_since=last or row["standing__activated_on"],
        never_served=last is None,
        is_short=is_short,
        is_silent=row[GridState.SILENT],
    )


def _mend(row: dict[str, Any], found: Found, reader: User) -> tuple[str, str]:
    """Return the address where the reader mends the grid's state, or reads about it, and what that is called."""
    state, team, may = found.state, row["standing"], reader.may
    if state == GridState.NO_TEAM and may(Right.COMPOSE_TEAMS):
        return f"{_address('grids:composition_begin')}?grid={row['pk']}", _("Compose a team")
    if not team or state == GridState.RETIRED:
        return page("grids:grid_detail", row["pk"]), _("Open the grid")
    if state in (GridState.FORMING, GridState.SKILLS) and may(Right.MANAGE_TEAMS):
        if found.has_room and not found.is_complete:
            return page("grids:member_add", team), _("Add a member")
    elif state == GridState.OVERDUE and may(Right.VIEW_REQUESTS):
        return f"{_address('services:request_list')}?team={team}&state=overdue", _("Show the requests")
    elif state == GridState.SILENT and may(Right.SUBMIT_REPORTS):
        return page("services:team_month", team), _("Open the team's month")
    return page("grids:team_detail", team), _("Open the team")


@cache
def _address(name: str) -> str:
    return reverse(name)


@cache
def _around(name: str) -> tuple[str, str]:
    before, after = reverse(name, args=[0]).split("/0/")
    return before, after


def page(name: str, pk: int) -> str:
    """Return the address of a record's page; what stands around the key is looked up once for all tiles."""
    before, after = _around(name)
    return f"{before}/{pk}/{after}"
