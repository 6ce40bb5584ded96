"""How a composition is solved in the background: township by township, each kept as soon as it is found."""

import time
from dataclasses import asdict, replace
from typing import cast

from django.db import transaction

from common.jobs import Progress, does
from grids.composing.problem import Cancelled, Conflict, Mode, Problem, Solution
from grids.composing.read import problem_of
from grids.composing.solve import solve
from grids.domain.composition import grids_of, scope_of
from grids.domain.composition_count import recount
from grids.models import Composition, CompositionPart, CompositionWish, ProposedSeat, ProposedTeam, Team

# Seconds that one township may take; then the best that was found is proposed, with its gap.
SECONDS = 60.0
# Seconds between two looks at whether it is to be stopped, and two signs of life.
LOOK = 0.5
BATCH = 500

Pairs = frozenset[tuple[int, int]]


@does(Composition)
def compose(composition: Composition, progress: Progress) -> None:
    """Solve what waits; begun anew after a crash it goes on with the townships that are missing."""
    parts = list(composition.parts.filter(state=CompositionPart.State.WAITING).select_related("township"))
    total = composition.parts.count()
    for order, part in enumerate(parts):
        done = total - len(parts) + order
        progress(done, total)
        watch = _Watch(composition, progress, done, total)
        if watch.is_stopped() or not _solve(composition, part, watch):
            return
    progress(total, total)


def _solve(composition: Composition, part: CompositionPart, watch: "_Watch") -> bool:
    """Solve one township and keep what was found; return whether to go on."""
    grids = grids_of(scope_of(composition)).filter(village__township=part.township_id)
    problem = _with_wishes(problem_of(grids, mode=cast("Mode", composition.mode)), composition)
    try:
        solution = solve(problem, seconds=SECONDS, is_cancelled=watch.is_stopped)
    except Cancelled:
        return False
    except Conflict as conflict:
        return _keep(composition, part, problem, None, conflict)
    return _keep(composition, part, problem, solution, None)


def _with_wishes(problem: Problem, composition: Composition) -> Problem:
    """Add what the officer said about people and grids that are still there."""
    people, grids = {person.pk for person in problem.people}, {place.grid for place in problem.places}
    said: dict[str, set[tuple[int, int]]] = {kind: set() for kind in CompositionWish.Kind.values}
    for kind, person, grid in composition.wishes.values_list("kind", "volunteer", "grid"):
        if person in people and grid in grids:
            said[kind].add((person, grid))
    return replace(problem, locked=frozenset(said["lock"]), barred=frozenset(said["bar"]))


@transaction.atomic
def _keep(
    composition: Composition,
    part: CompositionPart,
    problem: Problem,
    solution: Solution | None,
    conflict: Conflict | None,
) -> bool:
    """Put what was found in the place of what was there; nothing if it was settled or begun anew meanwhile."""
    locked = Composition.objects.select_for_update(of=("self",), no_key=True).get(pk=composition.pk)
    if locked.run != composition.run or not locked.is_standing:
        return False
    # What was proposed before is no record: it goes without an entry for each row.
    part.seats.all()._raw_delete(part._state.db)
    part.teams.all()._raw_delete(part._state.db)
    grids = [place.grid for place in problem.places]
    active = set(Team.objects.active().filter(grid__in=grids).values_list("pk", flat=True))
    ProposedTeam.objects.bulk_create(
        (
            ProposedTeam(part=part, grid_id=place.grid, team_id=place.team, was_active=place.team in active)
            for place in problem.places
        ),
        batch_size=BATCH,
    )
    ProposedSeat.objects.bulk_create(_seats(part, problem, solution), batch_size=BATCH)
    if conflict is not None:
        part.state, part.is_proven, part.gap, part.unmet = CompositionPart.State.IMPOSSIBLE, False, None, []
        part.conflict = {"rule": conflict.rule, "locks": sorted(map(list, conflict.locks)), "grid": conflict.grid}
    elif solution is not None:
        part.state, part.conflict = CompositionPart.State.SOLVED, {}
        part.is_proven, part.gap, part.seconds = solution.is_proven, solution.gap, solution.seconds
        part.unmet = [asdict(each) for each in solution.unmet]
    recount(part)
    return True


def _seats(part: CompositionPart, problem: Problem, solution: Solution | None) -> list[ProposedSeat]:
    """Return a seat for whoever could serve; without a solution everybody stays where they are."""
    seats = []
    for person in problem.people:
        grid = person.grid if solution is None else solution.seats.get(person.pk)
        if solution is None:
            leads = grid is not None and person.role == "leader"
        else:
            leads = grid is not None and solution.leaders.get(grid) == person.pk
        seats.append(
            ProposedSeat(
                part=part,
                volunteer_id=person.pk,
                from_grid_id=person.grid,
                from_role=person.role,
                grid_id=grid,
                solved_grid_id=grid,
                is_leader=leads,
                reasons=list(solution.reasons.get(person.pk, ())) if solution else [],
            )
        )
    return seats


class _Watch:
    """Looks now and then whether the officer wants it stopped, and gives a sign of life."""

    def __init__(self, composition: Composition, progress: Progress, done: int, total: int) -> None:
        self.composition, self.progress, self.done, self.total = composition, progress, done, total
        self.looked_at, self.stopped = 0.0, False

    def is_stopped(self) -> bool:
        now = time.monotonic()
        if not self.stopped and now - self.looked_at > LOOK:
            self.looked_at = now
            found = Composition.objects.filter(pk=self.composition.pk)
            self.stopped = not found.standing().filter(is_stopped=False, run=self.composition.run).exists()
            self.progress(self.done, self.total)
        return self.stopped
