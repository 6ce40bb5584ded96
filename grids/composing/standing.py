"""What of a question is settled before anything is chosen: who stays, who is locked, which teams are left alone."""

from collections import defaultdict
from dataclasses import dataclass, field

from grids.composing.problem import Conflict, Person, Place, Problem, Rule


@dataclass
class Standing:
    """A question taken apart.

    ``settled`` seats do not change: those of teams that are left alone, of members who stay, and of locked people.
    ``open`` places are those that are composed; ``free`` are the people without a seat, ``movable`` those who may leave
    theirs (*repair*). ``barred`` says from which open places a person of these is barred.
    """

    settled: dict[int, Person] = field(default_factory=dict)
    seats: dict[int, int] = field(default_factory=dict)
    open: list[Place] = field(default_factory=list)
    free: list[Person] = field(default_factory=list)
    movable: list[Person] = field(default_factory=list)
    barred: dict[int, set[int]] = field(default_factory=dict)

    def settled_in(self, grid: int) -> list[Person]:
        """Return who is in ``grid`` in any case."""
        return [self.settled[pk] for pk, seat in self.seats.items() if seat == grid]


def is_complete(members: list[Person], rule: Rule) -> bool:
    """Tell whether these are a team by the rule, leader aside: whoever of them leads is chosen afterwards."""
    return rule.least <= len(members) <= rule.most and len({each.skill for each in members}) >= rule.least_skills


def take_apart(problem: Problem) -> Standing:
    """Settle what is settled; raises ``Conflict`` where the locks cannot hold together."""
    people = {person.pk: person for person in problem.people}
    grids = {place.grid for place in problem.places}
    lock = _locks(problem, people, grids)
    members: dict[int, list[Person]] = defaultdict(list)
    for person in problem.people:
        if person.grid in grids:
            members[person.grid].append(person)
    standing = Standing()
    for pk, grid in problem.barred:
        if pk in people and grid in grids:
            standing.barred.setdefault(pk, set()).add(grid)
    touched = set(lock.values()) | {
        person.grid
        for person in problem.people
        if lock.get(person.pk, person.grid) != person.grid or person.grid in standing.barred.get(person.pk, ())
    }
    alone = {
        place.grid
        for place in problem.places
        if problem.mode == "propose" and place.grid not in touched and is_complete(members[place.grid], problem.rule)
    }
    standing.open = sorted((p for p in problem.places if p.grid not in alone), key=lambda place: place.grid)
    for person in sorted(problem.people, key=lambda each: each.pk):
        is_member = person.grid in grids and person.grid not in standing.barred.get(person.pk, ())
        if person.pk in lock:
            _settle(standing, person, lock[person.pk])
        elif person.grid is not None and is_member and (problem.mode == "propose" or person.grid in alone):
            _settle(standing, person, person.grid)
        elif person.grid in grids and problem.mode == "repair":
            standing.movable.append(person)
        elif person.grid is None or person.grid in grids:
            standing.free.append(person)
    _require_room(problem, standing, lock)
    return standing


def _settle(standing: Standing, person: Person, grid: int) -> None:
    standing.settled[person.pk], standing.seats[person.pk] = person, grid


def _locks(problem: Problem, people: dict[int, Person], grids: set[int]) -> dict[int, int]:
    """Return the locks by person; refuse those that contradict themselves."""
    lock: dict[int, int] = {}
    for pk, grid in sorted(problem.locked):
        if pk not in people or people[pk].grid not in {None, *grids}:
            raise Conflict("person", frozenset({(pk, grid)}), grid)
        if grid not in grids:
            raise Conflict("grid", frozenset({(pk, grid)}), grid)
        if (pk, grid) in problem.barred:
            raise Conflict("barred", frozenset({(pk, grid)}), grid)
        if pk in lock:
            raise Conflict("one_team", frozenset({(pk, lock[pk]), (pk, grid)}))
        lock[pk] = grid
    return lock


def _require_room(problem: Problem, standing: Standing, lock: dict[int, int]) -> None:
    """Refuse locks that leave a team no room for the rule.

    Members who stay anyway (*propose*) are nobody's fault: where they alone leave no room for the rule, only a lock
    that exceeds the size of the team is refused.
    """
    rule = problem.rule
    for place in standing.open:
        inside = standing.settled_in(place.grid)
        staying = [p for p in inside if problem.mode == "propose" and p.grid == place.grid]
        locked = [person for person in inside if person not in staying]
        is_hopeless = _broken(staying, rule) is not None
        broken = _broken(inside, rule)
        if not locked or broken is None or (is_hopeless and len(inside) <= rule.most):
            continue
        if is_hopeless:
            # Each of those locked into a team that is full already is one too many.
            needed = [locked[0]] if len(staying) >= rule.most else locked[: rule.most - len(staying) + 1]
        else:
            needed = _smallest(locked, staying, rule)
        name = "full" if staying else _broken(needed, rule)
        raise Conflict(name or broken, frozenset((person.pk, place.grid) for person in needed), place.grid)


def _broken(inside: list[Person], rule: Rule) -> str | None:
    """Say which rule a team with these in it cannot satisfy, whoever else joins."""
    if len(inside) > rule.most:
        return "most"
    if rule.least_skills > rule.most:
        return None  # then no team can satisfy it, locked or not
    missing = max(0, rule.least_skills - len({person.skill for person in inside}))
    return "skills" if len(inside) + missing > rule.most else None


def _smallest(locked: list[Person], staying: list[Person], rule: Rule) -> list[Person]:
    """Leave out locks as long as the rest still cannot hold: each of those that remain is needed for the conflict."""
    needed = list(locked)
    for person in locked:
        fewer = [each for each in needed if each is not person]
        if _broken([*staying, *fewer], rule) is not None:
            needed = fewer
    return needed
