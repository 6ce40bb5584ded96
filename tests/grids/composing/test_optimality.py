"""Small questions, where every plan can be looked at: the one that is proposed is the best of them."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grids.composing.problem import Conflict, Person, Place, Problem, Rule
from grids.composing.solve import solve
from tests.grids.composing.reference import choices, every_plan, follows_rule, judge, open_grids

SMALL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
RULES = st.sampled_from(
    [Rule(1, 6, 1), Rule(2, 3, 2), Rule(1, 3, 1), Rule(2, 4, 3), Rule(3, 4, 3), Rule(2, 2, 2), Rule(1, 2, 3)]
)
NEAR = {1: "north", 2: "north", 3: "south", 4: ""}


@st.composite
def problems(draw, mode=None, locks=True):
    """Draw a question of at most six people and three grids, nearly always with too few or badly mixed people."""
    grids = draw(st.integers(1, 3))
    places = tuple(
        Place(100 + number, draw(st.integers(1, 3)), draw(st.integers(0, 40)), number) for number in range(grids)
    )
    mode = mode or draw(st.sampled_from(["propose", "repair"]))
    rule = draw(RULES)
    members: dict[int | None, int] = {}
    people = []
    for pk in range(1, draw(st.integers(0, 6 if grids < 3 else 5)) + 1):
        grid = draw(st.sampled_from([None, None, *(place.grid for place in places)]))
        first = members.get(grid, 0) == 0
        members[grid] = members.get(grid, 0) + 1
        role = "" if grid is None else "leader" if first else "member"
        people.append(
            Person(
                pk,
                draw(st.integers(1, 4)),
                draw(st.integers(1, 4)),
                experience=draw(st.sampled_from([0, 700])),
                is_trained=draw(st.booleans()),
                grid=grid,
                role=role,
            )
        )
    seats = [(person.pk, place.grid) for person in people for place in places]
    some = st.frozensets(st.sampled_from(seats), max_size=3) if seats and locks else st.just(frozenset())
    return Problem(
        people=tuple(people),
        places=places,
        rule=rule,
        near=NEAR,
        locked=draw(some),
        barred=draw(some) if draw(st.booleans()) else frozenset(),
        mode=mode,
        skills=draw(st.sampled_from([(1, 2, 3, 4), (1, 2, 3, 4, 5), (4, 3)])),
        fair_seats=draw(st.sampled_from([None, None, 2])),
    )


def require_rules(problem: Problem, solution) -> None:
    """Fail where a plan does what no plan may."""
    seats = solution.seats
    grids = {place.grid for place in problem.places}
    composed = open_grids(problem)
    allowed = {person.pk: choices(problem, person, composed) for person in problem.people}
    assert set(seats.values()) <= grids
    assert all(seats.get(pk) in its for pk, its in allowed.items())
    for grid in grids:
        inside = [person for person in problem.people if seats.get(person.pk) == grid]
        assert len(inside) <= max(problem.rule.most, sum(its == [grid] for its in allowed.values()))
        assert (grid in solution.served) == follows_rule(problem, inside)
        assert (grid in solution.leaders) == bool(inside)
        if inside:
            leader = next(person for person in inside if person.pk == solution.leaders[grid])
            assert leader.can_lead or not any(person.can_lead for person in inside)
    assert solution.moves == sum(person.grid != seats.get(person.pk) for person in problem.people)
    assert all((pk, grid) in problem.locked or (pk, grid) not in problem.barred for pk, grid in seats.items())
    seated_or_leaving = {p.pk for p in problem.people if p.pk in seats or p.grid is not None}
    assert set(solution.reasons) == seated_or_leaving


@SMALL
@given(problems())
def test_the_plan_is_the_best_of_all(problem):
    try:
        solution = solve(problem, seconds=60)
    except Conflict as conflict:
        assert_conflict_is_real_and_smallest(problem, conflict)
        return
    assert solution.is_proven
    assert solution.gap == 0
    require_rules(problem, solution)
    assert judge(problem, solution.seats) == min(judge(problem, seats) for seats in every_plan(problem))


@SMALL
@given(problems())
def test_what_is_missing_is_what_would_serve_every_grid(problem):
    try:
        solution = solve(problem, seconds=60)
    except Conflict:
        return
    if any(shortage.kind == "full" for shortage in solution.unmet):
        return
    newcomers = []
    for shortage in solution.unmet:
        if shortage.kind == "leader":
            continue
        skill = shortage.skill if shortage.skill is not None else problem.skills[0]
        newcomers += [(Person(1000 + len(newcomers) + n, skill, 1), shortage.grid) for n in range(shortage.count)]
    asked = {grid for _, grid in newcomers}
    assert asked == {place.grid for place in problem.places} - solution.served
    people = {person.pk: person for person in problem.people} | {person.pk: person for person, _ in newcomers}
    seats = solution.seats | {person.pk: grid for person, grid in newcomers}
    for grid in asked:
        assert follows_rule(problem, [people[pk] for pk, seat in seats.items() if seat == grid])
    assert sum(solution.further_needed.values()) == len(newcomers)


@SMALL
@given(problems(locks=False), st.integers(1, 2))
def test_fewer_further_volunteers_than_are_named_serve_not_every_grid(problem, fewer):
    solution = solve(problem, seconds=60)
    needed = sum(solution.further_needed.values())
    if problem.mode == "propose" or needed < fewer or any(shortage.kind == "full" for shortage in solution.unmet):
        return
    # Whoever they are: one of each type would have to do, wherever they live.
    some = tuple(Person(1000 + n, skill, 1) for n, skill in enumerate(problem.skills * (needed - fewer)))
    better = solve(replace(problem, people=problem.people + some[: needed - fewer]), seconds=60)
    assert better.served != {place.grid for place in problem.places}


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_same_question_gets_the_same_plan(problem):
    turned = replace(problem, people=problem.people[::-1], places=problem.places[::-1])
    try:
        first, again, other = (solve(each, seconds=60) for each in (problem, problem, turned))
    except Conflict:
        return
    assert first.seats == again.seats == other.seats
    assert first.leaders == again.leaders == other.leaders
    assert first.unmet == again.unmet


def assert_conflict_is_real_and_smallest(problem: Problem, conflict: Conflict) -> None:
    """The named locks alone cannot hold; without any one of them they can."""
    assert conflict.locks
    assert conflict.locks <= problem.locked
    grid_of = {person.pk: person.grid for person in problem.people}
    if any(grid_of[pk] not in (None, grid) for pk, grid in problem.locked) and problem.mode == "propose":
        return  # with fewer locks somebody else would stay where they are: another question
    assert raises(replace(problem, locked=conflict.locks)) == conflict.rule
    if len(conflict.locks) > 1:
        for lock in conflict.locks:
            assert raises(replace(problem, locked=conflict.locks - {lock})) is None


def raises(problem: Problem) -> str | None:
    """Return the rule that a conflict names, or None."""
    try:
        solve(problem, seconds=60)
    except Conflict as conflict:
        return conflict.rule
    return None
