"""Why a grid is in its state, in words: a few for its tile, and whole sentences."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from grids.standings import Standing
from grids.states import GridState


@dataclass(frozen=True)
class Found:
    """All that the words about a grid depend on, so that they are said once for all the grids that are alike.

    ``members``, ``types``, ``has_leader`` and ``least`` (skill types) are those of a team that lacks some of them;
    ``overdue`` counts its overdue requests, of which the first has been so ``late``; ``quiet_since`` is the day of its
    last service, or of its activation where it ``never_served``.
    """

    state: GridState
    households: int = 0
    members: int = 0
    types: int = 0
    has_leader: bool = False
    least: int = 0
    overdue: int = 0
    late: str = ""
    quiet_since: date = date.max
    never_served: bool = False
    is_short: bool = False
    is_silent: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether a team that is forming satisfies the rule."""
        is_many = settings.TEAM_MIN_MEMBERS <= self.members <= settings.TEAM_MAX_MEMBERS
        return self.has_leader and is_many and self.types >= self.least

    @property
    def has_room(self) -> bool:
        """Whether somebody could join the team."""
        return self.members < settings.TEAM_MAX_MEMBERS


def people_of(standing: Standing) -> dict[str, Any]:
    """Return what ``Found`` says of the people in a team."""
    return {"members": standing.count, "types": len(standing.skills), "has_leader": bool(standing.leader)}


def words_for(found: Found, today: date) -> tuple[str, tuple[str, ...]]:
    """Return the few words and the sentences, those about what is to be mended first at the beginning."""
    if found.state == GridState.RETIRED:
        return "", (_("This grid is out of use."),)
    if found.state == GridState.COVERED:
        return "", (_("An active team serves this grid."),)
    if found.state == GridState.NO_TEAM:
        return _no_team(found)
    if found.state == GridState.FORMING:
        return _forming(found)
    all_words = [_quiet(found, today)]
    if found.is_short:
        all_words.insert(0, _short(found))
    if found.overdue:
        all_words.insert(0, _overdue(found))
    return all_words[0][0], tuple(sentence for _brief, sentence in all_words)


def _no_team(found: Found) -> tuple[str, tuple[str, ...]]:
    count = {"count": found.households}
    text = ngettext("%(count)d household has no team.", "%(count)d households have no team.", found.households)
    return pgettext("tile", "%(count)d hh") % count, (_("No team serves this grid yet."), text % count)


def _forming(found: Found) -> tuple[str, tuple[str, ...]]:
    if not found.members and not found.has_leader:
        return "", (_("A team is being formed for this grid."),)
    count = {"count": found.members}
    brief = pgettext("tile", "%(count)d ppl") % count
    if found.is_complete:
        return brief, (_("The team satisfies the rule. Activate it, and it serves from that day on."),)
    members = ngettext("%(count)s member", "%(count)s members", found.members) % count
    has = _("The team has %(members)s of %(types)s so far.") % {"members": members, "types": _types(found.types)}
    asked = _("An active team has %(least)d to %(most)d members of at least %(types)s.") % {
        "least": settings.TEAM_MIN_MEMBERS,
        "most": settings.TEAM_MAX_MEMBERS,
        "types": _types(found.least),
    }
    return brief, (has, asked) if found.has_leader else (has, asked, _("The leader is missing."))


def _short(found: Found) -> tuple[str, str]:
    text = _("The members are of %(types)s; the township asks for %(least)d at least.")
    return f"{found.types}/{found.least}", text % {"types": _types(found.types), "least": found.least}


def _overdue(found: Found) -> tuple[str, str]:
    text = ngettext(
        "%(count)d request is overdue: a deadline passed %(late)s ago.",
        "%(count)d requests are overdue: the first deadline passed %(late)s ago.",
        found.overdue,
    )
    return found.late, text % {"count": found.overdue, "late": found.late}


def _quiet(found: Found, today: date) -> tuple[str, str]:
    """Say when the team served last, or since when it could have."""
    since = found.quiet_since
    days, day = _days((today - since).days), _day(since)
    if found.never_served and found.is_silent:
        text = _("No service so far; the team has been active since %(day)s, for %(days)s.")
        return days, text % {"day": day, "days": days}
    if found.never_served:
        text = _("No service so far; the team has been active since %(day)s.") % {"day": day}
        return pgettext("team", "new"), text
    ago = _ago(since, today)
    return days if found.is_silent else ago, _("The last service was on %(day)s (%(ago)s).") % {"day": day, "ago": ago}


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
