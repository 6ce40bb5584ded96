"""The time line of a team prepared for the page: bars on an axis of months, the same in words, and what happened.

Places on the axis are in percent, so that a bar is as wide as its cell, on a desk, a phone and on paper.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.months import month_after
from common.wording import sentences
from grids.domain.rule import ROLE_ORDER
from grids.domain.time_line import Happening, Kind, happenings_of, in_team_on, role_on, spells_of, stays_of
from grids.models import Membership, Team

DAY = timedelta(days=1)
MOST_LABELS = 7
# Up to so many months the axis is labelled by month, and has a tick for each; beyond it by year.
MONTHS_LABELLED = 18
MONTHS_TICKED = 48
LATEST = 6
TONES = {
    Kind.FORMED: "info",
    Kind.ACTIVATED: "ok",
    Kind.FELL_BACK: "warn",
    Kind.DISSOLVED: "neutral",
    Kind.JOINED: "ok",
    Kind.LEFT: "warn",
    Kind.REPLACED: "info",
    Kind.ROLE: "info",
}


@dataclass(frozen=True)
class Axis:
    """Whole months from the one of ``first`` to the day before ``end``, the first of a month."""

    first: date
    end: date

    @classmethod
    def of(cls, first: date, last: date) -> "Axis":
        """Return the axis that shows the days from ``first`` to ``last``."""
        return cls(first.replace(day=1), month_after(last, 1))

    @property
    def months(self) -> int:
        """How many months it has."""
        return (self.end.year - self.first.year) * 12 + self.end.month - self.first.month

    def at(self, day: date) -> float:
        """Return where ``day`` begins, in percent."""
        share = (day - self.first) / (self.end - self.first)
        return round(100 * min(1, max(0, share)), 2)

    def labels(self) -> list[dict[str, Any]]:
        """Return the months, or for a long time the years, that are named, where they begin."""
        if self.months <= MONTHS_LABELLED:
            step = -(-self.months // MOST_LABELS)
            days = [month_after(self.first, number) for number in range(0, self.months, step)]
            return [{"at": self.at(day), "text": f"{day:%y-%m}"} for day in days]
        years = [year for year in range(self.first.year, self.end.year + 1) if date(year, 1, 1) < self.end]
        step = -(-len(years) // MOST_LABELS)
        starts = [max(self.first, date(year, 1, 1)) for year in years if year % step == 0 or step == 1]
        return [{"at": self.at(day), "text": str(day.year)} for day in starts]

    def ticks(self) -> list[float]:
        """Return where months begin, or quarters where months would lie too close."""
        step = 1 if self.months <= MONTHS_TICKED else 3
        return [self.at(month_after(self.first, number)) for number in range(0, self.months, step)]


def time_line(team: Team, day: date | None, linked: Collection[int]) -> dict[str, Any]:
    """Prepare the whole panel; ``linked`` are the keys of the volunteers whose records the reader sees."""
    stays = stays_of(team)
    today = timezone.localdate()
    first = min([team.formed_on, *(stay.joined_on for stay in stays)])
    axis = Axis.of(first, team.dissolved_on or today)
    happenings = [_told(each) for each in happenings_of(team, stays)]
    return {
        "labels": axis.labels(),
        "ticks": axis.ticks(),
        "people": list(_people(stays, axis, linked)),
        "mark": axis.at(day) if day and axis.first <= day < axis.end else None,
        "latest": happenings[:LATEST],
        "earlier": happenings[LATEST:],
        "on_day": _on_day(team, stays, day, today) if day else None,
    }


def _people(stays: Sequence[Membership], axis: Axis, linked: Collection[int]) -> Iterator[dict[str, Any]]:
    """Prepare a row for each person: present members as the page lists them, then who left, the latest first."""
    by_person: dict[int, list[Membership]] = {}
    for stay in stays:
        by_person.setdefault(stay.volunteer_id, []).append(stay)
    names = {stay.pk: stay.volunteer.name for stay in stays}

    def place(own: list[Membership]) -> tuple[int, int, int]:
        last = own[-1]
        if last.left_on is None:
            return 0, ROLE_ORDER[last.role], last.joined_on.toordinal()
        return 1, -last.left_on.toordinal(), last.joined_on.toordinal()

    for own in sorted(by_person.values(), key=place):
        volunteer = own[-1].volunteer
        yield {
            "name": volunteer.name,
            "url": volunteer.get_absolute_url() if volunteer.pk in linked else "",
            "is_member": own[-1].left_on is None,
            "bars": [bar for stay in own for bar in _bars(stay, axis)],
            "lines": [line for stay in own for line in _lines(stay, names)],
        }


def _bars(stay: Membership, axis: Axis) -> Iterator[dict[str, Any]]:
    for spell in spells_of(stay):
        start = axis.at(spell.first)
        end = axis.at(spell.last + DAY) if spell.last else 100.0
        # A single day of fifteen years would not be seen.
        yield {"at": min(start, 99.5), "width": round(max(end - start, 0.5), 2), "role": spell.role}


def _lines(stay: Membership, names: dict[int, str]) -> Iterator[str]:
    """Say what the bars show: each role from when until when, and at the end why they left."""
    spells = spells_of(stay)
    for number, spell in enumerate(spells, start=1):
        told = {
            "role": Membership.Role(spell.role).label,
            "first": date_format(spell.first, "SHORT_DATE_FORMAT"),
            "last": date_format(spell.last, "SHORT_DATE_FORMAT") if spell.last else _("until now"),
        }
        line = _("%(role)s, %(first)s – %(last)s") % told
        if number == len(spells) and stay.left_on is not None:
            successor = names.get(stay.replaced_by_id or 0)
            reasons = [stay.reason, _("%(name)s took the place") % {"name": successor} if successor else ""]
            line = " · ".join([line, *filter(None, reasons)])
        yield line


def _told(happening: Happening) -> tuple[str, str, str, str, str]:
    """Prepare one thing that happened as a step of a time line: tone, title, when, who, text."""
    words = {
        "who": happening.who,
        "successor": happening.successor,
        "role": str(Membership.Role(happening.role).label) if happening.role else "",
    }
    titles = {
        Kind.FORMED: _("The team was formed"),
        Kind.ACTIVATED: _("The team became active"),
        Kind.FELL_BACK: _("The team fell back to forming"),
        Kind.DISSOLVED: _("The team was dissolved"),
        Kind.JOINED: _("%(who)s joined as: %(role)s") if happening.role != "member" else _("%(who)s joined"),
        Kind.LEFT: _("%(who)s left"),
        Kind.REPLACED: _("%(successor)s took the place of %(who)s"),
        Kind.ROLE: _("%(who)s is from now on: %(role)s"),
    }
    return TONES[happening.kind], titles[happening.kind] % words, date_format(happening.day), "", happening.reason


def _on_day(team: Team, stays: Sequence[Membership], day: date, today: date) -> dict[str, Any]:
    """Say who was in the team on ``day``, in which role, or why nobody was."""
    members = in_team_on(stays, day)
    words = {"day": date_format(day)}
    notes = []
    if day > today:
        notes.append(_("%(day)s has not come yet: this is the team as it stands.") % words)
    if day < team.formed_on:
        notes.append(_("The team was formed on %(day)s only.") % {"day": date_format(team.formed_on)})
    elif team.dissolved_on and day > team.dissolved_on:
        notes.append(_("The team had been dissolved on %(day)s.") % {"day": date_format(team.dissolved_on)})
    elif not members:
        notes.append(_("Nobody was in the team on this day."))
    return {
        "day": day,
        "note": sentences(notes),
        "members": [
            {
                "name": stay.volunteer.name,
                "role": Membership.Role(role_on(stay, day)).label,
                "mark": _("joined on this day")
                if stay.joined_on == day
                else _("left on this day")
                if stay.left_on == day
                else "",
            }
            for stay in members
        ],
    }
