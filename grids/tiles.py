"""Grids as tiles: the state, why it is so in words, and where it is mended. A constant number of questions, no models.

``tiles_of`` prepares any grids for the board, the village's page and the list of grids alike.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from accounts.rights import Right
from areas.models import TownshipSettings
from common.templatetags.yiwang import badge, icon
from grids.models import Membership, Team
from grids.models.grid import GridQuerySet
from grids.states import TONES, GridState, is_leader, overdue_requests, with_state

COLUMNS = (
    "pk",
    "number",
    "households",
    "village",
    "village__name",
    "village__township",
    "state",
    "is_overdue",
    "is_short",
    "is_silent",
    "standing",
    "standing__name",
    "standing__activated_on",
)
# What is known of a team that the reader does not see.
UNSEEN = {"standing": None, "standing__name": "", "is_overdue": False}


@dataclass
class Standing:
    """Who is in a team now: its leader's name, how many they are, their primary skill types."""

    leader: str = ""
    count: int = 0
    skills: set[int] = field(default_factory=set)


def standings(teams: Iterable[Any]) -> dict[int, Standing]:
    """Return the standing of each team (or team's key) by its key, in one query; an empty one where nobody is in it."""
    found: dict[int, Standing] = defaultdict(Standing)
    members = Membership.objects.current().filter(team__in=teams).order_by()
    for team, role, name, skill in members.values_list(
        "team_id", "role", "volunteer__name", "volunteer__primary_skill_id"
    ):
        standing = found[team]
        standing.count += 1
        standing.skills.add(skill)
        if role == Membership.Role.LEADER:
            standing.leader = name
    return found


@dataclass(frozen=True)
class Tile:
    """A grid as a tile: ``brief`` is what stands below its state, ``reasons`` are whole sentences, ``url`` mends it."""

    pk: int
    number: int
    name: str
    village: int
    households: int
    state: GridState
    brief: str
    reasons: list[str]
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
    def word(self) -> SafeString:
        """The state as a word with its icon, without a ground of its own."""
        return state_word(self.state)

    @property
    def page_url(self) -> str:
        """The address of the grid's own page."""
        return page("grids:grid_detail", self.pk)

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to mend."""
        return self.state in (GridState.WELL, GridState.COVERED)


def state_word(state: GridState) -> SafeString:
    """Return the state's icon and word."""
    return _word(str(state.label), TONES[state][1])


@lru_cache(maxsize=64)
def _word(label: str, icon_name: str) -> SafeString:
    return format_html("{}<span>{}</span>", icon(icon_name, 15), label)


def tiles_of(grids: GridQuerySet, reader: User) -> list[Tile]:
    """Prepare the grids, in their order, as far as ``reader`` may know of them; five questions, one more if overdue."""
    rows = list(with_state(grids, reader, with_all=True).values(*COLUMNS))
    if is_leader(reader):
        seen = set(Team.objects.visible_to(reader).values_list("pk", flat=True))
        rows = [row if row["standing"] in seen else {**row, **UNSEEN} for row in rows]
    facts = _Facts.of(rows, reader)
    return [_tile(row, facts) for row in rows]


@dataclass(frozen=True)
class _Facts:
    """What the words about many grids are made of, by the keys of teams and townships."""

    reader: User
    today: date
    members: Mapping[int, Standing]
    last: Mapping[int, date | None]
    overdue: Mapping[int, tuple[int, datetime]]
    least: Mapping[int, Any]

    @classmethod
    def of(cls, rows: list[dict[str, Any]], reader: User) -> "_Facts":
        active = [row["standing"] for row in rows if row["standing"] and row["state"] != GridState.FORMING]
        late = [row["standing"] for row in rows if row["standing"] and row["is_overdue"]]
        counted = overdue_requests().filter(team__in=late).order_by().values_list("team") if late else None
        waiting = counted.annotate(Count("pk"), Min("asked_at")) if counted is not None else ()
        return cls(
            reader=reader,
            today=timezone.localdate(),
            members=standings([row["standing"] for row in rows if row["standing"]]),
            last=Team.objects.filter(pk__in=active).last_services(),
            overdue={team: (count, first) for team, count, first in waiting},
            least=TownshipSettings.by_township(),
        )


def _tile(row: dict[str, Any], facts: _Facts) -> Tile:
    state, team = GridState(row["state"]), row["standing"]
    brief, reasons = _words(row, state, facts)
    url, action = _mend(row, state, facts)
    standing = facts.members[team] if team else Standing()
    last = facts.last.get(team) if team else None
    return Tile(
        pk=row["pk"],
        number=row["number"],
        name=_("%(village)s grid %(number)s") % {"village": row["village__name"], "number": row["number"]},
        village=row["village"],
        households=row["households"],
        state=state,
        brief=brief,
        reasons=reasons,
        url=url,
        action=action,
        team=row["standing__name"] or "",
        leader=standing.leader,
        count=standing.count,
        last=last_service_text(last, facts.today) if team in facts.last else "",
    )


# --- Words ---------------------------------------------------------------------------------------------


def _words(row: dict[str, Any], state: GridState, facts: _Facts) -> tuple[str, list[str]]:
    """Return in a few words what stands on the tile, and in sentences all that holds of the grid."""
    if state == GridState.RETIRED:
        return "", [_("This grid is out of use.")]
    if state == GridState.COVERED:
        return "", [_("An active team serves this grid.")]
    if state == GridState.NO_TEAM:
        households = row["households"]
        text = ngettext("%(count)d household has no team.", "%(count)d households have no team.", households)
        brief = pgettext("tile", "%(count)d hh") % {"count": households}
        return brief, [_("No team serves this grid yet."), text % {"count": households}]
    if state == GridState.FORMING:
        return _forming(row, facts) if row["standing"] else ("", [_("A team is being formed for this grid.")])
    last = facts.last.get(row["standing"])
    brief, reasons = (_ago(last, facts.today) if last else pgettext("team", "new")), []
    if row["is_silent"]:
        since = last or row["standing__activated_on"]
        days = _days((facts.today - since).days)
        brief, text = days, _("No service for %(days)s.") % {"days": days}
        reasons = [text]
    if row["is_short"]:
        brief, text = _short(row, facts)
        reasons.insert(0, text)
    if row["is_overdue"]:
        brief, text = _overdue(*facts.overdue[row["standing"]], facts.today)
        reasons.insert(0, text)
    return brief, [*reasons, _last_sentence(last, row["standing__activated_on"], facts.today)]


def _forming(row: dict[str, Any], facts: _Facts) -> tuple[str, list[str]]:
    standing = facts.members[row["standing"]]
    least = facts.least[row["village__township"]].least_skill_types
    members = ngettext("%(count)d member", "%(count)d members", standing.count) % {"count": standing.count}
    types = _types(len(standing.skills))
    brief = pgettext("tile", "%(count)d ppl") % {"count": standing.count}
    if _is_complete(standing, least):
        return brief, [_("The team satisfies the rule. Activate it, and it serves from that day on.")]
    reasons = [
        _("The team has %(members)s of %(types)s so far.") % {"members": members, "types": types},
        _("An active team has %(least)d to %(most)d members of at least %(types)s.")
        % {
            "least": settings.TEAM_MIN_MEMBERS,
            "most": settings.TEAM_MAX_MEMBERS,
            "types": _types(least),
        },
    ]
    return brief, reasons if standing.leader else [*reasons, _("The leader is missing.")]


def _is_complete(standing: Standing, least: int) -> bool:
    return bool(
        standing.leader
        and settings.TEAM_MIN_MEMBERS <= standing.count <= settings.TEAM_MAX_MEMBERS
        and len(standing.skills) >= least
    )


def _short(row: dict[str, Any], facts: _Facts) -> tuple[str, str]:
    has, least = len(facts.members[row["standing"]].skills), facts.least[row["village__township"]].least_skill_types
    text = _("The members are of %(types)s; the township asks for %(least)d at least.")
    return f"{has}/{least}", text % {"types": _types(has), "least": least}


def _overdue(count: int, first: datetime, today: date) -> tuple[str, str]:
    asked = timezone.localtime(first).date()
    days = _days((today - asked).days)
    text = ngettext(
        "%(count)d request is overdue. It has waited since %(day)s, for %(days)s.",
        "%(count)d requests are overdue. The oldest has waited since %(day)s, for %(days)s.",
        count,
    )
    return days, text % {"count": count, "day": _day(asked), "days": days}


def _last_sentence(last: date | None, active: date, today: date) -> str:
    if last is None:
        return _("No service so far; the team is active since %(day)s.") % {"day": _day(active)}
    return _("The last service was on %(day)s (%(ago)s).") % {"day": _day(last), "ago": _ago(last, today)}


def last_service_text(day: date | None, today: date | None = None) -> str:
    """Say when a team served last, and how many days ago."""
    if day is None:
        return _("No service so far")
    today = today or timezone.localdate()
    return _ago(day, today) if day >= today else f"{_day(day)} · {_ago(day, today)}"


def _ago(day: date, today: date) -> str:
    days = (today - day).days
    return ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days} if days > 0 else _("today")


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _days(days: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _types(count: int) -> str:
    return ngettext("%(count)d skill type", "%(count)d skill types", count) % {"count": count}


# --- Where it is mended --------------------------------------------------------------------------------


def _mend(row: dict[str, Any], state: GridState, facts: _Facts) -> tuple[str, str]:
    """Return the address where the reader mends the grid's state, or reads about it, and what that is called."""
    may, team = facts.reader.may, row["standing"]
    if state == GridState.NO_TEAM and may(Right.MANAGE_TEAMS):
        return page("grids:team_form", row["pk"]), _("Form a team")
    if team is None:
        return page("grids:grid_detail", row["pk"]), _("Open the grid")
    if state in (GridState.FORMING, GridState.SKILLS) and may(Right.MANAGE_TEAMS):
        standing = facts.members[team]
        least = facts.least[row["village__township"]].least_skill_types
        if standing.count < settings.TEAM_MAX_MEMBERS and not _is_complete(standing, least):
            return page("grids:member_add", team), _("Add a member")
    if state == GridState.OVERDUE and may(Right.VIEW_REQUESTS):
        return f"{_address('services:request_list')}?team={team}&state=overdue", _("Show the requests")
    if state == GridState.SILENT and may(Right.SUBMIT_REPORTS):
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
