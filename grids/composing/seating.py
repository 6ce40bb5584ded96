"""From numbers back to people: who of those who are alike goes where, who leads, and why."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence

from grids.composing.model import Kind, Model, district_of, steps_between
from grids.composing.problem import Person, Problem, Shortage
from grids.composing.standing import Standing

WAY = {0: "home", 1: "near", 2: "far"}
Queue = deque[Person]


def seats_of(model: Model, values: Sequence[int]) -> dict[int, int]:
    """Return who sits where by the values of the columns.

    Among those who are alike the more experienced take their seats first; who of them it is makes no difference to any
    aim.
    """
    seats = dict(model.standing.seats)
    waiting: dict[tuple[Kind, int], Queue] = defaultdict(deque)
    for person in sorted(model.standing.free, key=_rank):
        if person.pk not in model.standing.barred:
            waiting[(person.skill, person.can_lead), person.village].append(person)
    for stayers in model.stayers:
        ranked = sorted(stayers.people, key=_rank)
        many = values[stayers.column]
        seats.update({person.pk: person.grid for person in ranked[:many] if person.grid is not None})
        # Who has to leave a team goes on before anybody joins: a seat for them is a move already counted.
        for person in reversed(ranked[many:]):
            waiting[(person.skill, person.can_lead), person.village].appendleft(person)
    for pk, columns in model.singles.items():
        for grid, column in columns.items():
            if values[column]:
                seats[pk] = grid
    for kind in model.flows:
        _pour(model, values, kind, waiting, seats)
    return seats


def _pour(
    model: Model, values: Sequence[int], kind: Kind, waiting: dict[tuple[Kind, int], Queue], seats: dict[int, int]
) -> None:
    """Let the people of one kind flow: first into their home village, then within the district, then across."""
    flow = model.flows[kind]
    arrived: dict[int, list[Person]] = defaultdict(list)
    here = {village: queue for (of, village), queue in waiting.items() if of == kind}
    leaving = {person.pk for person in model.standing.movable}
    for village, queue in here.items():
        limit = values[flow.used[village]] if village in flow.used else 0
        gone = [person for person in queue if person.pk in leaving]
        free = [person for person in queue if person.pk not in leaving]
        here[village] = deque([*gone, *free[:limit]])
    for village, column in flow.home.items():
        for _ in range(min(values[column], len(here.get(village, ())))):
            arrived[village].append(here[village].popleft())
    by_district: dict[str | int, Queue] = defaultdict(deque)
    for village in sorted(here):
        by_district[district_of(model.problem, village)].extend(here[village])
    for village, column in sorted(flow.down.items()):
        queue = by_district[district_of(model.problem, village)]
        for _ in range(min(values[column], len(queue))):
            arrived[village].append(queue.popleft())
    everybody = deque(person for district in sorted(by_district, key=str) for person in by_district[district])
    for village, column in sorted(flow.across.items()):
        for _ in range(min(values[column], len(everybody))):
            arrived[village].append(everybody.popleft())
    for place in model.standing.open:
        for _ in range(values[flow.seats[place.grid]]):
            seats[arrived[place.village].pop(0).pk] = place.grid


def _rank(person: Person) -> tuple[bool, int, int]:
    return (not person.is_trained, -person.experience, person.pk)


def members_by_grid(people: Iterable[Person], seats: dict[int, int]) -> dict[int, list[Person]]:
    """Return who sits in each grid."""
    found: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        if person.pk in seats:
            found[seats[person.pk]].append(person)
    return found


def leaders_of(members: dict[int, list[Person]]) -> dict[int, int]:
    """Choose a leader for each team: who leads it now, its deputy, who was trained, who has served most."""
    return {grid: min(inside, key=lambda each: _leads(each, grid)).pk for grid, inside in members.items() if inside}


def _leads(person: Person, grid: int) -> tuple[int, bool, int, int]:
    role = {"leader": 0, "deputy": 1}.get(person.role, 2) if person.grid == grid else 2
    return (role, not person.is_trained, -person.experience, person.pk)


def reasons_of(problem: Problem, seats: dict[int, int], leaders: dict[int, int]) -> dict[int, tuple[str, ...]]:
    """Say for each person of the plan, and for each who loses a seat, why they are where they are."""
    village = {place.grid: place.village for place in problem.places}
    members = members_by_grid(problem.people, seats)
    found: dict[int, tuple[str, ...]] = {}
    for person in problem.people:
        grid = seats.get(person.pk)
        if grid is None:
            if person.grid in village:
                found[person.pk] = ("leaves",)
            continue
        codes = ["stays" if person.grid == grid else "joins" if person.grid is None else "moves"]
        if (person.pk, grid) in problem.locked:
            codes.append("locked")
        codes.append(WAY[steps_between(problem, person.village, village[grid])])
        if sum(each.skill == person.skill for each in members[grid]) == 1:
            codes.append("only_skill")
        if leaders.get(grid) == person.pk:
            codes += ["leads", _why_leads(person, grid)]
        found[person.pk] = tuple(codes)
    return found


def _why_leads(person: Person, grid: int) -> str:
    if person.grid == grid and person.role in ("leader", "deputy"):
        return "role"
    if person.is_trained:
        return "trained"
    return "experienced" if person.can_lead else "somebody"


def shortages_of(problem: Problem, standing: Standing, members: dict[int, list[Person]]) -> list[Shortage]:
    """Say what each team lacks in a plan.

    Of the types that a team has not, those are named of which the township has fewest people.
    """
    rule = problem.rule
    found = []
    many_of = Counter(person.skill for person in problem.people)
    rarest_first = sorted(problem.skills, key=lambda skill: many_of[skill])
    for place in standing.open:
        inside = members.get(place.grid, [])
        there = {person.skill for person in inside}
        absent = [skill for skill in rarest_first if skill not in there]
        missing = max(0, rule.least_skills - len(there))
        room = max(0, rule.most - len(inside))
        named = absent[: min(missing, room)]
        found += [Shortage(place.grid, "skills", skill, 1, len(named) < len(absent)) for skill in named]
        if (members_missing := rule.least - len(inside) - len(named)) > 0:
            found.append(Shortage(place.grid, "members", None, members_missing))
        if (beyond_help := max(missing - len(named), len(inside) - rule.most)) > 0:
            found.append(Shortage(place.grid, "full", None, beyond_help))
    for grid, inside in sorted(members.items()):
        if not any(person.can_lead for person in inside):
            found.append(Shortage(grid, "leader", None, 1))
    return found
