"""A repair of the first township's teams that its office has begun and not decided on, with one person locked."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from grids.domain.composition import begin_composition
from grids.domain.composition_change import lock_person
from grids.domain.composition_work import compose
from grids.models import Composition


def propose(staff: User, today: date, random: Random) -> None:
    """Leave the proposal as of yesterday afternoon."""
    key = UUID(int=random.getrandbits(128), version=4)
    composition = begin_composition(staff.township, mode=Composition.Mode.REPAIR, key=key, by=staff)
    compose(composition, lambda done, total: None)
    Composition.objects.filter(pk=composition.pk).update(work_state=Composition.WorkState.DONE)
    part = composition.parts.get()
    coming = part.seats.filter(grid__isnull=False).exclude(grid=F("from_grid")).order_by("pk").first()
    if coming is not None:
        lock_person(composition, coming.pk, by=staff)
    afternoon = datetime(today.year, today.month, today.day, 15, 10) - timedelta(days=1)  # noqa: DTZ001
    Composition.objects.filter(pk=composition.pk).update(at=timezone.make_aware(afternoon))
