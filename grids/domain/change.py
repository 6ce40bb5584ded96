"""What the changes of grids have in common: their locks, what others say to them, and the record that they leave.

Locks: the village first, then its grids by primary key, then teams. Whoever draws, splits, merges or renumbers grids
of a village holds the village, so two officers do so one after the other, and the second one sees what the first did.
"""

import hashlib
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from areas.models import Village
from common.rules import RuleBroken
from common.wording import sentences
from grids.domain.rule import day_or_today
from grids.hooks import Plan, Word, grid_changing
from grids.models import ChangedGrid, Grid, GridChange, Team
from grids.models.grid import LARGEST_NUMBER, GridQuerySet

Kind = GridChange.Kind
Part = ChangedGrid.Part


class ChangedMeanwhile(RuleBroken):
    """The village's grids, or what waits for their teams, are no longer what the person saw."""

    def __init__(self) -> None:
        """Say that the page shows the present state."""
        super().__init__(
            _(
                "Somebody changed the grids of this village, or what waits for their teams, after you opened the page. "
                "It shows them as they are now: look once more, then save again."
            ),
            code="stale",
        )


# --- Before: what somebody should know, and what they saw ----------------------------------------------


def words_about(plan: Plan) -> list[Word]:
    """Return what the apps above say to a change before it is made, refusals first."""
    answers: list[tuple[Any, Any]] = grid_changing.send(Grid, plan=plan)
    said: list[Word] = [word for _receiver, words in answers for word in words or ()]
    return sorted(said, key=lambda word: not word.refuses)


def refuse_where_told(words: Iterable[Word]) -> None:
    """Raise ``RuleBroken`` with everything that refuses the change."""
    refusals = [word.text for word in words if word.refuses]
    if refusals:
        raise RuleBroken(sentences(refusals))


def seen_hash(village: Village, words: Iterable[Word] = ()) -> str:
    """Return what stands for the village's grids and teams, and for what was said of a change, as somebody sees it."""
    grids = village.grids.order_by("pk").values_list("pk", "number", "households", "is_retired", "version")
    teams = Team.objects.standing().filter(grid__village=village).order_by("pk").values_list("pk", "grid", "state")
    said = sorted((word.grid, word.text) for word in words)
    return hashlib.sha256(repr((list(grids), list(teams), said)).encode()).hexdigest()


# --- During: locks, and the record ---------------------------------------------------------------------


def lock_village(village: Village) -> Village:
    """Lock the village: nobody else changes its grids until this transaction ends."""
    return Village.objects.select_for_update(of=("self",), no_key=True).get(pk=village.pk)


def lock_grids(grids: GridQuerySet) -> list[Grid]:
    """Lock the grids in their order, each version raised by one when it is saved next."""
    locked = list(grids.select_for_update(of=("self",), no_key=True).select_related("village").order_by("pk"))
    for grid in locked:
        grid.version += 1
    return locked


def sent_before(village: Village, key: UUID | None) -> GridChange | None:
    """Return the change that the same form made, when it arrives once more; the village is locked."""
    made = GridChange.objects.filter(key=key).first() if key else None
    if made is not None and made.village_id != village.pk:
        raise RuleBroken(_("This form was sent for another village before. Open it anew."))
    return made


def require_in_use(grid: Grid) -> None:
    """Refuse to change a grid that has been retired."""
    if grid.is_retired:
        raise RuleBroken(_("This grid has been retired; it does not change any more."))


def require_free(village: Village, numbers: Collection[int], *, fields: Iterable[str | None] = ()) -> None:
    """Refuse numbers that are used twice, or that the village's grids, the retired ones too, have already."""
    fields = [*fields] or [None] * len(numbers)
    taken = dict(village.grids.values_list("number", "is_retired"))
    given: set[int] = set()
    for number, field in zip(numbers, fields, strict=True):
        if number in given:
            raise RuleBroken(
                _("Number %(number)s is given twice. Each grid of a village has its own.") % {"number": number},
                field=field,
            )
        if number in taken:
            refusal = (
                _(
                    "The village has a retired grid with the number %(number)s. "
                    "Choose another number, or renumber that grid first."
                )
                if taken[number]
                else _("The village has a grid with the number %(number)s already. Choose another one.")
            )
            raise RuleBroken(refusal % {"number": number}, field=field)
        given.add(number)


def free_numbers(village: Village) -> list[int]:
    """Return the numbers for new grids: those after the highest first, then what is free below."""
    taken = set(village.grids.values_list("number", flat=True))
    after = max(taken, default=0)
    free = [number for number in range(1, LARGEST_NUMBER + 1) if number not in taken]
    return sorted(free, key=lambda number: (number < after, number))


def begin_change(
    village: Village,
    kind: str,
    *,
    by: User,
    on: date | None = None,
    grids: Collection[Grid] = (),
    remark: str = "",
    key: UUID | None = None,
) -> GridChange:
    """Write down that something becomes of the village's grids on a day, not before the ``grids`` last changed."""
    last = ChangedGrid.objects.filter(grid__in=grids).aggregate(day=Max("change__on"))["day"] if grids else None
    told = _("These grids were changed on %(day)s. Enter that day or a later one.")
    day = day_or_today(on, not_before=[(last, told)])
    return GridChange.objects.create(key=key, village=village, kind=kind, on=day, remark=remark, by=by)


def note_new(change: GridChange, grid: Grid) -> None:
    """Write down that the change drew up a grid."""
    ChangedGrid.objects.create(
        change=change, grid=grid, part=Part.NEW, number_after=grid.number, households_after=grid.households
    )


def note_kept(change: GridChange, grid: Grid, *, number: int | None = None, households: int | None = None) -> None:
    """Write down what the change did to a grid that goes on; ``number`` and ``households`` are those before it."""
    ChangedGrid.objects.create(
        change=change,
        grid=grid,
        part=Part.KEPT,
        number_before=grid.number if number is None else number,
        number_after=grid.number,
        households_before=grid.households if households is None else households,
        households_after=grid.households,
    )


def note_given_up(change: GridChange, grid: Grid) -> None:
    """Write down that the change retired a grid: it keeps its number and households as a record."""
    ChangedGrid.objects.create(
        change=change,
        grid=grid,
        part=Part.GIVEN_UP,
        number_before=grid.number,
        number_after=grid.number,
        households_before=grid.households,
    )
