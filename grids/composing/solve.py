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
    until = began + seconds
    standing = take_apart(problem)
    model, answer = _answer(problem, standing, until, is_cancelled)
    values = answer.values if answer.values is not None else None
    seats = seating.seats_of(model, values) if values is not None else dict(standing.seats)
    members = seating.members_by_grid(problem.people, seats)
    leaders = seating.leaders_of(members)
    grids = {place.grid for place in problem.places}
    return Solution(
        seats=seats,
        leaders=leaders,
        served=frozenset(grid for grid in grids if is_complete(members.get(grid, []), problem.rule)),
        is_proven=answer.is_proven,
        gap=answer.gap,
        seconds=time.monotonic() - began,
        solver_seconds=answer.solver_seconds,
        unmet=tuple(seating.shortages_of(model, values or [], members)),
        moves=sum(1 for person in problem.people if person.grid != seats.get(person.pk)),
        reasons=seating.reasons_of(problem, seats, leaders),
    )


def _answer(
    problem: Problem, standing: Standing, until: float, is_cancelled: Callable[[], bool]
) -> tuple[Model, Answer]:
    """Solve with the rule in every grid; where that is impossible, count what is missing."""
    spent = 0.0
    for everywhere in (True, False):
        model = Model(problem, standing, everywhere=everywhere)
        answer = Solver(model.program, until=until, is_cancelled=is_cancelled).solve(model.aims())
        answer.solver_seconds += spent
        if not (everywhere and answer.is_impossible):
            break
        spent = answer.solver_seconds
    return model, answer
