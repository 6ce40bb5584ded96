"""What happens to a composition as a whole: begun, stopped, solved again, discarded.

The solving itself is ``grids.domain.composition_work``, what the officer changes ``grids.domain.composition_change``,
and what becomes of the teams ``grids.domain.acceptance``.
"""

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Township, Village
from common.rules import RuleBroken
from grids.models import Composition, CompositionPart, Grid
from grids.models.composition import CompositionQuerySet
from grids.models.grid import GridQuerySet

Scope = Township | Village | Grid | None


def grids_of(scope: Scope) -> GridQuerySet:
    """Return the grids in use of a township, a village, the one grid, or (None) of the city."""
    grids = Grid.objects.in_use()
    if isinstance(scope, Township):
        return grids.filter(village__township=scope)
    if isinstance(scope, Village):
        return grids.filter(village=scope)
    return grids.filter(pk=scope.pk) if isinstance(scope, Grid) else grids


def scope_of(composition: Composition) -> Scope:
    """Return what the composition is for; None for the city."""
    return composition.grid or composition.village or composition.township


@event
def begin_composition(scope: Scope, *, mode: str, key: UUID, by: User) -> Composition:
    """Ask for a proposal; the form sent twice begins one."""
    begun = Composition.objects.filter(key=key).first()
    if begun is not None:
        return begun
    townships = _townships(scope)
    if not townships:
        raise RuleBroken(_("There are no grids in use here. Draw up the grids first, then compose their teams."))
    village = scope.village if isinstance(scope, Grid) else scope if isinstance(scope, Village) else None
    composition = Composition.objects.create(
        key=key,
        township_id=townships[0] if scope is not None else None,
        village=village,
        grid=scope if isinstance(scope, Grid) else None,
        mode=mode,
        by=by,
    )
    CompositionPart.objects.bulk_create(
        CompositionPart(composition=composition, township_id=township) for township in townships
    )
    composition.start_work()
    return composition


@event
def solve_again(composition: Composition, *, by: User) -> Composition:
    """Solve it once more from how the teams stand now, with the locks and bars that were set."""
    composition = locked_standing(composition)
    townships = set(_townships(scope_of(composition)))
    if not townships:
        raise RuleBroken(_("There are no grids in use here any more. Discard this proposal and begin a new one."))
    parts = composition.parts.all()
    parts.exclude(township__in=townships).delete()
    parts.update(state=CompositionPart.State.WAITING, is_changed_by_hand=False)
    new = townships - set(parts.values_list("township", flat=True))
    CompositionPart.objects.bulk_create(
        CompositionPart(composition=composition, township_id=township) for township in sorted(new)
    )
    composition.run += 1
    composition.is_stopped = False
    composition.save()
    composition.start_work()
    return composition


@event
def stop_composition(composition: Composition, *, by: User) -> Composition:
    """Leave off solving; the townships that were solved stay."""
    composition = Composition.locked(composition.pk)
    if composition.is_at_work:
        composition.is_stopped = True
        composition.save()
    return composition


@event
def discard_composition(composition: Composition, *, by: User) -> Composition:
    """Put the proposal aside for good; the teams stay as they are."""
    composition = locked_standing(composition)
    composition.state = Composition.State.DISCARDED
    composition.save()
    return composition


def discard_all(compositions: CompositionQuerySet) -> None:
    """Put proposals aside because the place that they are for is no more."""
    for pk in compositions.order_by("pk").values_list("pk", flat=True):
        composition = Composition.locked(pk)
        composition.state = Composition.State.DISCARDED
        composition.save()


def locked_standing(composition: Composition, *, version: int | None = None) -> Composition:
    """Lock the composition; refuse whatever is to be done to it while it is solved, and once it is settled."""
    locked = Composition.locked(composition.pk)
    if not locked.is_standing:
        raise RuleBroken(_("This proposal is settled; it does not change any more. Begin a new one."))
    if locked.is_at_work:
        raise RuleBroken(_("This proposal is being solved. Wait until it is done, or stop it."))
    if version is not None and locked.version != version + 1:
        raise RuleBroken(
            _("The proposal was changed after you opened the page. Here is how it stands: look at it and decide again.")
        )
    return locked


def _townships(scope: Scope) -> list[int]:
    """Return the townships of the scope's grids in use, in their order."""
    townships = grids_of(scope).order_by("village__township__code").values_list("village__township", flat=True)
    return list(townships.distinct())
