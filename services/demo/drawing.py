"""How a village of the first township was drawn up, and a list of grids that its office has uploaded, not imported."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from areas.models import Village
from grids.domain.grid_import import upload_grids
from grids.imports.columns import NAMES, TABLE
from grids.models import ChangedGrid, Grid, GridChange, GridImport, Team

Kind, Part = GridChange.Kind, ChangedGrid.Part
FILE_NAME = "网格一览表（政法委交来）.csv"
# Before the first teams were formed.
DRAWN_UP = date(2011, 1, 10)


def tell(staff: User, today: date, random: Random) -> None:
    """Write the history of one village down, ending with its grids as they are, and keep a list as an upload."""
    bare = Count("grids", filter=~Q(grids__teams__state__in=[Team.State.ACTIVE, Team.State.FORMING]), distinct=True)
    villages = Village.objects.filter(township=staff.township_id).annotate(grid_count=Count("grids", distinct=True))
    village = villages.annotate(bare=bare).order_by("-bare", "-grid_count", "code").first()
    if village is None or village.grid_count < 4 or today > timezone.localdate():
        return
    grids = list(village.grids.order_by("number"))
    _draw_up(village, grids, staff, today)
    _upload(village, grids, staff, today, random)


def _draw_up(village: Village, grids: Sequence[Grid], staff: User, today: date) -> None:
    """Tell it backwards from what is: two grids once had each other's numbers, one was a part of its neighbour."""
    served = set(Team.objects.filter(grid__in=grids).values_list("grid", flat=True))
    part = next((grid for grid in grids if grid.pk not in served), None)
    others = [grid for grid in grids if grid != part]
    whole, *_between, one, two = others
    first = {grid.pk: grid.number for grid in others} | {one.pk: two.number, two.pk: one.number}
    households = {grid.pk: grid.households for grid in others}
    if part is not None:
        households[whole.pk] += part.households
    drawn = _change(village, Kind.DIVIDED, DRAWN_UP, staff)
    ChangedGrid.objects.bulk_create(
        ChangedGrid(
            change=drawn,
            grid=grid,
            part=Part.NEW,
            number_after=first[grid.pk],
            households_after=households[grid.pk],
        )
        for grid in others
    )
    swapped = _change(village, Kind.RENUMBERED, today - timedelta(days=290), staff, "与村里门牌顺序一致")
    ChangedGrid.objects.bulk_create(
        _kept(swapped, grid, number=first[grid.pk], households=households[grid.pk]) for grid in (one, two)
    )
    if part is not None:
        split = _change(village, Kind.SPLIT, today - timedelta(days=40), staff, "户数多，走访不便")
        _kept(split, whole, number=whole.number, households=households[whole.pk]).save()
        ChangedGrid.objects.create(
            change=split, grid=part, part=Part.NEW, number_after=part.number, households_after=part.households
        )


def _kept(change: GridChange, grid: Grid, *, number: int, households: int) -> ChangedGrid:
    """Return what a change did to a grid that goes on: ``number`` and ``households`` are those before it."""
    return ChangedGrid(
        change=change,
        grid=grid,
        part=Part.KEPT,
        number_before=number,
        number_after=grid.number,
        households_before=households,
        households_after=grid.households,
    )


def _change(village: Village, kind: str, day: date, staff: User, remark: str = "") -> GridChange:
    morning = timezone.make_aware(datetime.combine(day, time(10, 5)))
    return GridChange.objects.create(village=village, kind=kind, on=day, remark=remark, by=staff, at=morning)


def _upload(village: Village, grids: Sequence[Grid], staff: User, today: date, random: Random) -> None:
    """Keep a list of yesterday: most of it is as it is, some is otherwise, new, or cannot be right."""
    rows = [[village.name, f"{each.number}", f"{each.households}", each.boundary, each.official_code] for each in grids]
    rows[0][2] = f"{grids[0].households + 3}户"
    rows[1][3] = "村道以西、文化礼堂以南"
    free = max(each.number for each in grids) + 1
    rows += [
        [village.name, f"第{free}网格", "31", "新建安置小区", f"{village.code}{free:03d}"],
        [village.name, f"{free + 1}", "约30", "", ""],  # no number of households
        [f"{village.name[0]}坑头村", "1", "28", "", ""],  # no such village
    ]
    data = "\n".join(",".join(row) for row in [[names[0] for names in NAMES.values()], *rows]).encode("gb18030")
    found = upload_grids(
        TABLE.read(data),
        key=UUID(int=random.getrandbits(128), version=4),
        file_name=FILE_NAME,
        sha256=hashlib.sha256(data).hexdigest(),
        by=staff,
    )
    afternoon = timezone.make_aware(datetime.combine(today - timedelta(days=1), time(15, 40)))
    GridImport.objects.filter(pk=found.pk).update(at=afternoon)
