"""From which log on a planted case shows, where that depends on the ordinary services around it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.demo.planner import Plan


@dataclass(frozen=True)
class Seen:
    """What is kept of a service: its log, day, and when it was written down."""

    pk: int
    day: date
    recorded_day: date
    recorded_minute: int
    minutes: int = 0

    @property
    def written(self) -> tuple[datetime, int]:
        """The moment, for the order and for a day before."""
        return datetime.combine(self.recorded_day, time()) + timedelta(minutes=self.recorded_minute), self.pk


class Showing:
    """Follows the teams that write a fortnight down in one evening, and the people who jump in December."""

    def __init__(self, plan: Plan) -> None:
        """Take who is to be followed."""
        self.plan = plan
        self.written: dict[tuple[int, date], list[Seen]] = defaultdict(list)
        self.years: dict[tuple[int, int], list[Seen]] = defaultdict(list)

    def see(self, seen: Seen, team: int, people: Iterable[tuple[int, int]]) -> None:
        """Take down a service that stands; ``people`` are the keys of those who came, with their minutes."""
        for day in (seen.recorded_day, seen.recorded_day + timedelta(days=1)):
            if (team, day) in self.plan.bursts:
                self.written[team, day].append(seen)
        for person, minutes in people:
            if person in self.plan.jumpers:
                part = Seen(seen.pk, seen.day, seen.recorded_day, seen.recorded_minute, minutes)
                self.years[person, seen.day.year].append(part)

    def bursts(self) -> Iterator[int]:
        """Yield from the sixth log on what was written on such an evening within a day, for more than a week."""
        for (_team, evening), logs in self.written.items():
            for log in logs:
                moment = log.written[0]
                before = [
                    other
                    for other in logs
                    if moment - timedelta(days=1) < other.written[0] and other.written <= log.written
                ]
                span = max(other.day for other in before) - min(other.day for other in before)
                if log.recorded_day == evening and len(before) >= 6 and span > timedelta(days=7):
                    yield log.pk

    def jumps(self, limit: int, services: int) -> Iterator[int]:
        """Yield the services of December from which on somebody has gone far beyond their year."""
        found = set()
        for parts in self.years.values():
            before = [part for part in parts if part.day.month < 12]
            minutes, total = sum(part.minutes for part in before), 0
            if minutes >= limit or len(before) >= services:
                continue
            december = sorted((part for part in parts if part.day.month == 12), key=lambda part: part.written)
            for count, part in enumerate(december, start=len(before) + 1):
                total += part.minutes
                by_minutes = minutes + total >= 0.8 * limit and total >= 20 * 60 and total > 2.5 * minutes / 11
                times = count - len(before)
                by_services = count >= 0.8 * services and times >= 10 and times > 2.5 * len(before) / 11
                if by_minutes or by_services:
                    found.add(part.pk)
        yield from sorted(found)
