"""The grids of a village get other numbers, all in one step, so that two of them may change places."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from areas.models import Village
from common.rules import RuleBroken
from grids.domain.change import (
    ChangedMeanwhile,
    Kind,
    begin_change,
    lock_grids,
    lock_village,
    note_kept,
    seen_hash,
    sent_before,
)
from grids.domain.team import name_after
from grids.models import Grid, GridChange, Team
from grids.models.grid import LARGEST_NUMBER


@event
def renumber_grids(
    village: Village,
    numbers: Mapping[int, int],
    *,
    seen: str,
    by: User,
    on: date | None = None,
    remark: str = "",
    key: UUID | None = None,
) -> GridChange:
    """Give grids (keys) of the village other numbers; a retired one may make room for one in use.

    Former numbers stay in the record. A standing team that is called after its grid is called after the new number.
    Raises ``ChangedMeanwhile``, or ``RuleBroken`` with the field of the grid (``number_12`` for the key 12).
    """
    village = lock_village(village)
    made = sent_before(village, key)
    if made is not None:
        return made
    grids = {grid.pk: grid for grid in lock_grids(village.grids.all())}
    if seen_hash(village) != seen:
        raise ChangedMeanwhile
    moves = _moves(grids, numbers)
    standing = Team.objects.standing().filter(grid__in=moves).order_by("pk")
    teams = list(standing.select_for_update(of=("self",), no_key=True))
    moved = [grids[pk] for pk in moves]
    change = begin_change(village, Kind.RENUMBERED, by=by, on=on, grids=moved, remark=remark, key=key)
    automatic = called_after_grid(teams, grids)
    for pk, number in _in_order(
        {grid.number for grid in grids.values()}, {pk: grids[pk].number for pk in moves}, moves
    ):
        Grid.objects.filter(pk=pk).update(number=number)
    for grid in moved:
        before, grid.number = grid.number, moves[grid.pk]
        Grid.objects.filter(pk=grid.pk).update(version=grid.version)
        record([grid], AuditEntry.Action.UPDATE, {"number": (str(before), str(grid.number))})
        note_kept(change, grid, number=before)
    call_after_grid(automatic, grids)
    return change


def in_a_row(grids: Sequence[Grid]) -> dict[int, int]:
    """Propose numbers without gaps for the grids in use, in their order; retired ones make room where they must."""
    in_use = sorted((grid for grid in grids if not grid.is_retired), key=lambda grid: grid.number)
    proposed = {grid.pk: number for number, grid in enumerate(in_use, start=1)}
    taken = set(proposed.values())
    retired = sorted((grid for grid in grids if grid.is_retired), key=lambda grid: grid.number)
    keeping = [grid for grid in retired if grid.number not in taken]
    taken |= {grid.number for grid in keeping}
    free = (number for number in range(LARGEST_NUMBER, 0, -1) if number not in taken)
    return proposed | {grid.pk: next(free) for grid in retired if grid not in keeping}


def _moves(grids: Mapping[int, Grid], numbers: Mapping[int, int]) -> dict[int, int]:
    """Return the new number of each grid that gets one; afterwards no two grids of the village share one."""
    if not numbers.keys() <= grids.keys():
        raise RuleBroken(_("Only grids of this village are renumbered here. Open the page anew."))
    owners: dict[int, int] = {}
    for pk, grid in grids.items():
        number = numbers.get(pk, grid.number)
        if not 1 <= number <= LARGEST_NUMBER:
            raise RuleBroken(
                _("Grids are numbered from 1 to %(most)d.") % {"most": LARGEST_NUMBER}, field=f"number_{pk}"
            )
        if number in owners:
            told = pk if number != grid.number else owners[number]
            raise RuleBroken(
                _("Two grids would have the number %(number)s. Give each grid of the village its own.")
                % {"number": number},
                field=f"number_{told}",
            )
        owners[number] = pk
    moves = {pk: number for pk, number in numbers.items() if number != grids[pk].number}
    if not moves:
        raise RuleBroken(_("No number was changed. Type the new numbers beside the grids."))
    return moves


def _in_order(taken: set[int], before: Mapping[int, int], moves: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield steps of one grid each, no two grids sharing a number in between, as both databases demand.

    Where numbers go round in a circle, one grid of it waits on a number that nobody has.
    """
    taken, now, waiting = set(taken), dict(before), dict(moves)
    while waiting:
        step = next((pk for pk, number in waiting.items() if number not in taken), None)
        if step is not None:
            number = waiting.pop(step)
        else:
            step = next(iter(waiting))
            free = next((number for number in range(LARGEST_NUMBER, 0, -1) if number not in taken), None)
            if free is None:
                raise RuleBroken(
                    _(
                        "All numbers from 1 to %(most)d are taken, so none is free to let two grids change places. "
                        "Leave the numbers as they are."
                    )
                    % {"most": LARGEST_NUMBER}
                )
            number = free
        taken.discard(now[step])
        taken.add(number)
        now[step] = number
        yield step, number


def called_after_grid(teams: Iterable[Team], grids: Mapping[int, Grid]) -> list[Team]:
    """Return the standing teams that nobody gave a name of their own; ``grids`` by key, with their villages."""
    standing = [team for team in teams if team.state != Team.State.DISSOLVED]
    return [team for team in standing if team.name in set(_names_after(grids[team.grid_id]))]


def call_after_grid(teams: Iterable[Team], grids: Mapping[int, Grid]) -> None:
    """Call teams (locked) after what their grids are called now."""
    for team in teams:
        team.version += 1
        team.name = name_after(grids[team.grid_id])
        team.save()


def _names_after(grid: Grid) -> Iterator[str]:
    """Yield how a team is called after the grid, in each language that somebody may have formed it in."""
    for code, _name in settings.LANGUAGES:
        with override(code):
            yield name_after(grid)
