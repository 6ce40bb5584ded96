"""What only looks like a case of the flags' rules, as it happens every month: it is what precision is measured by."""

from datetime import timedelta

from services.demo.contents import Words
from services.demo.names import villager
from services.demo.planner import Plan, Special
from services.demo.stories import CARE, GIVEN_OUT

TEAMS_A_KIND = 6
# On a typhoon's night every second team is out, for six hours.
TYPHOON_MONTHS, ON_DUTY = (7, 8, 9), 2


def plant(plan: Plan) -> None:
    """Plan what is ordinary in one township."""
    if not plan.teams:
        return
    for _ in range(max(2, plan.all_teams // TEAMS_A_KIND)):
        _care(plan)
        _week_on_paper(plan)
        _patrols(plan)
        _twice_a_day(plan)
        _late_patrol(plan)
    _typhoon(plan)
    for phrase in GIVEN_OUT:
        _given_out(plan, phrase)


def _care(plan: Plan) -> None:
    """Call on one person every week with the same words, and once on four days in a row."""
    found = plan.stretch(36)
    if found is None:
        return
    team, days = found
    words = Words(plan.random, team.number)
    name, content = words["who"], words.say(plan.random.choice(CARE))
    for place in (0, 7, 14, 21, 22, 23, 24, 28, 35):
        plan.add(
            Special(
                team, days[place], plan.odd_time(9), 60, "visit", f"独居老人{name}", content,
                recorded=plan.evening(days[place]),
            )
        )  # fmt: skip


def _week_on_paper(plan: Plan) -> None:
    """Write the last week of a month down on its last day: many logs, of few days."""
    month = plan.random.choice(plan.calendar.months[1:-1])
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    team = plan.random.choice(plan.teams)
    days = [last - timedelta(days=back) for back in (6, 5, 4, 3, 2, 1)]
    assert team.works is not None
    if team.works[0] > days[0] or last >= min(team.works[1], plan.calendar.today):
        return
    if any((team.pk, day) in plan.taken for day in days):
        return
    plan.taken.update((team.pk, last - timedelta(days=back)) for back in range(14))
    for place, day in enumerate(days):
        recipient, content, where = plan.scene(team, "policy")
        minute = 17 * 60 + 5 * place
        plan.add(Special(team, day, plan.odd_time(14), 60, "policy", recipient, content, 12, where, (last, minute)))


def _patrols(plan: Plan) -> None:
    """Patrol at the same round hours every Saturday, and four days in a row before a holiday."""
    found = plan.stretch(36)
    if found is None:
        return
    team, days = found
    for place in (0, 7, 14, 21, 28, 29, 30, 31):
        plan.add(
            Special(
                team, days[place], 19 * 60, 120, "safety", "全村村民", "夜间巡逻，提醒关好门窗", 80,
                recorded=(days[place], 21 * 60 + 30),
            )
        )  # fmt: skip


def _twice_a_day(plan: Plan) -> None:
    """See a patient in the morning and towards the evening; sweep for the village, and show it a film."""
    found = plan.stretch(1)
    if found is None:
        return
    team, (day,) = found
    name = villager(plan.random)
    for start, content in ((7 * 60 + 40, f"上门为{name}换药"), (15 * 60 + 50, f"上门为{name}换药，量血压")):
        plan.add(Special(team, day, start, 40, "medical", f"病人{name}", content, recorded=plan.evening(day)))
    for start, category, content in (
        (9 * 60 + 10, "cleaning", "组织住户打扫村道，摆放垃圾分类桶"),
        (12 * 60 + 35, "culture", "布置展板，写对联20副"),
    ):
        plan.add(Special(team, day, start, 90, category, "全村村民", content, 60, recorded=plan.evening(day)))


def _late_patrol(plan: Plan) -> None:
    """End a patrol after ten, or begin to sweep before six."""
    found = plan.stretch(1)
    if found is None:
        return
    team, (day,) = found
    start, category, content = plan.random.choice(
        ((20 * 60 + 50, "safety", "夜间巡逻，提醒关好门窗"), (5 * 60 + 10, "cleaning", "清扫菜场，清运垃圾3车"))
    )
    plan.add(Special(team, day, start, 110, category, "全村村民", content, 60, recorded=(day, 22 * 60 + 50)))


def _typhoon(plan: Plan) -> None:
    """Keep watch through a night of each summer, every second team of the township."""
    for month in plan.calendar.months:
        if month.month not in TYPHOON_MONTHS:
            continue
        day = month.replace(day=plan.random.randint(5, 25))
        if day + timedelta(days=1) >= plan.calendar.today:
            continue
        for team in plan.random.sample(plan.teams, len(plan.teams)):
            if len(plan.by_day[day]) > len(plan.teams) // ON_DUTY + 4:
                break
            working = team.works is not None and team.works[0] <= day and day + timedelta(days=1) < team.works[1]
            if working and (team.pk, day) not in plan.taken:
                plan.taken.add((team.pk, day))
                content = f"台风夜值守，巡查溪坑和低洼处，转移住户{plan.random.randint(2, 9)}户"
                start = plan.random.choice((19 * 60 + 30, 20 * 60, 20 * 60 + 10))
                plan.add(
                    Special(
                        team, day, start, plan.random.choice((330, 345, 360)), "safety", "全村村民", content, 90,
                        recorded=(day + timedelta(days=1), plan.random.randint(8 * 60, 18 * 60)),
                    )
                )  # fmt: skip


def _given_out(plan: Plan, phrase: str) -> None:
    """Write what the township gave out to be written, many teams in the same fortnight."""
    found = plan.stretch(14)
    if found is None:
        return
    days = found[1]
    for team in plan.random.sample(plan.teams, max(len(plan.teams) // 3, min(6, len(plan.teams)))):
        day = plan.random.choice(days)
        working = team.works is not None and team.works[0] <= day < team.works[1]
        if working and (team.pk, day) not in plan.taken:
            plan.taken.add((team.pk, day))
            plan.add(
                Special(
                    team, day, plan.odd_time(14), 80, "policy", f"第{team.number}网格住户", phrase, 30,
                    recorded=plan.evening(day),
                )
            )  # fmt: skip
