"""The answer to a question of composing: the best plan, or what is known of it when the time is over."""

import time
from collections.abc import Callable

from grids.composing import seating
from grids.composing.model import Model
from grids.composing.problem import Cancelled, Conflict, Problem, Solution
from grids.composing.program import Answer, Solver
from grids.composing.standing import Standing, is_complete, take_apart

__all__ = ["Cancelled", "Conflict", "solve"]


def solve(problem: Problem, *, seconds: float, is_cancelled: Callable[[], bool] = lambda: False) -> Solution:
    """Return the best plan by ``grids.composing.aims``, or the best that was found after ``seconds``.

    The same question gets the same plan, unless the time ran out. Raises ``Conflict`` for locks that cannot hold
    together, and ``Cancelled`` soon after ``is_cancelled``, which is asked some times a second, says so.
    """
    began = time.monotonic()
    standing = take_apart(problem)
    seats, answer = _answer(problem, standing, began, seconds, is_cancelled)
    members = seating.members_by_grid(problem.people, seats)
    leaders = seating.leaders_of(members)
    return Solution(
        seats=seats,
        leaders=leaders,
        served=frozenset(grid for grid, inside in members.items() if is_complete(inside, problem.rule)),
        is_proven=answer.is_proven,
        gap=answer.gap,
        seconds=time.monotonic() - began,
        solver_seconds=answer.solver_seconds,
        unmet=tuple(seating.shortages_of(problem, standing, members)),
        moves=sum(1 for person in problem.people if person.grid != seats.get(person.pk)),
        reasons=seating.reasons_of(problem, seats, leaders),
    )


def _answer(
    problem: Problem, standing: Standing, began: float, seconds: float, is_cancelled: Callable[[], bool]
) -> tuple[dict[int, int], Answer]:
    """Solve with the rule in every grid; where that is impossible, count what is missing.

    Where the time was too short for any plan, everybody stays where they are.
    """
    until, spent = began + seconds, 0.0
    for everywhere in (True, False):
        model = Model(problem, standing, everywhere=everywhere)
        solver = Solver(model.program, until=until, is_cancelled=is_cancelled)
        answer = solver.solve(model.aims(), first_until=began + seconds / 2 if everywhere else until)
        answer.solver_seconds += spent
        if answer.values is not None:
            return seating.seats_of(model, answer.values), answer
        if answer.is_proven:
            break
        spent = answer.solver_seconds
    as_today = {person.pk: person.grid for person in standing.movable if person.grid is not None}
    kept = {pk: grid for pk, grid in as_today.items() if grid not in standing.barred.get(pk, ())}
    return standing.seats | kept, answer
