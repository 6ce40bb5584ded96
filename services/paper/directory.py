"""Whom and what the cells of a line name: teams, categories and people, by number, name or pinyin initials.

One directory is loaded for a person and asked for any number of lines; what the person may not see is not in it.
Ambiguous words are refused with the candidates. All raise ``ValidationError``.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from areas.former_names import former_village_names
from areas.village_names import VILLAGE_SUFFIX
from common.clean import clean_code
from grids.models import Membership, Team
from services.domain.entry import LONGEST
from services.models import ServiceCategory
from volunteers.models import Volunteer
from volunteers.pinyin import initials_of, pinyin_of

Status = Volunteer.Status
# How many candidates a refusal names.
NAMED = 6
SEPARATORS = re.compile(r"[\s,、;。]+")
# The whole team, said shortly; no initials are written like this.
EVERYBODY = {"全体", "全队", "全员", "."}
TOKEN = re.compile(r"([+*]?)([^:+*()]+?)(?:\(([0-9]{7})\))?(?::([0-9]{1,3})(?:分钟?|min)?)?")
GRID = re.compile(r"(.+?)第?([0-9]{1,2})(?:号?网格)?(?:服务队)?")
# What is left off a village's name when people speak of it.


@dataclass
class People:
    """Who a cell names: volunteers with their own minutes (None for the whole time), in the order typed."""

    minutes: dict[int, int | None] = field(default_factory=dict)
    found: list[Volunteer] = field(default_factory=list)
    helpers: set[int] = field(default_factory=set)

    def add(self, volunteer: Volunteer, minutes: int | None, *, is_helper: bool) -> None:
        """Take somebody in; named twice they count once."""
        if volunteer.pk not in self.minutes:
            self.found.append(volunteer)
        self.minutes[volunteer.pk] = minutes
        if is_helper:
            self.helpers.add(volunteer.pk)


@dataclass(frozen=True)
class Stay:
    """A membership: who was in a team, from when to when."""

    volunteer: int
    role: str
    joined: date
    left: date | None


class Directory:
    """What one person may name in a line."""

    def __init__(self, user: User) -> None:
        """Take whose view it is; everything is read when it is first asked for, by a query each."""
        self.user = user

    @cached_property
    def teams(self) -> dict[int, Team]:
        """The teams that the person logs for, by key, village by village."""
        teams = Team.objects.visible_to(self.user).standing().select_related("grid__village")
        teams = teams.only("name", "township_id", "grid__number", "grid__official_code", "grid__village__name")
        return {team.pk: team for team in teams.by_village()}

    @cached_property
    def categories(self) -> list[ServiceCategory]:
        """The categories that new logs may be given."""
        return list(ServiceCategory.objects.in_use())

    @cached_property
    def people(self) -> dict[int, Volunteer]:
        """The township's volunteers who ever served, and whoever was in the teams and lives elsewhere now."""
        columns = ("number", "name", "name_pinyin", "name_initials", "township_id", "status", "joined_on", "left_on")
        here = Volunteer.objects.in_reach_of(self.user).exclude(status__in=(Status.APPLIED, Status.REJECTED))
        people = {volunteer.pk: volunteer for volunteer in here.only(*columns)}
        gone = {stay.volunteer for stays in self._stays.values() for stay in stays} - people.keys()
        if gone:
            people |= {volunteer.pk: volunteer for volunteer in Volunteer.objects.filter(pk__in=gone).only(*columns)}
        return people

    @cached_property
    def _stays(self) -> dict[int, list[Stay]]:
        stays: dict[int, list[Stay]] = defaultdict(list)
        memberships = Membership.objects.filter(team__in=Team.objects.visible_to(self.user).standing()).order_by("id")
        for team, volunteer, role, joined, left in memberships.values_list(
            "team", "volunteer", "role", "joined_on", "left_on"
        ):
            stays[team].append(Stay(volunteer, role, joined, left))
        return stays

    def members_on(self, team: Team, day: date) -> list[Volunteer]:
        """Return who was in the team on ``day``, in the order of the form for one service; places count from 1."""
        stays = [
            stay for stay in self._stays[team.pk] if stay.joined <= day and (stay.left is None or stay.left >= day)
        ]
        stays.sort(key=lambda stay: (stay.role, self.people[stay.volunteer].name_pinyin, stay.volunteer))
        return [self.people[pk] for pk in dict.fromkeys(stay.volunteer for stay in stays)]

    # --- teams ----------------------------------------------------------------------------------------

    def team(self, typed: str) -> Team:
        """Find a team by its name, its village and grid (东岸3, da3), its grid's code, or initials of the name."""
        wanted = _plain(typed)
        if not wanted:
            raise ValidationError(_("Name the team."), code="required")
        for name in (wanted, _village_and_number(wanted)):
            found = self._team_names.get(name, {}) if name else {}
            if len(found) == 1:
                return next(iter(found.values()))
            if found:
                raise _ambiguous(typed, [team.name for team in found.values()], _("Write the whole name."))
        found = {team.pk: team for team in self.teams.values() if wanted in _plain(team.name)}
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            raise _ambiguous(typed, [team.name for team in found.values()], _("Write the whole name."))
        raise ValidationError(
            _("No team of yours is called “%(typed)s”. Write its name, or village and grid, such as %(example)s."),
            code="team",
            params={"typed": typed[:40], "example": next((short_name(team) for team in self.teams.values()), "3")},
        )

    @cached_property
    def _team_names(self) -> dict[str, dict[int, Team]]:
        """Every way to write a team, plain, with the teams that it may mean."""
        names: dict[str, dict[int, Team]] = defaultdict(dict)
        for team in self.teams.values():
            for name in _names_of(team.name, team.grid.village.name, team.grid.number):
                names[name][team.pk] = team
            if team.grid.official_code:
                names[_plain(team.grid.official_code)][team.pk] = team
        # A list from before a village was renamed means the grid of today, unless the name means another one now.
        before = former_village_names()
        former: dict[str, dict[int, Team]] = defaultdict(dict)
        for team in self.teams.values():
            for called in before.get(team.grid.village_id, ()):
                for name in _names_of(team.name, called, team.grid.number):
                    if name not in names:
                        former[name][team.pk] = team
        names.update(former)
        return names

    # --- categories -----------------------------------------------------------------------------------

    def category(self, typed: str) -> ServiceCategory:
        """Find a category by its code, name or initials, or by a beginning that only one of them has."""
        wanted = _plain(typed)
        if not wanted:
            raise ValidationError(_("Choose what kind of service it was."), code="required")
        names = {
            category: _category_names(category.code, category.name, category.name_en) for category in self.categories
        }
        found = [category for category, (exact, _short) in names.items() if wanted in exact]
        if not found:
            found = [category for category, (_exact, short) in names.items() if wanted in short]
        if not found:
            found = [
                category
                for category, (exact, short) in names.items()
                if any(name.startswith(wanted) for name in (*exact, *short))
            ]
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(typed, [category.name for category in found], _("Write more of it."))
        raise ValidationError(
            _("There is no category “%(typed)s”. There are: %(names)s."),
            code="category",
            params={"typed": typed[:40], "names": "、".join(category.name for category in self.categories)},
        )

    # --- people ---------------------------------------------------------------------------------------

    def people_in(self, typed: str, team: Team, day: date, *, places: bool = False) -> People:
        """Find who took part: badge number, name, initials; ``+`` before helpers of other teams, ``:45`` for minutes.

        With ``places`` one or two digits are a place in the team's list, else a badge number without its zeros.
        """
        found = People()
        tokens = [token for token in SEPARATORS.split(clean_code(typed)) if token]
        if not tokens:
            raise ValidationError(_("Name who took part: at least one member of the team."), code="required")
        members = self.members_on(team, day)
        for token in tokens:
            if token in EVERYBODY:
                for member in members:
                    found.add(member, None, is_helper=False)
                continue
            parts = TOKEN.fullmatch(token)
            if parts is None:
                raise ValidationError(
                    _("“%(typed)s” was not understood. Write a name, initials or a number, then :45 for own minutes."),
                    code="token",
                    params={"typed": token[:40]},
                )
            sign, word, number, minutes = parts.groups()
            if minutes is not None and not 1 <= int(minutes) <= LONGEST:
                raise ValidationError(
                    _("“%(typed)s”: own minutes are 1 to 960."), code="minutes", params={"typed": token[:40]}
                )
            volunteer = self._person(number or word, members, is_helper=bool(sign), places=places)
            is_helper = all(member.pk != volunteer.pk for member in members)
            found.add(volunteer, int(minutes) if minutes else None, is_helper=is_helper)
        return found

    def _person(self, word: str, members: Sequence[Volunteer], *, is_helper: bool, places: bool) -> Volunteer:
        if word.isascii() and word.isdecimal():
            if places and len(word) <= 2:
                return _at_place(int(word), members)
            return self._by_number(word)
        among = _called(word, members)
        if is_helper:
            own = {member.pk for member in members}
            others = [person for person in self.people.values() if person.pk not in own]
            among = _called(word, [person for person in others if person.township_id == self.user.township_id]) or among
        if len(among) == 1:
            return among[0]
        if among:
            raise _ambiguous(
                word, [f"{person.name}({person.number})" for person in among], _("Write the number of the one meant.")
            )
        if is_helper:
            raise ValidationError(
                _("Nobody of the township is called “%(typed)s”. Write the number on the badge."),
                code="helper",
                params={"typed": word[:40]},
            )
        raise ValidationError(
            _("“%(typed)s” was not in the team on that day. Put + before helpers from other teams: +%(typed)s."),
            code="member",
            params={"typed": word[:40]},
        )

    def _by_number(self, word: str) -> Volunteer:
        number = word.zfill(7)
        for person in self.people.values():
            if person.number == number:
                return person
        raise ValidationError(
            _("Nobody of the township has the number %(number)s."), code="number", params={"number": word[:20]}
        )


def short_name(team: Team) -> str:
    """Return the shortest name of a team that says its village and grid."""
    return f"{VILLAGE_SUFFIX.sub('', team.grid.village.name)}{team.grid.number}"


def _at_place(place: int, members: Sequence[Volunteer]) -> Volunteer:
    if not 1 <= place <= len(members):
        raise ValidationError(
            _("The team had %(count)s members on that day: there is no place %(place)s in its list."),
            code="place",
            params={"count": len(members), "place": place},
        )
    return members[place - 1]


def _called(word: str, people: Iterable[Volunteer]) -> list[Volunteer]:
    """Return who has the name, else the initials, else the pinyin."""
    people = list(people)
    plain = _plain(word)
    for name_of in (
        lambda person: _plain(person.name),
        lambda person: person.name_initials,
        lambda person: person.name_pinyin.replace(" ", ""),
    ):
        found = [person for person in people if name_of(person) == plain]
        if found:
            return found
    return []


def _ambiguous(typed: str, candidates: Sequence[str], cure: str) -> ValidationError:
    shown = "、".join(candidates[:NAMED]) + (" …" if len(candidates) > NAMED else "")
    return ValidationError(
        _("“%(typed)s” may be: %(candidates)s. %(cure)s"),
        code="ambiguous",
        params={"typed": typed[:40], "candidates": shown, "cure": cure},
    )


def _plain(text: str) -> str:
    """Return the text as it is compared: no blanks, small letters, full-width signs as ASCII."""
    return re.sub(r"\s", "", clean_code(text)).casefold()


def _village_and_number(wanted: str) -> str:
    """Return 东岸村第3网格 as 东岸3."""
    found = GRID.fullmatch(wanted)
    return f"{VILLAGE_SUFFIX.sub('', found[1])}{int(found[2])}" if found else ""


@lru_cache(maxsize=8192)
def _names_of(name: str, village: str, number: int) -> frozenset[str]:
    """Return every way to write a team: names are read as words, and as a surname where they may be one."""
    short = VILLAGE_SUFFIX.sub("", village)
    initials = {read(part) for part in (village, short) for read in (initials_of, _as_person)}
    return frozenset(
        {
            _plain(name),
            initials_of(name),
            f"{_plain(village)}{number}",
            f"{_plain(short)}{number}",
            *(f"{each}{number}" for each in initials),
        }
        - {""}
    )


@lru_cache(maxsize=256)
def _category_names(code: str, name: str, name_en: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return what names a category exactly, and its initials."""
    bare = re.sub(r"\(.*?\)", "", _plain(name))
    exact = {_plain(code), _plain(name), _plain(name_en), bare}
    initials = {initials_of(name), initials_of(bare), _as_person(bare)}
    return frozenset(exact - {""}), frozenset(initials - {""})


def _as_person(text: str) -> str:
    return pinyin_of(text)[1]
