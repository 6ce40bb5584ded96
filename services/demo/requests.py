"""What residents asked for in the last months, and what became of it: most was resolved, and most in time."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from itertools import count
from random import Random

from areas.models import Village
from services.demo.asked import Asked
from services.demo.logs import Service
from services.demo.names import villager
from services.demo.scale import Calendar
from services.demo.teams import DemoTeam
from services.demo.users import Offices
from services.domain.deadline import USUAL
from services.models import HelpRequest

Urgency = HelpRequest.Urgency
# How long ago a service is remembered to have been asked for, and what share of each category was.
DAYS = 150
SHARES = {"errand": 0.3, "medical": 0.12, "mediation": 0.25, "safety": 0.1, "other": 0.1, "visit": 0.03}
CHANNELS, CHANNEL_ODDS = ("phone", "wechat", "qq", "forum", "in_person", "page", "visit"), (50, 16, 8, 3, 9, 10, 4)
URGENCIES, URGENCY_ODDS = ("urgent", "normal", "low"), (12, 68, 20)
# How much of the time that each deadline gives was taken: seldom more than all of it.
PACE, SLOW, SLOW_SHARE = (0.03, 0.7), (1.1, 2.5), 0.08
RATED, RATINGS, RATING_ODDS = 0.4, ("satisfied", "fair", "dissatisfied"), (80, 15, 5)
WORDS = {"satisfied": ("来得很快，谢谢", "", ""), "fair": ("", "等得有点久"), "dissatisfied": ("说好上午来，下午才到",)}
ASKED = {
    "errand": ("家里的事自己跑不动，请帮忙代办", "想请队里帮忙跑一趟镇上", "腿脚不便，请帮忙办理"),
    "medical": ("老人血压偏高，想请人上门量一量", "想请卫生室的人来看看老人"),
    "mediation": ("和邻居为排水吵起来了，请来说说理", "宅基地边界说不清，请人调解"),
    "safety": ("灶间电线老化，想请人看看", "门前路面塌了一块，怕有人摔倒"),
    "visit": ("独居老人想有人来坐坐", "老人在家，请人上门看看"),
    "other": ("孩子不在家，请人帮一下忙", "有点事想请队里帮忙"),
}
WAITING = (
    "家里水龙头坏了，想请人看看",
    "想问养老金认证怎么办，不会用手机",
    "门前水沟堵了，下雨就积水",
    "请帮忙代购药品，家里没人走得开",
    "屋顶有几片瓦松了，怕台风天漏雨",
)
# What became of what no service resolved, and how often.
OUTCOMES, OUTCOME_ODDS, OUTCOME_SHARE = ("referred", "unsolved", "withdrawn"), (4, 2, 3), 0.5
OFFICES = ("镇综治中心", "供电所", "自来水公司", "市医保中心", "村委会")
ANSWERS = ("已安排人员处理", "已回访居民，问题解决", "")
UNSOLVED = ("属于房屋质量纠纷，建议走法律途径", "需要专业资质，队里做不了")
NEEDLESS = ("邻居已经帮忙处理好", "家属回来自己办了")
REFERABLE = ("村口路灯不亮，晚上走路看不见", "电线杆斜了，怕倒下来", "自来水一到晚上就没有")
# Of those who wait, some have waited for too long, and some came back.
WAITING_SHARE, FORGOTTEN_EVERY, REOPENED_SHARE = 0.15, 3, 0.01
HOUR, DAY, MORNING = 60, 24 * 60, 6


class Requests:
    """Makes the requests of one township."""

    def __init__(
        self, calendar: Calendar, offices: Offices, keys: count, random: Random, categories: Mapping[str, int]
    ) -> None:
        """Take who records them, where their keys go on, and the keys of the categories."""
        self.calendar, self.offices, self.keys, self.random = calendar, offices, keys, random
        self.categories = categories
        self.now = datetime.combine(calendar.today, time())

    def of(self, service: Service, recorder: int) -> Asked | None:
        """Return the request that a service of the last months answered, for some of them."""
        random, share = self.random, SHARES.get(service.category, 0)
        is_late = service.day < self.calendar.today - timedelta(days=DAYS)
        if service.withdrawn or is_late or random.random() > share:
            return None
        urgency = random.choices(URGENCIES, URGENCY_ODDS)[0]
        caller = service.recipient if service.category == "errand" else villager(random)
        arrived = datetime.combine(service.day, time()) + timedelta(minutes=service.start)
        closed = datetime.combine(service.recorded_day, time()) + timedelta(minutes=service.recorded_minute)
        taken = max(5, int(self._pace() * USUAL[Urgency(urgency)].arrive))
        earliest = datetime.combine(service.team.formed, time(8))
        asked = self._new(
            service.team,
            caller,
            random.choice(ASKED[service.category]),
            max(self._by_day(arrived - timedelta(minutes=taken)), min(earliest, arrived)),
            recorder,
            urgency=urgency,
        )
        asked.category, asked.arrived = self.categories[service.category], arrived
        taken = int((arrived - asked.asked).total_seconds()) // 60
        answer = int(self._pace() * min(USUAL[Urgency(urgency)].answer, taken))
        asked.answered = asked.asked + timedelta(minutes=min(answer, taken))
        way = min(random.randrange(5, 40), int((arrived - asked.answered).total_seconds()) // 60)
        if way and random.random() < 0.7:
            asked.set_out = arrived - timedelta(minutes=way)
        if taken - answer > 3 * HOUR and random.random() < 0.06:
            asked.waited = random.randrange(HOUR, taken - answer - way, 10)
        asked.state, asked.closed = "resolved", closed
        self._judge(asked)
        return asked

    def _judge(self, asked: Asked) -> None:
        """Let some residents rate, confirm, or open it again because it was not solved after all."""
        random = self.random
        assert asked.closed is not None
        if (self.now - asked.closed).days > 1 and random.random() < RATED:
            asked.rating = random.choices(RATINGS, RATING_ODDS)[0]
            asked.rating_words = random.choice(WORDS[asked.rating])
            asked.confirmed = asked.closed + timedelta(hours=2) if random.random() < 0.6 else None
        elif 1 < (self.now - asked.closed).days < 7 and random.random() < 10 * REOPENED_SHARE:
            asked.reopened = asked.closed + timedelta(hours=20)
            asked.state, asked.closed = "open", None

    def others(self, teams: list[DemoTeam]) -> Iterator[Asked]:
        """Yield what no service answered: what waits, and what was referred, not solved or withdrawn."""
        for team in teams:
            if team.state != "active" or not team.works:
                continue
            is_shown = team.pk == self.offices.leaders_team
            if is_shown:
                yield self._fresh(team, 0)
                yield self._under_way(team)
            elif self.random.random() < WAITING_SHARE:
                yield self._late(team) if team.pk % FORGOTTEN_EVERY == 0 else self._under_way(team)
            if is_shown or self.random.random() < OUTCOME_SHARE:
                yield self._settled(team)
        standing = [team for team in teams if team.state == "active" and team.works]
        if standing:
            yield self._without_team(standing[0].village)

    def _fresh(self, team: DemoTeam, hours: int) -> Asked:
        """Return what came on the last evening and nobody has answered yet: it can wait until the next."""
        asked = self.now - timedelta(minutes=self.random.randrange(10, 4 * HOUR) + hours * HOUR)
        return self._new(team, villager(self.random), WAITING[team.pk % len(WAITING)], asked, urgency="low")

    def _under_way(self, team: DemoTeam) -> Asked:
        """Return what a team has answered; some wait for the resident."""
        random = self.random
        asked = self._new(
            team,
            villager(random),
            random.choice(WAITING),
            self.now - timedelta(minutes=random.randrange(2 * HOUR, DAY)),
            urgency=random.choices(("normal", "low"), (40, 60))[0],
        )
        asked.answered = asked.asked + timedelta(minutes=random.randrange(2, 90))
        if random.random() < 0.3:
            asked.waits_since = asked.answered + timedelta(minutes=20)
        elif random.random() < 0.5:
            asked.set_out = asked.answered + timedelta(minutes=15)
            asked.arrived = asked.set_out + timedelta(minutes=12)
        return asked

    def _late(self, team: DemoTeam) -> Asked:
        """Return what has waited for too long, and was passed on to the township or the city."""
        days = self.random.choice((2, 3, 6, 9))
        asked = self.now - timedelta(minutes=days * DAY + self.random.randrange(2 * HOUR, 14 * HOUR))
        late = self._new(team, villager(self.random), self.random.choice(WAITING), asked)
        late.escalation = 2 if days > 5 else 1
        if self.random.random() < 0.5:
            late.answered = asked + timedelta(hours=1)
        return late

    def _settled(self, team: DemoTeam) -> Asked:
        """Return what was referred, could not be solved or was not needed any more."""
        random, state = self.random, self.random.choices(OUTCOMES, OUTCOME_ODDS)[0]
        asked = self._new(
            team,
            villager(random),
            random.choice(REFERABLE if state == "referred" else WAITING),
            self._by_day(self.now - timedelta(minutes=random.randrange(4 * DAY, DAYS * DAY))),
            urgency=random.choices(URGENCIES, URGENCY_ODDS)[0],
        )
        closed = asked.asked + timedelta(minutes=random.randrange(HOUR, 2 * DAY))
        if state == "withdrawn":
            asked.answered = asked.asked + timedelta(minutes=30) if random.random() < 0.6 else None
            asked.outcome = random.choice(NEEDLESS)
        else:
            asked.answered = min(closed, asked.asked + timedelta(minutes=random.randrange(5, 300)))
        if state == "referred":
            asked.referred_to, asked.referral_answer = random.choice(OFFICES), random.choice(ANSWERS)
        elif state == "unsolved":
            asked.outcome = random.choice(UNSOLVED)
            asked.arrived = closed if random.random() < 0.5 else None
        asked.state, asked.closed = state, closed
        return asked

    def _without_team(self, village: Village) -> Asked:
        """Return what the township's office has: nobody knows the grid."""
        asked = self.now - timedelta(minutes=self.random.randrange(HOUR, 10 * HOUR))
        return self._ask(village, None, None, villager(self.random), REFERABLE[0], asked, self.offices.staff, "low")

    def _by_day(self, moment: datetime) -> datetime:
        """Let most of what would be asked at night be asked on the evening before."""
        is_night = moment.hour < MORNING and self.random.random() < 0.9
        return moment - timedelta(hours=moment.hour + self.random.randrange(2, 6)) if is_night else moment

    def _pace(self) -> float:
        is_slow = self.random.random() < SLOW_SHARE
        return self.random.uniform(*(SLOW if is_slow else PACE))

    def _new(
        self,
        team: DemoTeam,
        caller: str,
        content: str,
        asked: datetime,
        recorder: int | None = None,
        urgency: str = "normal",
    ) -> Asked:
        return self._ask(
            team.village, team.grid, team.pk, caller, content, asked, recorder or self.offices.staff, urgency
        )

    def _ask(
        self,
        village: Village,
        grid: int | None,
        team: int | None,
        caller: str,
        content: str,
        asked: datetime,
        recorder: int,
        urgency: str,
    ) -> Asked:
        random = self.random
        channel = random.choices(CHANNELS, CHANNEL_ODDS)[0]
        # The page asks for a number; on the phone not everybody leaves one.
        has_phone = channel == "page" or random.random() < 0.8
        phone = f"1990000{random.randrange(10_000):04}" if has_phone else ""
        place = f"{random.randrange(1, 80)}号" if random.random() < 0.6 else ""
        return Asked(
            next(self.keys), village, grid, team, caller, phone, place, channel, content, urgency,
            asked.replace(second=0), recorder,
        )  # fmt: skip
