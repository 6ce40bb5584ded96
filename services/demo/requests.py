"""Who asked for the errands of the last weeks, and who still waits for an answer."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import count
from random import Random

from services.demo.load import stamp
from services.demo.logs import Service, key
from services.demo.names import villager
from services.demo.scale import Calendar
from services.demo.teams import DemoTeam
from services.demo.users import Offices
from services.domain.deadline import USUAL
from services.models import HelpRequest

REQUEST_FIELDS = (
    "id", "key", "township_id", "village_id", "grid_id", "team_id", "handed_at", "caller", "phone", "phone_key",
    "channel", "content", "category_id", "asked_at", "state", "answered_at", "arrived_at", "closed_at",
    "answer_due_at", "arrive_due_at", "resolve_due_at", "due_at", "answer_minutes", "arrive_minutes",
    "resolve_minutes", "outcome", "recorded_by_id", "recorded_at",
)  # fmt: skip
DUE = USUAL[HelpRequest.Urgency.NORMAL]
# A day, and minutes from its beginning.
Moment = tuple[date, int]
# How long ago an errand is remembered by who asked for it, and what share of them.
DAYS, SHARE = 60, 0.4
# Some of those who wait have waited for too long.
FORGOTTEN_EVERY, FORGOTTEN_DAYS = 3, 6
CHANNELS, CHANNEL_ODDS = ("phone", "wechat", "qq", "forum", "in_person"), (60, 18, 9, 3, 10)
ASKED = (
    "家里的事自己跑不动，请帮忙代办",
    "想请队里帮忙跑一趟镇上",
    "孩子不在家，请人帮一下忙",
    "腿脚不便，请帮忙办理",
)
WAITING = (
    "家里水龙头坏了，想请人看看",
    "想问养老金认证怎么办，不会用手机",
    "门前水沟堵了，下雨就积水",
    "请帮忙代购药品，家里没人走得开",
    "屋顶有几片瓦松了，怕台风天漏雨",
)
NEEDLESS = ("邻居已经帮忙处理好", "家属回来自己办了")


class Requests:
    """Makes the requests of one township."""

    def __init__(
        self, calendar: Calendar, offices: Offices, keys: count, random: Random, categories: Mapping[str, int]
    ) -> None:
        """Take who records them, where their keys go on, and the keys of the categories."""
        self.calendar, self.offices, self.keys, self.random = calendar, offices, keys, random
        self.categories = categories

    def of(self, service: Service, recorder: int) -> tuple | None:
        """Return the request that an errand of the last weeks answered, for some of them."""
        is_late = service.day < self.calendar.today - timedelta(days=DAYS)
        if service.category != "errand" or service.withdrawn or is_late or self.random.random() > SHARE:
            return None
        asked = max(0, service.start - self.random.randrange(20, 180, 5))
        return self._row(
            service.team,
            service.recipient,
            self.random.choice(ASKED),
            (service.day, asked),
            "resolved",
            recorder,
            category=self.categories[service.category],
            arrived=(service.day, service.start),
            closed=(service.recorded_day, service.recorded_minute),
        )

    def waiting(self, teams: list[DemoTeam]) -> Iterator[tuple]:
        """Yield what nobody has answered yet: twice for the team that is shown, seldom elsewhere; and one closed."""
        for team in teams:
            if team.state != "active" or not team.works:
                continue
            is_shown = team.pk == self.offices.leaders_team
            for back in range(2 if is_shown else self.random.random() < 0.15):
                is_forgotten = not is_shown and team.pk % FORGOTTEN_EVERY == 0
                yield self._waiting(team, back + (FORGOTTEN_DAYS if is_forgotten else 1))
            if is_shown:
                asked = self.calendar.today - timedelta(days=6)
                yield self._row(
                    team,
                    villager(self.random),
                    self.random.choice(WAITING),
                    (asked, 9 * 60 + 20),
                    "withdrawn",
                    self.offices.staff,
                    closed=(asked, 17 * 60),
                    outcome=self.random.choice(NEEDLESS),
                )

    def _waiting(self, team: DemoTeam, back: int) -> tuple:
        day = self.calendar.today - timedelta(days=back)
        asked = self.random.randrange(8 * 60, 20 * 60, 5)
        content = WAITING[(team.pk + back) % len(WAITING)]
        return self._row(team, villager(self.random), content, (day, asked), "open", self.offices.staff)

    def _row(
        self,
        team: DemoTeam,
        caller: str,
        content: str,
        asked: Moment,
        state: str,
        by: int,
        *,
        category: int | None = None,
        arrived: Moment | None = None,
        closed: Moment | None = None,
        outcome: str = "",
    ) -> tuple:
        random = self.random
        phone = f"1{random.choice('3589')}{random.randrange(10**9):09}" if random.random() < 0.8 else ""
        channel, since = random.choices(CHANNELS, CHANNEL_ODDS)[0], stamp(*asked)
        came = stamp(*arrived) if arrived else None
        day, minute = asked
        answer, arrive, resolve = (stamp(day, minute + due) for due in (DUE.answer, DUE.arrive, DUE.resolve))
        return (
            next(self.keys), key(random), team.village.township_id, team.village.pk, team.grid, team.pk, since, caller,
            phone, phone, channel, content, category, since, state, came, came, stamp(*closed) if closed else None,
            answer, arrive, resolve, answer if state == "open" else None, _between(asked, arrived),
            _between(asked, arrived), _between(asked, closed) if state == "resolved" else None, outcome, by, since,
        )  # fmt: skip


def _between(asked: Moment, then: Moment | None) -> int | None:
    """Return the minutes between two moments."""
    return (then[0] - asked[0]).days * 24 * 60 + then[1] - asked[1] if then else None
