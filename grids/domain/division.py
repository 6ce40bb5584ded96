"""A village is divided into grids, and a grid into several: households are shared out, none is lost or invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import event
from accounts.models import User
from areas.models import Village
from common.rules import RuleBroken
from grids.domain.change import (
    ChangedMeanwhile,
    Kind,
    begin_change,
    free_numbers,
    lock_grids,
    lock_village,
    note_kept,
    note_new,
    refuse_where_told,
    require_free,
    require_in_use,
    seen_hash,
    sent_before,
    words_about,
)
from grids.domain.grid import new_grid
from grids.hooks import Plan, Word
from grids.models import Grid, GridChange
from grids.models.grid import LARGEST_NUMBER


@dataclass(frozen=True)
class Part:
    """A grid to be: its number, households and boundary."""

    number: int
    households: int
    boundary: str = ""


def share_out(households: int, grids: int) -> list[int]:
    """Share households out to so many grids as evenly as whole numbers allow, the larger parts first."""
    each, rest = divmod(households, grids)
    return [each + (place < rest) for place in range(grids)]


def households_of(village: Village) -> int:
    """Return how many households the village's grids in use have together: that is what the village has."""
    return village.grids.in_use().aggregate(sum=Sum("households"))["sum"] or 0


# --- A village into grids ------------------------------------------------------------------------------


def propose_division(village: Village, *, households: int, grids: int) -> list[Part]:
    """Propose the grids that a village of so many households, in so many grids altogether, still lacks."""
    present = village.grids.in_use().count()
    missing, rest = grids - present, households - households_of(village)
    free = free_numbers(village)
    if missing < 1:
        raise RuleBroken(
            ngettext(
                "The village has %(count)d grid already. Enter a larger number, or merge grids to have fewer.",
                "The village has %(count)d grids already. Enter a larger number, or merge grids to have fewer.",
                present,
            )
            % {"count": present},
            field="grids",
        )
    if missing > len(free):
        raise RuleBroken(
            _("A village has grids numbered from 1 to %(most)d, and %(free)d numbers are free here. Enter fewer grids.")
            % {"most": LARGEST_NUMBER, "free": len(free)},
            field="grids",
        )
    if rest < 1:
        raise RuleBroken(
            _(
                "The village's grids have %(sum)d households already, so none is left for new ones. Enter how many the "
                "whole village has, or split a grid."
            )
            % {"sum": households_of(village)},
            field="households",
        )
    if missing > rest:
        raise _too_many(missing, rest, field="grids")
    return [Part(number, share) for number, share in zip(free, share_out(rest, missing), strict=False)]


@event
def divide_village(
    village: Village,
    parts: Sequence[Part],
    *,
    households: int,
    seen: str,
    by: User,
    on: date | None = None,
    key: UUID | None = None,
) -> GridChange:
    """Draw up grids of a village at once; with those that it has they make up its ``households``.

    ``seen`` stands for the grids that the person saw (``seen_hash``); the same ``key`` again changes nothing. Raises
    ``ChangedMeanwhile``, or ``RuleBroken`` with the field of the row (``number_3``).
    """
    village = lock_village(village)
    made = sent_before(village, key)
    if made is not None:
        return made
    if seen_hash(village) != seen:
        raise ChangedMeanwhile
    if not parts:
        raise RuleBroken(_("There is no grid to draw up. Say how many grids the village shall have."))
    require_free(village, [part.number for part in parts], fields=_fields("number", len(parts)))
    _require_sum(parts, households - households_of(village), field="households_0")
    change = begin_change(village, Kind.DIVIDED, by=by, on=on, key=key)
    for part in parts:
        note_new(change, new_grid(village, part.number, part.households, part.boundary))
    return change


# --- A grid into several -------------------------------------------------------------------------------


def propose_split(grid: Grid, into: int) -> list[Part]:
    """Propose the parts of a grid, the one that keeps its number first."""
    free = free_numbers(grid.village)
    if into - 1 > len(free):
        raise RuleBroken(
            _("A village has grids numbered from 1 to %(most)d, and %(free)d numbers are free here. Enter fewer grids.")
            % {"most": LARGEST_NUMBER, "free": len(free)},
            field="into",
        )
    if into > grid.households:
        raise _too_many(into, grid.households, field="into")
    shares = share_out(grid.households, into)
    kept = Part(grid.number, shares[0], grid.boundary)
    return [kept, *(Part(number, share) for number, share in zip(free, shares[1:], strict=False))]


def words_about_split(grid: Grid, households: int) -> list[Word]:
    """Return what somebody should know before a grid is split and left with so many households."""
    return words_about(Plan(Kind.SPLIT, {grid.pk: households}, kept=grid.pk))


@event
def split_grid(
    grid: Grid,
    parts: Sequence[Part],
    *,
    seen: str,
    by: User,
    on: date | None = None,
    remark: str = "",
    key: UUID | None = None,
) -> GridChange:
    """Split a grid: the first of the ``parts`` is what is left of it, the others are new grids without a team.

    It keeps its number, team, months, requests and history; its households are shared out, to the last one.
    """
    village = lock_village(grid.village)
    made = sent_before(village, key)
    if made is not None:
        return made
    (grid,) = lock_grids(Grid.objects.filter(pk=grid.pk))
    require_in_use(grid)
    if seen_hash(village) != seen:
        raise ChangedMeanwhile
    if len(parts) < 2:
        raise RuleBroken(_("A grid is split into two grids at least."), field="into")
    left, *new = parts
    require_free(village, [part.number for part in new], fields=_fields("number", len(new), first=1))
    _require_sum(parts, grid.households, field="households_0")
    refuse_where_told(words_about_split(grid, left.households))
    change = begin_change(village, Kind.SPLIT, by=by, on=on, grids=[grid], remark=remark, key=key)
    before, grid.households, grid.boundary = grid.households, left.households, left.boundary
    grid.full_clean(validate_constraints=False)
    grid.save()
    note_kept(change, grid, households=before)
    for part in new:
        note_new(change, new_grid(village, part.number, part.households, part.boundary))
    return change


# --- What both refuse ----------------------------------------------------------------------------------


def _fields(name: str, count: int, *, first: int = 0) -> list[str]:
    return [f"{name}_{place}" for place in range(first, first + count)]


def _too_many(grids: int, households: int, *, field: str) -> RuleBroken:
    return RuleBroken(
        ngettext(
            "%(grids)d grids cannot be made of %(count)d household: each has one at least. Enter fewer grids.",
            "%(grids)d grids cannot be made of %(count)d households: each has one at least. Enter fewer grids.",
            households,
        )
        % {"grids": grids, "count": households},
        field=field,
    )


def _require_sum(parts: Sequence[Part], households: int, *, field: str) -> None:
    """Refuse parts that do not add up, saying by how much, and which grids have no household."""
    for place, part in enumerate(parts):
        if part.households < 1:
            raise RuleBroken(_("A grid has one household at least."), field=f"households_{place}")
    missing = households - sum(part.households for part in parts)
    if missing > 0:
        raise RuleBroken(
            ngettext(
                "%(count)d household is in no grid: the rows add up to %(sum)d, and there are %(all)d to share out.",
                "%(count)d households are in no grid: the rows add up to %(sum)d, and there are %(all)d to share out.",
                missing,
            )
            % {"count": missing, "sum": households - missing, "all": households},
            field=field,
        )
    if missing < 0:
        raise RuleBroken(
            ngettext(
                "There is %(count)d household too many: the rows add up to %(sum)d, and there are %(all)d to share "
                "out.",
                "There are %(count)d households too many: the rows add up to %(sum)d, and there are %(all)d to share "
                "out.",
                -missing,
            )
            % {"count": -missing, "sum": households - missing, "all": households},
            field=field,
        )
