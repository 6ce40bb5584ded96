"""The plan of a township's special services: known cases of the flags' rules, and what only looks alike."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from accounts.models import AuditEntry
from services.demo.contents import KINDS, Words
from services.demo.people import Person
from services.demo.scale import Calendar
from services.demo.teams import DemoTeam


@dataclass
class Special:
    """A service that is made as it is said here; ``cases`` are the rules that it is a known case of."""

    team: DemoTeam
    day: date
    start: int
    minutes: int
    category: str
    recipient: str
    content: str
    served: int = 1
    place: str = ""
    recorded: tuple[date, int] | None = None
    cases: tuple[str, ...] = ()
    person: Person | None = None
    people: int = 3


@dataclass
class Shared:
    """What the townships of one demo share: which logs are known cases, and stories that another one may copy."""

    cases: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    stories: list[tuple[date, str]] = field(default_factory=list)


def planted() -> dict[str, set[int]]:
    """Return the keys of the logs of the demo in this database that are known cases, rule by rule."""
    entry = AuditEntry.objects.filter(additional_data__has_key="planted").first()
    cases = (entry.additional_data or {})["planted"] if entry else {}
    return {rule: set(pks) for rule, pks in cases.items()}


class Plan:
    """What is to be made on which day, and which teams are taken for it."""

    def __init__(self, teams: list[DemoTeam], calendar: Calendar, shared: Shared, random: Random) -> None:
        """Begin with nothing planned."""
        self.calendar, self.shared, self.random = calendar, shared, random
        self.teams = [team for team in teams if team.works and len(team.members) >= 4]
        self.all_teams = len(teams)
        self.by_day: dict[date, list[Special]] = defaultdict(list)
        self.taken: set[tuple[int, date]] = set()
        self.jumpers: set[int] = set()
        self.bursts: set[tuple[int, date]] = set()

    def on(self, day: date) -> list[Special]:
        """Return what is planned for ``day``."""
        return self.by_day.get(day, [])

    def stretch(
        self, days: int, *, since: date | None = None, until: date | None = None
    ) -> tuple[DemoTeam, list[date]] | None:
        """Find a team and so many days in a row on which nothing else is planned for it, half of them late ones."""
        recent = self.calendar.today - timedelta(days=75)
        for _ in range(60):
            team = self.random.choice(self.teams)
            assert team.works is not None
            first = max(team.works[0], self.calendar.days[0], since or date.min)
            if since is None and self.random.random() < 0.4:
                first = max(first, recent)
            last = min(team.works[1], self.calendar.days[-1], until or date.max) - timedelta(days=days)
            if last <= first:
                continue
            begin = first + timedelta(days=self.random.randrange((last - first).days))
            found = [begin + timedelta(days=each) for each in range(days)]
            if not any((team.pk, day) in self.taken for day in found):
                self.taken.update((team.pk, day) for day in found)
                return team, found
        return None

    def add(self, special: Special) -> None:
        """Plan a service."""
        self.by_day[special.day].append(special)

    def evening(self, day: date) -> tuple[date, int]:
        """Write it down the same evening."""
        return day, self.random.randint(20 * 60, 22 * 60)

    def scene(self, team: DemoTeam, category: str) -> tuple[str, str, str]:
        """Return recipient, content and place of an ordinary service."""
        scene = self.random.choice(KINDS[category].scenes)
        words = Words(self.random, team.number)
        recipient, content = (
            words.say(self.random.choice(scene.recipients)),
            words.say(self.random.choice(scene.contents)),
        )
        return recipient, content, words.place

    def odd_time(self, hour: int) -> int:
        """Begin at no full or half hour."""
        return hour * 60 + self.random.choice((5, 10, 20, 25, 35, 40))
