"""Every plan that there is, judged one by one: what small questions are held against."""

from collections.abc import Collection, Iterator
from itertools import product

from grids.composing.aims import PROPOSE, REPAIR, fair_shares
from grids.composing.problem import Person, Problem

Seats = dict[int, int]


def every_plan(problem: Problem) -> Iterator[Seats]:
    """Yield each way of seating people that locks, bars and those who stay allow, within the size of a team."""
    grids = [place.grid for place in problem.places]
    most = {grid: max(problem.rule.most, len(fixed_in(problem, grid))) for grid in grids}
    people = [person for person in problem.people if person.grid in {None, *grids}]
    composed = open_grids(problem)
    for chosen in product(*(choices(problem, person, composed) for person in people)):
        if all(chosen.count(grid) <= most[grid] for grid in grids):
            yield {person.pk: grid for person, grid in zip(people, chosen, strict=True) if grid is not None}


def choices(problem: Problem, person: Person, composed: Collection[int]) -> list[int | None]:
    """Return where one person may be; ``composed`` are the ``open_grids``."""
    locked = [grid for pk, grid in problem.locked if pk == person.pk]
    if locked:
        return [locked[0]]
    own = person.grid
    if problem.mode == "propose" and own is not None and (person.pk, own) not in problem.barred:
        return [own]
    return [None, *(grid for grid in composed if (person.pk, grid) not in problem.barred)]


def members_today(problem: Problem, grid: int) -> list[Person]:
    """Return who is in the grid's team now."""
    return [person for person in problem.people if person.grid == grid]


def open_grids(problem: Problem) -> list[int]:
    """Return the grids that are composed: not the complete teams of a proposal that no lock or bar touches."""
    grids = [place.grid for place in problem.places]
    if problem.mode == "repair":
        return grids
    lock = dict(problem.locked)
    found = []
    for grid in grids:
        members = members_today(problem, grid)
        touched = grid in lock.values() or any(
            lock.get(person.pk, grid) != grid or (person.pk, grid) in problem.barred for person in members
        )
        if touched or not follows_rule(problem, members):
            found.append(grid)
    return found


def fixed_in(problem: Problem, grid: int) -> list[Person]:
    """Return who is in the grid in any case."""
    composed = open_grids(problem)
    return [person for person in problem.people if choices(problem, person, composed) == [grid]]


def follows_rule(problem: Problem, members: list[Person]) -> bool:
    """Tell whether these are a team."""
    rule = problem.rule
    return rule.least <= len(members) <= rule.most and len({each.skill for each in members}) >= rule.least_skills


def judge(problem: Problem, seats: Seats) -> tuple[int, ...]:
    """Return how much there is of what is to be as little as possible, the most important first."""
    found = dict.fromkeys(PROPOSE + REPAIR, 0)
    rule, village = problem.rule, {place.grid: place for place in problem.places}
    grids = open_grids(problem)
    sizes = sorted(grids, key=lambda grid: (village[grid].households, -grid))
    locked = {pk for pk, _ in problem.locked}
    settled = {person.pk for grid in grids for person in fixed_in(problem, grid)}
    movable = [p for p in problem.people if p.pk not in settled and p.grid is not None and problem.mode == "repair"]
    free = [p for p in problem.people if p.pk not in settled and p not in movable and p.pk not in locked]
    free = [p for p in free if p.grid is None or (p.pk, p.grid) in problem.barred]
    fair = len(free) if problem.fair_seats is None else min(len(free), problem.fair_seats)
    total = sum(len(fixed_in(problem, grid)) for grid in grids)
    total += len(movable) if problem.mode == "repair" else fair
    shares = fair_shares({grid: village[grid].households for grid in grids}, total, rule.least, rule.most)
    for grid in grids:
        inside = [person for person in problem.people if seats.get(person.pk) == grid]
        types = {person.skill for person in inside}
        if follows_rule(problem, inside):
            found["unserved"] -= 1
            found["smaller"] -= sizes.index(grid) + 1
        else:
            missing = max(0, rule.least_skills - len(types))
            room = max(rule.most, len(fixed_in(problem, grid))) - len(inside)
            helped = min(missing, len(set(problem.skills) - types), room)
            found["beyond_help"] += missing - helped
            found["further"] += helped + max(0, rule.least - len(inside) - helped)
        found["unled"] -= any(person.can_lead for person in inside)
        found["types"] -= len(types)
        off = abs(len(inside) - shares[grid])
        found["imbalance"] += off * (off + 1) // 2
        for person in inside:
            near = problem.near.get(person.village), problem.near.get(village[grid].village)
            if person.village != village[grid].village:
                found["steps"] += 1 if near[0] and near[0] == near[1] else 2
    found["seats_off"] = abs(sum(person.pk in seats for person in free) - fair)
    moved = [person for person in problem.people if seats.get(person.pk) != person.grid]
    found["moves"] = len(moved)
    found["uprooted"] = sum(person.grid is not None for person in moved)
    found["leaders_moved"] = sum(person.role == "leader" and person.pk not in locked for person in moved)
    return tuple(found[name] for name in (REPAIR if problem.mode == "repair" else PROPOSE))
