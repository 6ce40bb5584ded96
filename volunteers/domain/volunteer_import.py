"""A list of volunteers is uploaded, its columns are named, its rows checked, looked at, and taken in.

Nothing is written before somebody confirms what they saw. Then all is one transaction: each row does what the preview
said, decided once more under locks, or the row (or, as was chosen, the whole file) stays out.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.jobs import Progress, does
from common.rules import RuleBroken
from volunteers.imports.apply import Taken, take_in
from volunteers.imports.check import CHANGED, NEW, SAME, WRONG
from volunteers.imports.columns import plain
from volunteers.imports.parts import Kind, rows_of
from volunteers.imports.preview import Heap, Preview, cells_at, checker_of
from volunteers.imports.reading import ReadSheet, best_of
from volunteers.models import ColumnMapping, VolunteerImport, VolunteerImportPart

State = VolunteerImport.State
OPEN = (State.MAPPING, State.CHECKED)


class ChangedSince(Exception):  # noqa: N818 (it names an answer, not a fault)
    """Since the preview something changed that a confirmed row depends on: nothing is taken in."""


def remembered_for(township: int | None) -> dict[str, str]:
    """Return what a township, or the city, last said that columns mean, by their bare names."""
    return dict(ColumnMapping.objects.filter(township=township).values_list("header", "column"))


@event
def upload_volunteers(
    sheets: Sequence[ReadSheet], *, key: UUID, file_name: str, sha256: str, by: User
) -> VolunteerImport:
    """Keep an uploaded file, once for each ``key`` of the form; its rows wait for the columns to be confirmed."""
    stored = VolunteerImport.objects.visible_to(by).filter(key=key).first()
    if stored is not None:
        if stored.sha256 != sha256:
            raise RuleBroken(
                _("This form was sent before, with another file. Open it anew and choose the file once more."),
                field="file",
            )
        return stored
    chosen = best_of(list(sheets))
    created = VolunteerImport.objects.create(
        key=key,
        township_id=by.township_id,
        by=by,
        file_name=file_name,
        sha256=sha256,
        sheets=[sheet.facts for sheet in sheets],
        sheet=chosen,
        columns=sheets[chosen].facts["columns"],
        row_count=sheets[chosen].facts["rows"],
        work_state=VolunteerImport.WorkState.DONE,
    )
    for place, sheet in enumerate(sheets):
        for position, (count, first, data) in enumerate(sheet.parts):
            VolunteerImportPart.objects.create(
                volunteer_import=created,
                kind=Kind.CELLS,
                sheet=place,
                position=position,
                count=count,
                first=first,
                data=data,
            )
    return created


@event
def map_columns(
    volunteer_import: VolunteerImport,
    *,
    sheet: int,
    columns: Mapping[str, int],
    defaults: Mapping[str, Any],
    by: User,
) -> VolunteerImport:
    """Say what the columns mean, remember it for the next file, and let the rows be checked."""
    locked = VolunteerImport.locked(volunteer_import.pk)
    if locked.state not in OPEN:
        raise _no_longer(locked)
    locked.sheet, locked.columns, locked.defaults = sheet, dict(columns), dict(defaults)
    locked.row_count = locked.sheets[sheet]["rows"]
    _remember(locked)
    _check_anew(locked)
    return locked


def _remember(volunteer_import: VolunteerImport) -> None:
    """Remember each named column of the chosen sheet, also those left out; the last word counts."""
    names = volunteer_import.sheets[volunteer_import.sheet]["names"]
    meant = {place: column for column, place in volunteer_import.columns.items()}
    said = {bare: meant.get(place, "") for place, name in enumerate(names) if (bare := plain(name))}
    # Two columns of one name say nothing about the next file's.
    kept = ColumnMapping.objects.filter(township=volunteer_import.township_id, header__in=said)
    kept.delete()
    ColumnMapping.objects.bulk_create(
        ColumnMapping(township_id=volunteer_import.township_id, header=header, column=column)
        for header, column in said.items()
    )


def _check_anew(volunteer_import: VolunteerImport, notice: str = "") -> None:
    volunteer_import.state, volunteer_import.notice, volunteer_import.counts = State.CHECKING, notice, {}
    volunteer_import.save()
    volunteer_import.parts.exclude(kind=Kind.CELLS).delete()
    volunteer_import.start_work()


@event
def remap_columns(volunteer_import: VolunteerImport, *, by: User) -> VolunteerImport:
    """Go back to the columns, after the rows were looked at."""
    locked = VolunteerImport.locked(volunteer_import.pk)
    if locked.state not in OPEN:
        raise _no_longer(locked)
    locked.state = State.MAPPING
    locked.save()
    return locked


@event
def confirm_volunteers(
    volunteer_import: VolunteerImport, *, only_good: bool, version: int, by: User
) -> VolunteerImport:
    """Confirm the rows as the preview showed them (``version``): all of the file, or the good ones of it."""
    locked = VolunteerImport.locked(volunteer_import.pk)
    if locked.state in (State.IMPORTING, State.DONE):
        return locked
    if locked.state != State.CHECKED or locked.version - 1 != version:
        raise RuleBroken(_("The rows were checked anew meanwhile. Look at them once more, then import."))
    if not locked.counts.get(NEW) and not locked.counts.get(CHANGED):
        raise RuleBroken(_("There is nothing to import: no row is new or changes anything."))
    if locked.counts.get(WRONG) and not only_good:
        raise RuleBroken(
            _("Some rows are wrong. Mend them in the file and upload it anew, or import the good rows only.")
        )
    locked.state, locked.only_good, locked.confirmed_by, locked.notice = State.IMPORTING, only_good, by, ""
    locked.save()
    locked.start_work()
    return locked


@event
def discard_volunteers(volunteer_import: VolunteerImport, *, by: User | None) -> VolunteerImport:
    """Forget a file that is not to be imported."""
    locked = VolunteerImport.locked(volunteer_import.pk)
    if locked.state not in (*OPEN, State.CHECKING):
        raise _no_longer(locked)
    locked.state, locked.notice = State.DISCARDED, ""
    _forget_samples(locked)
    locked.save()
    locked.parts.all().delete()
    return locked


@event
def download_wrong_volunteers(volunteer_import: VolunteerImport, *, by: User) -> None:
    """Record that somebody took the wrong rows of a list, which name people."""
    record([volunteer_import], AuditEntry.Action.ACCESS, {})


def _no_longer(volunteer_import: VolunteerImport) -> RuleBroken:
    return RuleBroken(
        _("This file is “%(state)s” by now. Open its page anew, or upload it once more.")
        % {"state": volunteer_import.get_state_display()}
    )


# --- In the background ------------------------------------------------------------------------------------


@does(VolunteerImport)
def go_on(volunteer_import: VolunteerImport, progress: Progress) -> None:
    """Do what the import waits for; done twice, the second time finds nothing to do."""
    if volunteer_import.state == State.CHECKING:
        preview = Preview(volunteer_import, progress)
        keep_preview(volunteer_import, preview, by=volunteer_import.by)
    elif volunteer_import.state == State.IMPORTING and volunteer_import.confirmed_by is not None:
        by = volunteer_import.confirmed_by
        try:
            import_volunteers(volunteer_import, by=by)
        except (ChangedSince, IntegrityError):
            check_again(volunteer_import, by=by)


@event
def keep_preview(volunteer_import: VolunteerImport, preview: Preview, *, by: User) -> None:
    """Keep what the rows would do, unless the columns were changed meanwhile or somebody else was faster."""
    locked = VolunteerImport.locked(volunteer_import.pk)
    if locked.state != State.CHECKING or locked.version - 1 != volunteer_import.version:
        return
    locked.parts.exclude(kind=Kind.CELLS).delete()
    VolunteerImportPart.objects.bulk_create(preview.parts(), batch_size=20)
    locked.state, locked.counts = State.CHECKED, preview.counts
    locked.save()


@event
def import_volunteers(volunteer_import: VolunteerImport, *, by: User) -> VolunteerImport:
    """Take the confirmed rows in; raises ``ChangedSince`` where all were wanted and one is not what it was."""
    locked = VolunteerImport.locked(volunteer_import.pk)
    if locked.state != State.IMPORTING:
        return locked
    taken = take_in(locked, checker_of(locked, locked.by), by=by)
    if taken.refused and not locked.only_good:
        raise ChangedSince
    _keep_result(locked, taken)
    return locked


def _keep_result(locked: VolunteerImport, taken: Taken) -> None:
    """Keep the wrong rows, to be mended, and who was added or changed by number; all else of the file is forgotten."""
    wrong = Heap()
    refused = (
        [[number, cells, [taken.refused[number]]] for number, cells in cells_at(locked, taken.refused)]
        if taken.refused
        else []
    )
    kept = [row for rows in rows_of(locked, Kind.WRONG) for row in rows] if refused else []
    for row in sorted([*refused, *kept], key=lambda row: row[0]):
        wrong.add(row)
    gone = locked.parts.all() if refused else locked.parts.exclude(kind=Kind.WRONG)
    gone.delete()
    parts = list(wrong.parts(locked, Kind.WRONG))
    for kind, rows in ((Kind.NEW, taken.added), (Kind.CHANGED, taken.changed)):
        heap = Heap()
        for each in rows:
            heap.add(each)
        parts += heap.parts(locked, kind)
    VolunteerImportPart.objects.bulk_create(parts, batch_size=20)
    locked.state, locked.done_at = State.DONE, timezone.now()
    locked.added_count, locked.changed_count = len(taken.added), len(taken.changed)
    numbers = [row[2] for row in taken.added]
    locked.result = {
        "first": numbers[0] if numbers else "",
        "last": numbers[-1] if numbers else "",
        "refused": len(taken.refused),
        "same": locked.counts.get(SAME, 0),
        "wrong": locked.counts.get(WRONG, 0) + len(taken.refused),
    }
    _forget_samples(locked)
    locked.save()


@event
def check_again(volunteer_import: VolunteerImport, *, by: User) -> None:
    """Let the rows be checked and looked at anew: the register had changed since the preview, nothing was taken in."""
    locked = VolunteerImport.locked(volunteer_import.pk)
    if locked.state == State.IMPORTING:
        locked.confirmed_by = None
        _check_anew(locked, notice="changed")


def _forget_samples(volunteer_import: VolunteerImport) -> None:
    for facts in volunteer_import.sheets:
        facts["samples"] = ""


def forget_old_imports() -> int:
    """Forget what is left of files after ``IMPORT_VOLUNTEERS_KEPT_DAYS``: what nobody confirmed is discarded."""
    old = timezone.now() - timedelta(days=settings.IMPORT_VOLUNTEERS_KEPT_DAYS)
    stale = VolunteerImport.objects.filter(at__lt=old)
    waiting = stale.filter(state__in=(*OPEN, State.CHECKING))
    for volunteer_import in waiting.select_related("by"):
        discard_volunteers(volunteer_import, by=None)
    settled = stale.filter(state__in=(State.DONE, State.DISCARDED))
    forgotten = settled.filter(parts__isnull=False).distinct().count()
    VolunteerImportPart.objects.filter(volunteer_import__in=settled).delete()
    return forgotten
