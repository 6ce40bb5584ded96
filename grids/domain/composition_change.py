"""What the officer changes in a proposal: people moved, swapped, locked, barred, made the leader.

Every change locks the composition; nothing of it touches a team.
"""

from collections.abc import Collection

from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from grids.domain.composition import locked_standing
from grids.domain.composition_count import recount
from grids.models import Composition, CompositionPart, CompositionWish, Grid, ProposedSeat, ProposedTeam

Kind = CompositionWish.Kind


@event
def move_person(composition: Composition, seat: int, grid: int | None, *, by: User) -> ProposedSeat:
    """Put a person into the proposed team of another grid, or (None) out of all of them; they are locked there."""
    composition = locked_standing(composition)
    moved = _seat(composition, seat)
    if grid == moved.grid_id:
        return moved
    _require_open(moved.part, {moved.grid_id, grid})
    _require_not_barred(composition, moved, grid)
    moved.grid_id, moved.is_leader = grid, False
    moved.save()
    _lock(composition, [moved], by)
    return _changed(composition, moved)


@event
def swap_people(composition: Composition, seat: int, other: int, *, by: User) -> ProposedSeat:
    """Let two people of one township change places; each takes on the other's part, also that of the leader."""
    composition = locked_standing(composition)
    first, second = _seat(composition, seat), _seat(composition, other)
    if first.part_id != second.part_id:
        raise RuleBroken(_("These two belong to different townships. Choose somebody of the same township."))
    if first.grid_id == second.grid_id:
        raise RuleBroken(_("These two are in the same team. Choose somebody of another one."))
    _require_open(first.part, {first.grid_id, second.grid_id})
    _require_not_barred(composition, first, second.grid_id)
    _require_not_barred(composition, second, first.grid_id)
    grids, leads = (second.grid_id, first.grid_id), (second.is_leader, first.is_leader)
    # One leader a grid, at every moment: nobody leads while the two change places.
    for one, place in zip((first, second), grids, strict=True):
        one.is_leader, one.grid_id = False, place
        one.save()
    for one, leads_then in zip((first, second), leads, strict=True):
        if leads_then and one.grid_id is not None:
            one.is_leader = True
            one.save()
    _lock(composition, (first, second), by)
    return _changed(composition, first)


@event
def propose_leader(composition: Composition, seat: int, *, by: User) -> ProposedSeat:
    """Let a person lead the proposed team; who led it before is a member."""
    composition = locked_standing(composition)
    chosen = _seat(composition, seat)
    if chosen.grid_id is None:
        raise RuleBroken(_("This person is in no team. Put them into one first."))
    _require_open(chosen.part, {chosen.grid_id})
    for former in chosen.part.seats.filter(grid=chosen.grid_id, is_leader=True).exclude(pk=chosen.pk):
        former.is_leader = False
        former.save()
    chosen.is_leader = True
    chosen.save()
    return _changed(composition, chosen)


@event
def lock_person(composition: Composition, seat: int, *, by: User) -> ProposedSeat:
    """Keep a person in the proposed team, whatever is solved from now on."""
    composition = locked_standing(composition)
    kept = _seat(composition, seat)
    if kept.grid_id is None:
        raise RuleBroken(_("This person is in no team. Put them into one first."))
    _lock(composition, [kept], by)
    composition.save()
    return kept


@event
def unlock_person(composition: Composition, seat: int, *, by: User) -> ProposedSeat:
    """Let the next solution put the person elsewhere again."""
    composition = locked_standing(composition)
    kept = _seat(composition, seat)
    for wish in composition.wishes.filter(volunteer=kept.volunteer_id, kind=Kind.LOCK).select_related("volunteer"):
        wish.delete()
    composition.save()
    return kept


@event
def bar_person(composition: Composition, seat: int, grid: int, *, by: User) -> ProposedSeat:
    """Keep a person out of a grid's team; whoever is proposed there is taken out of it."""
    composition = locked_standing(composition)
    barred = _seat(composition, seat)
    _require_open(barred.part, {grid})
    CompositionWish.objects.update_or_create(
        composition=composition, volunteer=barred.volunteer, grid_id=grid, defaults={"kind": Kind.BAR, "by": by}
    )
    if barred.grid_id == grid:
        barred.grid_id, barred.is_leader = None, False
        barred.save()
    return _changed(composition, barred)


@event
def lift_wish(composition: Composition, wish: int, *, by: User) -> Composition:
    """Take a lock or a bar away."""
    composition = locked_standing(composition)
    for said in composition.wishes.filter(pk=wish).select_related("volunteer"):
        said.delete()
    composition.save()
    return composition


def _seat(composition: Composition, pk: int) -> ProposedSeat:
    seats = ProposedSeat.objects.filter(part__composition=composition).select_related("part", "volunteer")
    seat = seats.filter(pk=pk).first()
    if seat is None:
        raise RuleBroken(_("The proposal was solved anew meanwhile. Look at it and decide again."))
    return seat


def _require_open(part: CompositionPart, grids: Collection[int | None]) -> None:
    """Refuse a grid that is not in the part, or whose proposal was accepted."""
    wanted = set(grids) - {None}
    teams = list(ProposedTeam.objects.filter(part=part, grid__in=wanted).select_related("grid__village"))
    if len(teams) < len(wanted):
        raise RuleBroken(_("This grid is not part of the proposal for the township. Choose another one."))
    for team in teams:
        if team.accepted_at is not None:
            raise RuleBroken(
                _("The proposal for %(grid)s was accepted already. Solve again to change its team further.")
                % {"grid": team.grid}
            )


def _require_not_barred(composition: Composition, seat: ProposedSeat, grid: int | None) -> None:
    if grid is not None and composition.wishes.filter(volunteer=seat.volunteer_id, grid=grid, kind=Kind.BAR).exists():
        raise RuleBroken(
            _("%(name)s is barred from %(grid)s. Lift the bar first.")
            % {"name": seat.volunteer.name, "grid": Grid.objects.select_related("village").get(pk=grid)}
        )


def _lock(composition: Composition, seats: Collection[ProposedSeat], by: User) -> None:
    """Let people be kept where they are proposed now; out of all teams nothing is kept."""
    wanted = {(seat.volunteer_id, seat.grid_id): seat.volunteer for seat in seats if seat.grid_id is not None}
    people = [seat.volunteer_id for seat in seats]
    for wish in composition.wishes.filter(volunteer__in=people, kind=Kind.LOCK).select_related("volunteer"):
        if wanted.pop((wish.volunteer_id, wish.grid_id), None) is None:
            wish.delete()
    for (_person, grid), volunteer in wanted.items():
        composition.wishes.create(volunteer=volunteer, grid_id=grid, kind=Kind.LOCK, by=by)


def _changed(composition: Composition, seat: ProposedSeat) -> ProposedSeat:
    """Count anew, and raise the version that acceptance is to be of."""
    part = seat.part
    part.is_changed_by_hand = True
    recount(part)
    composition.save()
    return seat
