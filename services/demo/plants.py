"""Known cases of every rule of ``services.domain.flag_rules``, planted among the services.

What the demo makes on purpose is known log by log, so that the precision of the flags can be measured. Late, long and
split cases come with the ordinary services too, photos by ``services.demo.photos``. A jump in December needs most of
its year within the fourteen months.
"""

from datetime import date, timedelta

from services.demo.contents import Words
from services.demo.names import villager
from services.demo.planner import Plan, Special
from services.demo.stories import NIGHT_CALLS, STORIES
from services.demo.teams import DemoTeam

# One case of each rule for so many teams; somebody who jumps in December for more.
TEAMS_A_CASE, TEAMS_A_JUMP = 12, 40
# So many that one waits for a reviewer, also in a village.
LEAST_SPLITS = 6
# Within half a year of the story that it copies.
LATEST_COPY = 170
ROUND_TIMES = ((8 * 60, 120), (9 * 60, 90), (13 * 60 + 30, 120), (14 * 60, 60))


def plant(plan: Plan) -> None:
    """Plan the cases of one township, kind by kind."""
    if not plan.teams:
        return
    for _ in range(max(1, plan.all_teams // TEAMS_A_JUMP)):
        _jump(plan)
    for _ in range(max(1, plan.all_teams // TEAMS_A_CASE)):
        _daily(plan)
        _routine(plan)
        _burst(plan)
        _busy(plan)
        _night(plan)
        _copies(plan)
    for _ in range(max(LEAST_SPLITS, plan.all_teams // TEAMS_A_CASE)):
        _split(plan)
    if plan.shared.stories:
        _copy_from_elsewhere(plan)


def _daily(plan: Plan) -> None:
    found = plan.stretch(7)
    if found is None:
        return
    team, days = found
    name = villager(plan.random)
    for place, day in enumerate(days):
        cases = ("daily",) if place >= 4 else ()
        plan.add(
            Special(
                team, day, plan.odd_time(8 + place % 3), 50, "visit", plan.random.choice((name, f"{name}家")),
                f"上门看望{name}，打扫房间，陪着说话", recorded=plan.evening(day), cases=cases,
            )
        )  # fmt: skip


def _routine(plan: Plan) -> None:
    found = plan.stretch(7)
    if found is None:
        return
    team, days = found
    start, minutes = plan.random.choice(ROUND_TIMES)
    for place, day in enumerate(days):
        recipient, content, where = plan.scene(team, "errand")
        cases = ("routine",) if place >= 4 else ()
        plan.add(
            Special(
                team, day, start, minutes, "errand", recipient, content, 1, where, plan.evening(day), cases
            )
        )  # fmt: skip


def _burst(plan: Plan) -> None:
    """Eight services of a fortnight, all written down on the last evening of their month."""
    for _ in range(30):
        month = plan.random.choice(plan.calendar.months[1:-1])
        last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        team = plan.random.choice(plan.teams)
        days = [last - timedelta(days=back) for back in (13, 11, 10, 8, 6, 4, 3, 1)]
        assert team.works is not None
        if team.works[0] <= days[0] and last < min(team.works[1], plan.calendar.today):
            break
    else:
        return
    if any((team.pk, day) in plan.taken for day in [*days, last]):
        return
    plan.bursts.add((team.pk, last))
    plan.taken.update((team.pk, last - timedelta(days=back)) for back in range(14))
    minute = 18 * 60 + plan.random.randint(0, 30)
    for place, day in enumerate(days):
        recipient, content, where = plan.scene(team, "cleaning")
        plan.add(
            Special(
                team, day, plan.odd_time(8), 70, "cleaning", recipient, content, 20, where,
                (last, minute + 4 * place),
            )
        )  # fmt: skip


def _busy(plan: Plan) -> None:
    """Six hours in the morning, and five more until the evening, by the same people."""
    found = plan.stretch(1)
    if found is None:
        return
    team, (day,) = found
    for place, (start, minutes, category) in enumerate(
        ((7 * 60 + 10, 350, "farming"), (13 * 60 + 35, 310, "cleaning"))
    ):
        recipient, content, where = plan.scene(team, category)
        plan.add(
            Special(
                team, day, start, minutes, category, recipient, content, 12, where,
                (day, 21 * 60 + 10 * place), ("busy",) if place else (), people=min(7, len(team.members)),
            )
        )  # fmt: skip


def _split(plan: Plan) -> None:
    """Make two logs of one visit, in the month that the offices are at work on."""
    first = plan.calendar.mixed
    found = plan.stretch(1, since=first, until=first + timedelta(days=28))
    if found is None:
        return
    team, (day,) = found
    name, start = villager(plan.random), plan.odd_time(9)
    for place, (recipient, content) in enumerate(
        ((f"独居老人{name}", f"看望{name}，检查煤气和电线"), (f"{name}家", f"帮{name}家清理庭院杂物"))
    ):
        plan.add(
            Special(
                team, day, start + 55 * place, 50, "visit", recipient, content,
                recorded=(day, 20 * 60 + 10 + 5 * place), cases=("split",) if place else (),
            )
        )  # fmt: skip


def _night(plan: Plan) -> None:
    found = plan.stretch(2)
    if found is None:
        return
    team, (day, next_day) = found
    name = villager(plan.random)
    start, minutes = plan.random.choice(((22 * 60 + 40, 95), (23 * 60 + 15, 120), (3 * 60 + 20, 110), (2 * 60, 90)))
    content = plan.random.choice(NIGHT_CALLS).format(who=name)
    plan.add(
        Special(
            team, day, start, minutes, "other", name, content, 1, "", (next_day, plan.random.randint(500, 900)),
            ("night",),
        )
    )  # fmt: skip


def _copies(plan: Plan) -> None:
    """Tell a story of one team, and again for somebody else by another team, or by the same."""
    first = plan.stretch(2)
    if first is None:
        return
    team, (day, _) = first
    story = _story(plan)
    _tell(plan, team, day, story, ())
    for _ in range(4):
        again = plan.stretch(2, since=day + timedelta(days=8))
        if again is not None and (again[1][0] - day).days < LATEST_COPY:
            teller, (then, _) = again
            _tell(plan, teller, then, _sloppily(plan, story), ("same_text",))
            return
    if day + timedelta(days=20) < plan.calendar.today:
        plan.shared.stories.append((day, story))


def _copy_from_elsewhere(plan: Plan) -> None:
    day, story = plan.shared.stories.pop()
    again = plan.stretch(2, since=day + timedelta(days=8))
    if again is not None and (again[1][0] - day).days < LATEST_COPY:
        _tell(plan, again[0], again[1][0], story, ("same_text",))


def _story(plan: Plan) -> str:
    words = Words(plan.random, 0)
    return words.say(plan.random.choice(STORIES))


def _sloppily(plan: Plan, story: str) -> str:
    """Copy as people do: other punctuation, a blank more."""
    return plan.random.choice((story, story.replace("，", ","), story.replace("，", "， "), f"{story}。"))


def _tell(plan: Plan, team: DemoTeam, day: date, story: str, cases: tuple[str, ...]) -> None:
    start = plan.odd_time(plan.random.choice((8, 9, 14)))
    name = villager(plan.random)
    plan.add(Special(team, day, start, 100, "other", name, story, 1, "", plan.evening(day), cases))


def _jump(plan: Plan) -> None:
    """Somebody does a hundred hours in December, after a year that leaves them just below the threshold."""
    for december in plan.calendar.months:
        first = december.replace(month=1)
        if december.month != 12 or first not in plan.calendar.months:
            continue
        teams = [
            team
            for team in plan.teams
            if team.works and team.works[0] <= first and team.works[1] > december.replace(day=30)
        ]
        people = [
            (team, each.person)
            for team in teams
            for each in team.members
            if each.joined <= first and each.left is None and each.role == "member"
        ]
        if not people:
            continue
        team, person = plan.random.choice(people)
        plan.jumpers.add(person.pk)
        days = [december.replace(day=day) for day in range(2, 30)]
        days = [day for day in days if (team.pk, day) not in plan.taken and day < plan.calendar.today]
        for place, day in enumerate(days):
            plan.taken.add((team.pk, day))
            recipient, content, where = plan.scene(team, "visit")
            plan.add(
                Special(
                    team, day, plan.odd_time(13 + place % 2), 235, "visit", recipient, content, 12, where,
                    plan.evening(day), (), person, 2,
                )
            )  # fmt: skip
        early = [first + timedelta(days=each) for each in range(2, 330, 9)]
        for day in early:
            recipient, content, where = plan.scene(team, "farming")
            plan.add(
                Special(
                    team, day, plan.odd_time(8), 215, "farming", recipient, content, 12, where,
                    plan.evening(day), (), person, 2,
                )
            )  # fmt: skip
