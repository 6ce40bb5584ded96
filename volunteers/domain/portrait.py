"""The photo of a volunteer: put into the dossier, replaced, taken away; handed out to badges and forms.

Files are written before the rows, outside any transaction, and deleted after it: what fails takes its file along, what
is killed leaves a file that ``strays`` names.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.pictures import Portrait as CleanPortrait
from common.private_files import new_name, storage
from volunteers.models import Portrait, Volunteer

# A file this young may still get its row.
GETS_ITS_ROW_WITHIN = timedelta(days=1)
FOLDER = "portraits"


def keep_portrait(volunteer: Volunteer, picture: CleanPortrait, *, by: User) -> bool:
    """Make the picture the volunteer's photo in place of the present one; return False if it is that one already.

    To be called outside of any transaction: only then do file and row stand or fall together.
    """
    name, kept = new_name(), False
    try:
        storage.save(path_of(name), ContentFile(picture.jpeg))
        with transaction.atomic(durable=True):
            kept = set_portrait(volunteer, name, picture.sha256, by=by)
    finally:
        if not kept:
            _delete_files([name])
    return kept


@event
def set_portrait(volunteer: Volunteer, name: str, sha256: str, *, by: User) -> bool:
    """Note the file ``name`` as the volunteer's photo; return False if the same picture is there already."""
    _lock(volunteer)
    if volunteer.portraits.standing().filter(sha256=sha256).exists():
        return False
    _take_away(volunteer, by)
    Portrait.objects.create(volunteer=volunteer, name=name, sha256=sha256, added_by=by)
    return True


@event
def remove_portrait(volunteer: Volunteer, *, by: User) -> bool:
    """Take the volunteer's photo away for good; return whether there was one. Done twice, it is done once."""
    _lock(volunteer)
    return _take_away(volunteer, by)


def portrait_of(volunteer: Volunteer) -> bytes | None:
    """Return the volunteer's photo as a JPEG file of 35 × 45, None where there is none (or its file is lost)."""
    return portraits_of([volunteer.pk]).get(volunteer.pk)


def portraits_of(volunteers: Collection[int]) -> Mapping[int, bytes]:
    """Return the photos of the volunteers (keys) that have one, by key, with one query: for whole sheets."""
    found = Portrait.objects.standing().filter(volunteer__in=volunteers).order_by().values_list("volunteer", "name")
    return {volunteer: data for volunteer, name in found if (data := _read(name)) is not None}


def path_of(name: str) -> str:
    """Return where in the storage the photo's file lies."""
    return f"{FOLDER}/{name[:2]}/{name}.jpg"


@dataclass(frozen=True)
class Strays:
    """What rows and files do not agree about: files without a row (by name), and rows without a file (by key)."""

    files: list[str]
    rows: list[int]


def strays() -> Strays:
    """Compare rows and files."""
    standing = {name: pk for pk, name in Portrait.objects.standing().values_list("pk", "name")}
    old = (timezone.now() - GETS_ITS_ROW_WITHIN).timestamp()
    found = {path.stem: path.stat().st_mtime for path in Path(storage.location).glob(f"{FOLDER}/??/*.jpg")}
    return Strays(
        files=sorted(name for name, written in found.items() if name not in standing and written < old),
        rows=sorted(pk for name, pk in standing.items() if name not in found),
    )


def sweep(names: Iterable[str]) -> None:
    """Delete the files that belong to no photo."""
    _delete_files(names)


def _lock(volunteer: Volunteer) -> None:
    """Let one person at a time change the photo; the record itself stays as it is."""
    Volunteer.objects.select_for_update(of=("self",), no_key=True).get(pk=volunteer.pk)


def _take_away(volunteer: Volunteer, by: User) -> bool:
    present = list(volunteer.portraits.standing())
    if not present:
        return False
    now = timezone.now()
    volunteer.portraits.standing().update(removed_at=now, removed_by=by)
    record(present, AuditEntry.Action.UPDATE, {"removed_at": (None, str(now)), "removed_by": (None, str(by.pk))})
    transaction.on_commit(partial(_delete_files, [portrait.name for portrait in present]), robust=True)
    return True


def _read(name: str) -> bytes | None:
    try:
        with storage.open(path_of(name)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def _delete_files(names: Iterable[str]) -> None:
    for name in names:
        storage.delete(path_of(name))
