"""A spreadsheet of grids is uploaded, looked at, and taken in: all its new and changed rows together, or none.

Nothing is drawn before somebody confirms the rows that they saw. The same file once more changes nothing, because its
rows then say what the grids are already.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record, record_rows
from accounts.models import AuditEntry, User
from areas.models import Village
from common.rules import RuleBroken
from common.workbook.opening import Cell
from common.workbook.table import Table
from grids.domain.change import lock_grids
from grids.imports.check import CHANGED, NEW, CheckedRow, check_rows
from grids.models import ChangedGrid, Grid, GridChange, GridImport
from grids.models.change import REMARK_LENGTH

State = GridImport.State
Part = ChangedGrid.Part
CHANGEABLE = ("households", "boundary", "official_code")


@event
def upload_grids(table: Table, *, key: UUID, file_name: str, sha256: str, by: User) -> GridImport:
    """Keep an uploaded table, once for each ``key`` of the form; none of its rows is a grid yet."""
    stored, is_new = GridImport.objects.get_or_create(
        key=key,
        defaults={
            "township_id": by.township_id,
            "by": by,
            "file_name": file_name,
            "sha256": sha256,
            "sheet": table.sheet[:60],
            "header": table.header,
            "columns": table.columns,
            "rows": table.rows,
            "row_count": len(table.rows),
        },
    )
    if not is_new and (stored.sha256 != sha256 or stored.township_id != by.township_id):
        raise RuleBroken(
            _("This form was sent before, with another file. Open it anew and choose the file once more."), field="file"
        )
    return stored


def cells_of(found: GridImport) -> list[tuple[int, dict[str, Cell]]]:
    """Return each row's number and its cells by column."""
    places = found.columns.items()
    return [
        (number, {column: cells[place] if place < len(cells) else None for column, place in places})
        for number, cells in found.rows
    ]


def checked(found: GridImport, by: User) -> list[CheckedRow]:
    """Say of each row what would become of it now, for the villages that both the file's township and ``by`` have."""
    villages = Village.objects.visible_to(by).current().select_related("township")
    if found.township_id is not None:
        villages = villages.filter(township=found.township_id)
    return check_rows(cells_of(found), list(villages))


def seen_hash(rows: Sequence[CheckedRow]) -> str:
    """Return what stands for the rows as a person saw them: which are taken in, and what each does."""
    seen = [
        (row.number, row.state, *row.place, sorted(row.changes.items()) if row.grid else sorted(row.values.items()))
        for row in rows
        if row.state in (NEW, CHANGED)
    ]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


@event
def import_grids(found: GridImport, *, seen: str, by: User) -> GridImport:
    """Draw up the new grids and change the others, exactly as the rows were ``seen``; wrong rows stay out."""
    locked = GridImport.locked(found.pk)
    if locked.state == State.DONE:
        return locked
    wanted = {row.village.pk for row in checked(locked, by) if row.village is not None}
    # Whoever draws or renumbers grids of these villages comes before or after; then the rows are read once more.
    list(Village.objects.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",), no_key=True))
    grids = {grid.pk: grid for grid in lock_grids(Grid.objects.filter(village__in=wanted))}
    rows = [row for row in checked(locked, by) if row.state in (NEW, CHANGED)]
    if seen_hash(rows) != seen:
        raise RuleBroken(_("The rows mean something else than a moment ago. Look at them once more, then import."))
    if not rows:
        raise RuleBroken(_("There is no new or changed row to import."))
    changes = _begin(rows, locked, by)
    locked.drawn_count = _draw([row for row in rows if row.state == NEW], changes)
    locked.changed_count = _change([row for row in rows if row.state == CHANGED], changes, grids)
    locked.state = State.DONE
    locked.save()
    return locked


def _begin(rows: Sequence[CheckedRow], found: GridImport, by: User) -> dict[int, GridChange]:
    """Write down that something becomes of each village's grids today."""
    villages = {row.village.pk: row.village for row in rows if row.village is not None}
    changes = GridChange.objects.bulk_create(
        GridChange(
            village=village,
            kind=GridChange.Kind.IMPORTED,
            on=timezone.localdate(),
            remark=found.file_name[-REMARK_LENGTH:],
            by=by,
        )
        for _pk, village in sorted(villages.items())
    )
    record(changes, AuditEntry.Action.CREATE)
    return {change.village_id: change for change in changes}


def _draw(rows: Sequence[CheckedRow], changes: dict[int, GridChange]) -> int:
    """Draw up the grids that are new."""
    drawn = Grid.objects.bulk_create(Grid(village=row.village, **row.values) for row in rows)
    record(drawn, AuditEntry.Action.CREATE)
    ChangedGrid.objects.bulk_create(
        ChangedGrid(
            change=changes[grid.village_id],
            grid=grid,
            part=Part.NEW,
            number_after=grid.number,
            households_after=grid.households,
        )
        for grid in drawn
    )
    return len(drawn)


def _change(rows: Sequence[CheckedRow], changes: dict[int, GridChange], grids: dict[int, Grid]) -> int:
    """Change the grids that are there; they are locked."""
    changed, said = [], []
    for row in rows:
        assert row.grid is not None  # noqa: S101 (a changed row has one)
        grid = grids[row.grid.pk]
        said.append((grid.pk, str(grid), row.changes))
        changed.append((grid, grid.households))
        for name, (_before, value) in row.changes.items():
            setattr(grid, name, value)
    Grid.objects.bulk_update([grid for grid, _before in changed], [*CHANGEABLE, "version"])
    record_rows(Grid, AuditEntry.Action.UPDATE, said)
    ChangedGrid.objects.bulk_create(
        ChangedGrid(
            change=changes[grid.village_id],
            grid=grid,
            part=Part.KEPT,
            number_before=grid.number,
            number_after=grid.number,
            households_before=before,
            households_after=grid.households,
        )
        for grid, before in changed
    )
    return len(changed)
