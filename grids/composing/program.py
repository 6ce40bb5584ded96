"""A mixed-integer programme in the making, and HiGHS, which solves it aim by aim."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from highspy._core import _Highs

from grids.composing.problem import Cancelled

# Aims that follow each other are solved as one while their weights stay below this: beyond it the solver's tolerances
# (a millionth of a value) could outweigh what is less important.
HEAVIEST = 1e7
# All that is aimed at is counted in whole numbers: a plan within less than one of the bound is the best one.
LESS_THAN_ONE = 0.99
INFINITE = highspy.kHighsInf
Terms = list[tuple[int, int]]  # columns and what they count


@dataclass
class Aim:
    """Something to be had as little of as possible: ``constant`` + the sum of ``terms``, from ``low`` to ``high``."""

    name: str
    terms: Terms
    low: int
    high: int
    constant: int = 0
    stands_alone: bool = False

    def value(self, values: Sequence[int]) -> int:
        """Return how much of it there is."""
        return self.constant + sum(count * values[column] for column, count in self.terms)


@dataclass
class Program:
    """Columns (whole numbers) and rows, collected as lists that HiGHS takes as arrays."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    row_lower: list[float] = field(default_factory=list)
    row_upper: list[float] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    coefficients: list[float] = field(default_factory=list)

    def column(self, low: float, high: float) -> int:
        """Add a whole number from ``low`` to ``high`` and return its place."""
        self.lower.append(low)
        self.upper.append(high)
        return len(self.lower) - 1

    def row(self, terms: Iterable[tuple[int, int]], low: float = -INFINITE, high: float = INFINITE) -> None:
        """Demand that the sum of ``terms``, each column there once, lies from ``low`` to ``high``."""
        self.starts.append(len(self.columns))
        for column, count in terms:
            self.columns.append(column)
            self.coefficients.append(count)
        self.row_lower.append(low)
        self.row_upper.append(high)


@dataclass
class Answer:
    """What came out: the values of the columns (None: nothing was found), and how good they are."""

    values: list[int] | None = None
    is_proven: bool = False
    is_impossible: bool = False
    gap: float = 1.0
    solver_seconds: float = 0.0


class Solver:
    """HiGHS on one programme: one aim after the other, each without giving up anything of those before it."""

    def __init__(self, program: Program, *, until: float, is_cancelled: Callable[[], bool]) -> None:
        """Hand over the programme; it ends at ``until`` on the monotonic clock, or when ``is_cancelled`` says so."""
        self.program, self.until, self.is_cancelled = program, until, is_cancelled
        self._end: BaseException | None = None
        self.highs = _Highs()  # the solver itself: what highspy puts around it announces itself on standard output
        options: dict[str, bool | float | str] = {
            "output_flag": False,
            "threads": 1,
            "random_seed": 0,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": LESS_THAN_ONE,
            # Nearly a network, it is proven at the root; presolve's probing took up to a hundred times as long.
            "presolve": "off",
        }
        for name, value in options.items():
            self.highs.setOptionValue(name, value)
        many = len(program.lower)
        self._costs = np.arange(many, dtype=np.int32)
        self.highs.passModel(
            many,
            len(program.row_lower),
            len(program.columns),
            int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            np.zeros(many),
            np.array(program.lower, dtype=float),
            np.array(program.upper, dtype=float),
            np.array(program.row_lower, dtype=float),
            np.array(program.row_upper, dtype=float),
            np.array(program.starts, dtype=np.int32),
            np.array(program.columns, dtype=np.int32),
            np.array(program.coefficients, dtype=float),
            np.ones(many, dtype=np.int32),
        )
        self.highs.setCallback(self._called, None)
        for kind in (highspy.cb.kCallbackMipInterrupt, highspy.cb.kCallbackSimplexInterrupt):
            self.highs.startCallback(kind)

    def _called(self, kind: Any, message: str, out: Any, into: Any, data: Any) -> None:
        try:
            if self._end is None and self.is_cancelled():
                self._end = Cancelled()
        except Exception as error:  # whatever it is must not fly through the solver
            self._end = error
        if self._end is not None:
            into.user_interrupt = True

    def solve(self, aims: Sequence[Aim], *, first_until: float = math.inf) -> Answer:
        """Solve for all aims, the first the most important; a later one is only as good as the earlier ones allow.

        Where nothing at all was found until ``first_until`` the rest of the time is left to the caller.
        """
        first_until = min(first_until, self.until)
        answer = Answer()
        stages = list(in_stages(aims))
        for number, stage in enumerate(stages):
            found = self._solve_stage(stage, answer.values, first_until if number == 0 else self.until)
            answer.solver_seconds += found.solver_seconds
            if number == 0 and found.values is not None and not found.is_proven and first_until < self.until:
                found = self._solve_stage(stage, found.values, self.until)
                answer.solver_seconds += found.solver_seconds
            if found.values is not None:
                answer.values = found.values
            if not found.is_proven:
                answer.is_impossible, answer.gap = found.is_impossible, found.gap
                return answer
            if number < len(stages) - 1:
                self._hold(stage, found.values or [])
        answer.is_proven, answer.gap = True, 0.0
        return answer

    def _hold(self, stage: "Stage", values: Sequence[int]) -> None:
        """Give up nothing of what was reached."""
        for aim in stage.aims:
            if not aim.terms:
                continue
            columns = np.array([column for column, _ in aim.terms], dtype=np.int32)
            counts = np.array([count for _, count in aim.terms], dtype=float)
            at_most = aim.value(values) - aim.constant
            self.highs.addRow(-INFINITE, float(at_most), len(columns), columns, counts)

    def _solve_stage(self, stage: "Stage", start: Sequence[int] | None, until: float) -> Answer:
        if self.is_cancelled():
            raise Cancelled
        left = until - time.monotonic()
        if left <= 0:
            return Answer()
        costs = np.zeros(len(self._costs))
        for aim, weight in zip(stage.aims, stage.weights, strict=True):
            for column, count in aim.terms:
                costs[column] += weight * count
        self.highs.changeObjectiveOffset(float(stage.constant))
        self.highs.changeColsCost(len(costs), self._costs, costs)
        self.highs.setOptionValue("time_limit", self.highs.getRunTime() + left)
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = np.array(start, dtype=float)
            solution.value_valid = True
            self.highs.setSolution(solution)
        began = time.perf_counter()
        self.highs.run()
        took = time.perf_counter() - began
        if self._end is not None:
            raise self._end
        status, info = self.highs.getModelStatus(), self.highs.getInfo()
        answer = Answer(solver_seconds=took)
        answer.is_impossible = status == highspy.HighsModelStatus.kInfeasible
        answer.is_proven = status == highspy.HighsModelStatus.kOptimal
        if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            answer.values = [round(value) for value in self.highs.getSolution().col_value]
            answer.gap = 0.0 if answer.is_proven else min(1.0, max(0.0, info.mip_gap))
        return answer


@dataclass
class Stage:
    """Aims that are solved as one, each weighing more than all that the ones after it can come to."""

    aims: list[Aim]
    weights: list[int]

    @property
    def constant(self) -> int:
        """What there is of the aims in any case, weighed."""
        return sum(weight * aim.constant for aim, weight in zip(self.aims, self.weights, strict=True))


def in_stages(aims: Sequence[Aim]) -> Iterable[Stage]:
    """Put aims together while their weights stay within what the solver tells apart."""
    waiting: list[Aim] = []
    for aim in aims:
        if waiting and (waiting[-1].stands_alone or heaviest([*waiting, aim]) > HEAVIEST):
            yield Stage(waiting, weigh(waiting))
            waiting = []
        waiting.append(aim)
    if waiting:
        yield Stage(waiting, weigh(waiting))


def weigh(aims: Sequence[Aim]) -> list[int]:
    """Return a weight for each aim: one more than all that the following ones, with their weights, can differ by."""
    weights: list[int] = []
    following = 0
    for aim in reversed(aims):
        weights.append(following + 1)
        following += weights[-1] * (aim.high - aim.low)
    return weights[::-1]


def heaviest(aims: Sequence[Aim]) -> int:
    """Return how much the aims, with their weights, can come to."""
    return sum(weight * (aim.high - aim.low) for weight, aim in zip(weigh(aims), aims, strict=True))
