"""Grids of the villages, their teams, who is in them, and who stands beside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from itertools import count
from random import Random

from areas.models import Village
from common.codes import signs_from
from grids.models.grid import PAGE_CODE_LENGTH
from services.demo.people import CODES, WEIGHTS, Person, invent
from services.demo.scale import Calendar

GRID_FIELDS = ("id", "village_id", "number", "households", "boundary", "official_code", "page_code")
TEAM_FIELDS = ("id", "name", "grid_id", "township_id", "state", "formed_on", "activated_on")
MEMBERSHIP_FIELDS = ("id", "team_id", "volunteer_id", "role", "joined_on", "left_on", "reason")
SIZES = (3, 4, 5, 7, 8, 9, 10)
SIZE_WEIGHTS = (3, 4, 5, 6, 24, 34, 24)
EDGES = (
    "村道以东",
    "村道以西",
    "溪北片",
    "溪南片",
    "老街片",
    "山脚自然村",
    "新区安置房",
    "文化礼堂周边",
    "茶山自然村",
    "码头沿线",
)
# Of those in no team: most could join one at once.
STATUSES = ("active", "applied", "suspended", "left", "rejected")
ODDS = (70, 12, 6, 11, 1)
REASONS_FOR_LEAVING = ("外出务工", "工作调动", "年事已高", "身体原因", "搬迁至外镇")


@dataclass
class Member:
    """A membership in the making."""

    person: Person
    role: str
    joined: date
    left: date | None = None
    reason: str = ""

    def was_there(self, day: date) -> bool:
        """Whether they may have served with the team on ``day``."""
        return self.joined <= day and (self.left is None or day <= self.left)


@dataclass
class DemoTeam:
    """A team with its grid. ``works``: from when until when it served; ``None`` for one that never did."""

    pk: int
    grid: int
    number: int
    households: int
    village: Village
    state: str
    formed: date
    activated: date | None
    works: tuple[date, date] | None
    liveliness: float
    members: list[Member] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The team's name, as the offices write it."""
        return f"{self.village.name}第{self.number}网格服务队"

    @property
    def leader(self) -> Person | None:
        """Who leads it now."""
        return next((each.person for each in self.members if each.role == "leader" and each.left is None), None)


@dataclass
class Place:
    """What stands in one township: grids, teams, and everybody there, also those in no team."""

    teams: list[DemoTeam] = field(default_factory=list)
    grids: list[tuple] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)

    def team_rows(self) -> Iterator[tuple]:
        """Yield the rows of the teams in the order of ``TEAM_FIELDS``."""
        for team in self.teams:
            yield (
                team.pk, team.name, team.grid, team.village.township_id, team.state, team.formed, team.activated,
            )  # fmt: skip

    def membership_rows(self, keys: Iterator[int]) -> Iterator[tuple]:
        """Yield the rows of the memberships in the order of ``MEMBERSHIP_FIELDS``."""
        for team in self.teams:
            for each in team.members:
                yield next(keys), team.pk, each.person.pk, each.role, each.joined, each.left, each.reason


@dataclass
class Keys:
    """The keys that are given next."""

    volunteer: count
    grid: count
    team: count


def settle(villages: list[Village], teams: int, calendar: Calendar, keys: Keys, random: Random) -> Place:
    """Fill the villages with ``teams`` teams; one grid in thirty more has none."""
    place = Place()
    grids = teams + max(1, round(teams / 30))
    shares = [random.uniform(1, 8) for _ in villages]
    for village, wanted in zip(villages, divide(grids, shares, limit=10), strict=True):
        for number in range(1, wanted + 1):
            _draw_grid(place, village, number, keys, random)
    bare = set(random.sample(range(len(place.grids)), grids - teams))
    served = [row for at, row in enumerate(place.grids) if at not in bare]
    by_pk = {village.pk: village for village in villages}
    for order, row in enumerate(served):
        _form(place, row, by_pk[row[1]], villages, order, calendar, keys, random)
    _stand_beside(place, villages, calendar, keys, random)
    return place


def _draw_grid(place: Place, village: Village, number: int, keys: Keys, random: Random) -> None:
    households = random.randint(24, 46)
    edge = EDGES[(number - 1) % len(EDGES)]
    official = f"{village.code}{number:03d}"
    code = signs_from(sha256(f"demo:{official}".encode()).hexdigest(), PAGE_CODE_LENGTH)
    place.grids.append((next(keys.grid), village.pk, number, households, edge, official, code))


def _form(
    place: Place,
    grid: tuple,
    village: Village,
    villages: list[Village],
    order: int,
    calendar: Calendar,
    keys: Keys,
    random: Random,
) -> None:
    """Form the team of a grid: most have long been active; one in ten is silent, one in twenty is forming."""
    begin = calendar.months[0]
    formed = date(random.randint(2011, begin.year - 2), random.randint(1, 12), random.randint(1, 28))
    size = random.choices(SIZES, SIZE_WEIGHTS)[0]
    team = DemoTeam(
        next(keys.team), grid[0], grid[2], grid[3], village, "active", formed, formed + timedelta(days=14),
        (begin, calendar.today), random.lognormvariate(0, 0.38),
    )  # fmt: skip
    fate = order % 20
    if fate == 7:  # Never had enough people: not active yet.
        size = random.choice((1, 2, 2, 6))
        team.formed = calendar.today - timedelta(days=random.randint(20, 150))
        team.state, team.activated, team.works = "forming", None, None
    elif fate == 12 and order % 40 == 12:  # Fell apart when people left: it had served until then.
        size = 2
        team.state, team.activated = "forming", None
        team.works = (begin, calendar.today - timedelta(days=random.randint(50, 160)))
    elif fate in (4, 15):  # Active, and nobody has heard of it for long.
        team.works = (begin, calendar.today - timedelta(days=random.randint(40, 200)))
        team.liveliness *= 0.6
    elif fate == 18:  # Formed while the demo's months ran.
        team.formed = begin + timedelta(days=random.randint(20, 240))
        team.activated = team.formed + timedelta(days=14)
        team.works = (team.activated, calendar.today)
    _fill(place, team, size, villages, calendar, keys, random)
    if team.state == "forming" and team.works:
        _leave_apart(place, team, calendar, keys, random)
    place.teams.append(team)


def _fill(
    place: Place, team: DemoTeam, size: int, villages: list[Village], calendar: Calendar, keys: Keys, random: Random
) -> None:
    """Find the members: the first three of different primary skill types, six in seven from the village itself."""
    skills = _skills(size, random)
    if team.state == "forming" and size == 6:
        skills = [skills[0], skills[1]] * 3  # Enough people, too much alike: the gap is a skill type.
    avoid: set[str] = set()
    for order, skill in enumerate(skills):
        home = team.village if random.random() < 0.86 else random.choice(villages)
        joined = team.formed + timedelta(days=random.randint(0, 12))
        enrolled = joined - timedelta(days=random.randint(0, 60))
        person = invent(next(keys.volunteer), home, skill, enrolled, calendar.today, random, avoid)
        place.people.append(person)
        role = "leader" if order == 0 and size > 1 else "deputy" if order == 1 and size > 3 else "member"
        if role == "leader":
            person.diligence = max(person.diligence, 1.4)
        member = Member(person, role, joined)
        team.members.append(member)
        if role == "member" and team.state == "active" and random.random() < 0.06:
            _replace(place, team, member, avoid, calendar, keys, random)


def _skills(size: int, random: Random) -> list[str]:
    """Return the primary skill types of a team: three different ones, then as they come."""
    different: list[str] = []
    while len(different) < min(3, size):
        skill = random.choices(CODES, WEIGHTS)[0]
        if skill not in different:
            different.append(skill)
    return different + random.choices(CODES, WEIGHTS, k=max(0, size - 3))


def _replace(
    place: Place, team: DemoTeam, member: Member, avoid: set[str], calendar: Calendar, keys: Keys, random: Random
) -> None:
    """Put the member in the place of a former one, in one step on one day, with the same ability."""
    first = max(team.formed + timedelta(days=40), calendar.months[0] + timedelta(days=30))
    last = calendar.today - timedelta(days=20)
    if first >= last:
        return
    day = first + timedelta(days=random.randrange((last - first).days))
    skill = member.person.skill
    former = invent(next(keys.volunteer), team.village, skill, team.formed, calendar.today, random, avoid)
    place.people.append(former)
    reason = random.choice(REASONS_FOR_LEAVING)
    team.members.append(Member(former, "member", team.formed + timedelta(days=1), day, reason))
    member.joined = day
    member.person.joined = day - timedelta(days=random.randint(1, 30))
    _send_off(former, day, random)


def _leave_apart(place: Place, team: DemoTeam, calendar: Calendar, keys: Keys, random: Random) -> None:
    """Let four members have left a team that fell apart on its last day of work."""
    assert team.works is not None
    for skill in random.sample(CODES, 4):
        former = invent(next(keys.volunteer), team.village, skill, team.formed, calendar.today, random, set())
        place.people.append(former)
        reason = random.choice(REASONS_FOR_LEAVING)
        team.members.append(Member(former, "member", team.formed + timedelta(days=1), team.works[1], reason))
        _send_off(former, team.works[1], random)


def _send_off(person: Person, day: date, random: Random) -> None:
    """Say what became of somebody who left their team: still there, suspended, or gone."""
    person.status = random.choices(("active", "suspended", "left"), (4, 2, 4))[0]
    if person.status != "active":
        person.away = day
    if person.status == "left":
        person.left = day


def _stand_beside(place: Place, villages: list[Village], calendar: Calendar, keys: Keys, random: Random) -> None:
    """Add those in no team: free ones, applicants, the suspended and the gone, so that there are nine a team."""
    missing = round(len(place.teams) * 9.05) - len(place.people)
    for order in range(max(4, missing)):
        skill = random.choices(CODES, WEIGHTS)[0]
        status = ("applied", "suspended", "left", "active")[order] if order < 4 else random.choices(STATUSES, ODDS)[0]
        joined = date(random.randint(2012, calendar.months[0].year - 3), random.randint(1, 12), random.randint(1, 28))
        if status in ("applied", "rejected"):
            joined = calendar.today - timedelta(days=random.randint(1, 25))
        person = invent(
            next(keys.volunteer), random.choice(villages), skill, joined, calendar.today, random, set()
        )  # fmt: skip
        person.status = status
        if status == "left":
            person.left = person.away = calendar.today - timedelta(days=random.randint(30, 700))
        if status == "suspended":
            person.away = calendar.today - timedelta(days=7 + person.pk % 200)
        place.people.append(person)


def divide(total: int, shares: Sequence[float], limit: int | None = None) -> list[int]:
    """Divide ``total`` by ``shares`` into whole numbers that add up to it, each at most ``limit`` where that can be."""
    limit = max(limit or total, -(-total // len(shares)))
    exact = [total * share / sum(shares) for share in shares]
    whole = [min(limit, int(each)) for each in exact]
    order = sorted(range(len(shares)), key=lambda at: (int(exact[at]) - exact[at], at))
    while sum(whole) < total:
        for at in order:
            if whole[at] < limit and sum(whole) < total:
                whole[at] += 1
    return whole
