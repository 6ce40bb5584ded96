"""Composing teams: what it takes beside the solver, and whether every township of the city is proven.

``python -m bench.composing`` prints the solver's times for a township, for several as if they were one, and for each
township of the city (``--city``), on the database of ``DATABASE_URL``.
"""

import argparse
import os
import time
from collections import defaultdict
from dataclasses import replace
from typing import Any

import django

from bench.case import Work

SECONDS = 300.0
TOWNSHIP = 84  # grids of an ordinary township


def anew(grids: Any) -> Any:
    """Return the question of ``grids`` as if nobody were in a team: everybody is free, every grid wants one."""
    from grids.composing.read import problem_of

    problem = problem_of(grids, mode="repair")
    people = tuple(replace(person, grid=None, role="") for person in problem.people)
    return replace(problem, mode="propose", people=people, fair_seats=None)


def townships() -> dict[int, Any]:
    """Return the grids of each township, the one with the most grids first."""
    from grids.models import Grid

    pks = defaultdict(list)
    for pk, township in Grid.objects.in_use().order_by("pk").values_list("pk", "village__township"):
        pks[township].append(pk)
    ordered = sorted(pks.items(), key=lambda item: (-len(item[1]), item[0]))
    return {township: Grid.objects.filter(pk__in=its) for township, its in ordered}


def ordinary_township() -> Any:
    """Return the grids of the township that is nearest to the ordinary size."""
    return min(townships().values(), key=lambda grids: abs(grids.count() - TOWNSHIP))


class Composed(Work):
    """A township, read and composed anew."""

    def __init__(self) -> None:
        """Find it."""
        self.grids = ordinary_township()

    def run(self) -> None:
        """Read the question and solve it."""
        from grids.composing.solve import solve

        solution = solve(anew(self.grids), seconds=SECONDS)
        if not solution.is_proven:
            raise RuntimeError(f"The township was not proven: gap {solution.gap}")
        self.seats = solution.seats

    def result(self) -> list[list[int]]:
        """Return who sits where."""
        return sorted(map(list, self.seats.items()))


class SolverAlone(Composed):
    """HiGHS on the same programme, handed over beforehand, with the same aims."""

    def before(self) -> None:
        """Write the programme down."""
        from grids.composing.model import Model
        from grids.composing.program import Solver
        from grids.composing.standing import take_apart

        problem = anew(self.grids)
        self.model = Model(problem, take_apart(problem), everywhere=True)
        self.aims = self.model.aims()
        self.solver = Solver(self.model.program, until=time.monotonic() + SECONDS, is_cancelled=lambda: False)

    def run(self) -> None:
        """Solve it."""
        self.answer = self.solver.solve(self.aims)

    def result(self) -> list[list[int]]:
        """Return who sits where."""
        from grids.composing.seating import seats_of

        return sorted(map(list, seats_of(self.model, self.answer.values).items()))


class City(Work):
    """Every township of the city, one after the other: composed anew, and repaired where it stands."""

    def run(self) -> None:
        """Solve all of them."""
        from grids.composing.read import problem_of
        from grids.composing.solve import solve

        self.found = []
        for grids in townships().values():
            for kind, problem in (("anew", anew(grids)), ("repair", problem_of(grids, mode="repair"))):
                began = time.process_time()
                solution = solve(problem, seconds=SECONDS)
                self.found.append(
                    {
                        "kind": kind,
                        "people": len(problem.people),
                        "grids": len(problem.places),
                        "served": len(solution.served),
                        "moves": solution.moves,
                        "is_proven": solution.is_proven,
                        "gap": solution.gap,
                        "seconds": solution.seconds,
                        "solver": solution.solver_seconds,
                        "cpu": time.process_time() - began,
                    }
                )

    def result(self) -> list[dict[str, Any]]:
        """Return what came out, township by township."""
        return self.found


def pooled(grids: int) -> Any:
    """Return the question of the largest townships as if they were one, with so many grids."""
    people: tuple[Any, ...] = ()
    places: tuple[Any, ...] = ()
    near: dict[int, str] = {}
    for each in townships().values():
        problem = anew(each)
        people, places, near = people + problem.people, places + problem.places, near | dict(problem.near)
        if len(places) >= grids:
            break
    share = len(people) * grids // len(places)
    return replace(problem, people=people[:share], places=places[:grids], near=near)


def main() -> None:
    """Print what each size takes."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--grids", type=int, nargs="*", default=[380], help="sizes to pool townships to")
    options.add_argument("--city", action="store_true", help="every township as well")
    chosen = options.parse_args()
    django.setup()
    from grids.composing.solve import solve

    asked = [anew(ordinary_township()), *(pooled(grids) for grids in chosen.grids)]
    for problem in asked:
        began = time.process_time()
        solution = solve(problem, seconds=SECONDS)
        cpu = time.process_time() - began
        print(
            f"{len(problem.people)} people, {len(problem.places)} grids: {len(solution.served)} served, "
            f"{'proven' if solution.is_proven else f'gap {solution.gap:.4f}'}, {solution.seconds:.2f} s "
            f"(solver {solution.solver_seconds:.2f} s), cpu {cpu:.2f} s, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    if chosen.city:
        city = City()
        city.run()
        for row in city.result():
            print(row)
        for kind in ("anew", "repair"):
            rows = [row for row in city.result() if row["kind"] == kind]
            print(kind, {name: round(sum(row[name] for row in rows), 2) for name in ("seconds", "solver", "cpu")})


if __name__ == "__main__":
    main()
