"""Fourteen months of services of one township: who did what for whom and when, and who wrote it down when."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from itertools import count
from random import Random
from uuid import UUID

from services.demo.contents import KINDS, ON_CALL, Scene, Words, draw_category
from services.demo.load import stamp
from services.demo.people import Person
from services.demo.planner import Plan, Special
from services.demo.scale import SERVICES_A_YEAR, Calendar
from services.demo.showing import Seen, Showing
from services.demo.teams import DemoTeam, Member, Place
from services.models import RecognitionRound
from services.similar import text_key

LOG_FIELDS = (
    "id", "key", "fingerprint", "team_id", "township_id", "report_id", "date", "starts_at", "ends_at", "minutes",
    "category_id", "place", "recipient", "people_served", "content", "recorded_by_id", "recorded_at",
    "is_withdrawn", "withdrawn_reason", "text_key",
)  # fmt: skip
PARTICIPATION_FIELDS = (
    "id", "log_id", "volunteer_id", "team_id", "minutes", "is_helper", "date", "starts_at", "ends_at",
    "is_withdrawn", "counted",
)  # fmt: skip
PARTICIPANTS = (3, 4, 5, 6, 7)
PARTICIPANT_ODDS = (11, 20, 31, 22, 16)
# How busy the months are, January first: the New Year is quiet, the typhoons' summer is not.
MONTH_LOAD = (0.75, 0.7, 1.05, 1.15, 1.1, 1.0, 1.15, 1.1, 1.05, 1.0, 1.0, 0.95)
WEEKEND_LOAD = 1.7
SATURDAY = 5
MOST_A_DAY, LAST_END = 600, 22 * 60
LATE_DAYS = 15  # more than settings.LATE_ENTRY_DAYS


@dataclass
class Service:
    """A log in the making; minutes of the day are Shanghai's."""

    pk: int
    team: DemoTeam
    day: date
    start: int
    minutes: int
    category: str
    recipient: str
    content: str
    place: str
    served: int
    recorded_day: date
    recorded_minute: int
    withdrawn: str = ""
    people: list[tuple[Person, int, bool]] = field(default_factory=list)  # person, minutes, is a helper

    @property
    def written(self) -> tuple[date, int, int]:
        """When it was written down, for telling which of two came first."""
        return self.recorded_day, self.recorded_minute, self.pk


class Township:
    """Makes the services of one township, day by day, so that nobody is in two places at once."""

    def __init__(self, place: Place, plan: Plan, calendar: Calendar, keys: count, random: Random) -> None:
        """Take the place, what is planned for it, and where the keys of logs go on."""
        self.place, self.calendar, self.keys, self.random = place, calendar, keys, random
        self.plan, self.showing, self.cases = plan, Showing(plan), plan.shared.cases
        members = {each.person.pk for team in place.teams for each in team.members}
        self.spare = [person for person in place.people if person.status == "active" and person.pk not in members]
        self.by_village: dict[int, list[DemoTeam]] = defaultdict(list)
        for team in place.teams:
            self.by_village[team.village.pk].append(team)
        self.busy: dict[int, list[tuple[int, int]]] = {}
        self.told: set[tuple[int, str]] = set()

    def services(self) -> Iterator[Service]:
        """Yield the services in the order of their days."""
        for day, teams in self._plan():
            self.busy, self.told = defaultdict(list), set()
            for special in self.plan.on(day):
                made = self._make(special)
                if made is not None:
                    yield made
            for team in teams:
                service = self._serve(team, day)
                if service is None:
                    continue
                yield service
                if self.random.random() < 0.004 and not service.withdrawn:
                    twin = self._serve(team, day, like=service)
                    if twin is not None:
                        if not twin.withdrawn:
                            self.cases["split"].append(max(service, twin, key=lambda each: each.written).pk)
                        yield twin
        least = RecognitionRound()
        self.cases["jump"] += self.showing.jumps(least.min_minutes, least.min_services)
        self.cases["burst"] += self.showing.bursts()

    def _plan(self) -> Iterator[tuple[date, list[DemoTeam]]]:
        """Divide the township's services among its teams and their days: 100 a team and year with what is planned."""
        random, days = self.random, self.calendar.days
        loads = [MONTH_LOAD[day.month - 1] * (WEEKEND_LOAD if day.weekday() >= SATURDAY else 1) for day in days]
        place_of = {day: place for place, day in enumerate(days)}
        working = [team for team in self.place.teams if team.works]
        a_year = sum(MONTH_LOAD) / 12 * 365 * (5 + 2 * WEEKEND_LOAD) / 7
        special = sum(map(len, self.plan.by_day.values()))
        wanted = SERVICES_A_YEAR * len(self.place.teams) * sum(loads) / a_year - special
        spans = {team.pk: _span(team, days) for team in working}
        total = sum(team.liveliness * spans[team.pk] for team in working) or 1
        plan: list[list[DemoTeam]] = [[] for _ in days]
        for team in working:
            quota = round(wanted * team.liveliness * spans[team.pk] / total)
            first = place_of.get(team.works[0], 0) if team.works else 0
            last = first + spans[team.pk]
            if first == last:
                continue
            for place in random.choices(range(first, last), loads[first:last], k=quota):
                plan[place].append(team)
        return zip(days, plan, strict=True)

    def _serve(self, team: DemoTeam, day: date, like: Service | None = None) -> Service | None:
        """Make one service of the team, or none when too few are free; after ``like`` for the same recipient again."""
        random = self.random
        category = like.category if like else draw_category(random, day.month)
        kind = KINDS[category]
        low, high = kind.minutes
        minutes = random.randrange(low, high + 1, 10)
        is_long = like is None and category == "safety" and random.random() < 0.03
        if is_long:
            minutes = random.randrange(500, 620, 10)
        there = [each for each in team.members if each.was_there(day)]
        wanted = min(random.choices(PARTICIPANTS, PARTICIPANT_ODDS)[0], len(there))
        for _ in range(4):
            earliest, latest = random.choice(kind.times) if not is_long else (480, 540)
            start = (
                random.randrange(earliest, latest + 1, 15)
                if random.random() < 0.7
                else random.randint(earliest, latest)
            )
            if like is not None:
                start = like.start + like.minutes + random.randint(5, 45)
                if start + minutes > LAST_END:
                    return None
            free = [each for each in there if self._is_free(each.person, start, start + minutes)]
            if len(free) >= min(3, wanted) and free:
                break
        else:
            return None
        scene = ON_CALL if is_long else random.choices(kind.scenes, [len(each.contents) for each in kind.scenes])[0]
        words, recipient = self._recipient(team, scene, like)
        content = words.say(random.choice(scene.contents))
        served = random.randint(*scene.served)
        service = Service(
            next(self.keys), team, day, start, minutes, category, recipient, content, words.place, served, day, 0
        )
        if random.random() < 0.001:
            service.withdrawn = random.choice(("重复录入", "日期记错，已重新登记"))
        self._record(service)
        self._take_part(service, free, wanted)
        if is_long and not service.withdrawn:
            self.cases["long"].append(service.pk)
        if (service.recorded_day - day).days >= LATE_DAYS and not service.withdrawn:
            self.cases["late"].append(service.pk)
        self._follow(service)
        return service

    def _make(self, special: Special) -> Service | None:
        """Make a planned service, or none when too few of the team are free."""
        team, day, start, end = special.team, special.day, special.start, special.start + special.minutes
        there = [each for each in team.members if each.was_there(day)]
        free = [each for each in there if self._is_free(each.person, start, end, rests=False)]
        first = [each for each in free if each.person is special.person]
        if len(free) < 2 or (special.person is not None and not first):
            return None
        recorded = special.recorded or (day, end + 5)
        service = Service(
            next(self.keys), team, day, start, special.minutes, special.category, special.recipient, special.content,
            special.place, special.served, *recorded,
        )  # fmt: skip
        self.told.add((team.pk, special.recipient))
        others = [each for each in free if each not in first]
        for each in [*first, *self.random.sample(others, min(special.people - len(first), len(others)))]:
            self.busy[each.person.pk].append((start, end))
            service.people.append((each.person, special.minutes, False))
        for case in special.cases:
            self.cases[case].append(service.pk)
        self._follow(service)
        return service

    def _follow(self, service: Service) -> None:
        if not service.withdrawn:
            seen = Seen(service.pk, service.day, service.recorded_day, service.recorded_minute)
            self.showing.see(seen, service.team.pk, ((person.pk, minutes) for person, minutes, _ in service.people))

    def _recipient(self, team: DemoTeam, scene: Scene, like: Service | None) -> tuple[Words, str]:
        """Name whom the team serves; on one day never the same one twice by chance, which would look like splitting."""
        for _ in range(8):
            words = Words(self.random, team.number)
            recipient = words.say(self.random.choice(scene.recipients))
            if like is not None or (team.pk, recipient) not in self.told:
                break
        else:
            recipient = f"{recipient}({words['who']}等)"
        self.told.add((team.pk, recipient))
        return words, like.recipient if like else recipient

    def _record(self, service: Service) -> None:
        """Decide when it was written down: mostly the same evening, at times a fortnight late, in the same month."""
        random, day = self.random, service.day
        after = 0
        if day.day <= 12 and random.random() < 0.012:
            after = LATE_DAYS + random.randint(0, 1)
        elif random.random() < 0.4:
            after = random.randint(1, 4)
        recorded = day + timedelta(days=after)
        if recorded.month != day.month or recorded >= self.calendar.today:
            recorded = day
        service.recorded_day = recorded
        evening = random.randint(20 * 60, 22 * 60)
        end = service.start + service.minutes
        service.recorded_minute = max(end + 5, evening) if recorded == day else random.randint(8 * 60, 17 * 60)

    def _take_part(self, service: Service, free: list[Member], wanted: int) -> None:
        """Choose who comes, the diligent more often, and now and then somebody from elsewhere who helps."""
        random, end = self.random, service.start + service.minutes
        order = sorted(free, key=lambda each: random.random() ** (1 / each.person.diligence), reverse=True)
        chosen = [(each.person, False) for each in order[:wanted]]
        if random.random() < 0.07:
            helper = self._helper(service)
            if helper is not None:
                chosen.append((helper, True))
        for person, is_helper in chosen:
            minutes = service.minutes
            if random.random() < 0.06:
                minutes -= random.choice((10, 15, 20))
            if not service.withdrawn:
                self.busy[person.pk].append((service.start, end))
            service.people.append((person, minutes, is_helper))

    def _helper(self, service: Service) -> Person | None:
        """Find somebody of a neighbouring team, or of none, who is free and was in the programme then."""
        random, day = self.random, service.day
        neighbours = self.by_village[service.team.village.pk]
        team = random.choice(neighbours)
        pool = (
            self.spare
            if team is service.team or not team.members
            else [each.person for each in team.members if each.was_there(day)]
        )
        for person in random.sample(pool, min(3, len(pool))):
            here = any(each.person is person for each in service.team.members)
            is_active = person.status == "active" and person.joined <= day
            if is_active and not here and self._is_free(person, service.start, service.start + service.minutes):
                return person
        return None

    def _is_free(self, person: Person, start: int, end: int, *, rests: bool = True) -> bool:
        """Whether somebody has nothing else then, and (``rests``) would not serve for more than ten hours that day."""
        others = self.busy.get(person.pk, ())
        if rests and end - start + sum(other_end - other_start for other_start, other_end in others) > MOST_A_DAY:
            return not others
        return all(end <= other_start or other_end <= start for other_start, other_end in others)


def _span(team: DemoTeam, days: list[date]) -> int:
    """Return on how many of the days the team served."""
    assert team.works is not None
    return max(0, (min(team.works[1], days[-1]) - max(team.works[0], days[0])).days)


def log_row(service: Service, report: int, category: int, recorder: int, key: str) -> tuple:
    """Return the log's row in the order of ``LOG_FIELDS``; the key stands for what a form would have sent."""
    end = service.start + service.minutes
    return (
        service.pk, key, sha256(key.encode()).hexdigest(), service.team.pk, service.team.village.township_id, report,
        service.day, stamp(service.day, service.start), stamp(service.day, end), service.minutes, category,
        service.place, service.recipient, service.served, service.content, recorder,
        stamp(service.recorded_day, service.recorded_minute), int(bool(service.withdrawn)), service.withdrawn,
        text_key(service.content),
    )  # fmt: skip


def participation_rows(service: Service, log: tuple, is_read: bool, keys: count) -> Iterator[tuple]:
    """Yield the rows of who took part in the order of ``PARTICIPATION_FIELDS``, with the times of the log's row."""
    withdrawn = int(bool(service.withdrawn))
    for person, minutes, is_helper in service.people:
        yield (
            next(keys), service.pk, person.pk, service.team.pk, minutes, int(is_helper), service.day, log[7], log[8],
            withdrawn, int(is_read and not withdrawn),
        )  # fmt: skip


def key(random: Random) -> str:
    """Return a submission key as both databases take it."""
    return UUID(int=random.getrandbits(128), version=4).hex
