"""A repair of the first township's teams that its office has begun and not decided on: one person locked, one moved."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from grids.domain.composition import begin_composition
from grids.domain.composition_change import lock_person, move_person
from grids.domain.composition_work import compose
from grids.models import Composition


def propose(staff: User, today: date, random: Random) -> None:
    """Leave the proposal as of yesterday afternoon."""
    key = UUID(int=random.getrandbits(128), version=4)
    composition = begin_composition(staff.township, mode=Composition.Mode.REPAIR, key=key, by=staff)
    compose(composition, lambda done, total: None)
    Composition.objects.filter(pk=composition.pk).update(work_state=Composition.WorkState.DONE)
    part = composition.parts.get()
    coming = part.seats.filter(from_grid__isnull=True, grid__isnull=False, is_leader=False).order_by("pk")
    first, last = coming.first(), coming.last()
    if first is not None and last is not None and first != last:
        lock_person(composition, first.pk, by=staff)
        move_person(composition, last.pk, None, by=staff)
    afternoon = datetime(today.year, today.month, today.day, 15, 10) - timedelta(days=1)  # noqa: DTZ001
    Composition.objects.filter(pk=composition.pk).update(at=timezone.make_aware(afternoon))
