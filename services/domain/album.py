"""The photos of a log: they come with a form, wait until it is saved, belong to the log then, and can be taken away.

Decoding a photo takes long, and SQLite has one writer: it is done before, and the files are written before the rows.
What fails after that takes its files along; what is killed leaves files without a row, which ``strays`` finds.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.pictures import Picture
from common.rules import RuleBroken
from services import photo_files
from services.domain.flag_photos import renew_photo_flag
from services.models import LogPhoto, RequestPhoto, ServiceLog
from services.models.photo import MOST_PHOTOS

WAITS_FOR = timedelta(days=1)
# Nobody fills in so many forms at once: what waits is bounded.
MOST_WAITING = 10 * MOST_PHOTOS


def photo_key(form_key: UUID, data: bytes, by: User) -> UUID:
    """Return the key of a photo as it was sent: one file in one form of one person is one photo."""
    return uuid5(form_key, f"{by.pk}:{sha256(data).hexdigest()}")


def known_keys(keys: Collection[UUID]) -> set[UUID]:
    """Return which of the photos have come before."""
    return set(LogPhoto.objects.filter(key__in=keys).values_list("key", flat=True))


def keep_photos(pictures: Sequence[tuple[UUID, Picture]], *, form_key: UUID, by: User) -> None:
    """Keep the photos that came with a form, each under its key, until the form is saved.

    What has been sent before is left as it is. To be called outside of any transaction: only then do files and rows
    stand or fall together.
    """
    known = known_keys([key for key, _picture in pictures])
    new = [(photo_files.new_name(), key, picture) for key, picture in pictures if key not in known]
    if LogPhoto.objects.waiting().filter(added_by=by).count() + len(new) > MOST_WAITING:
        raise RuleBroken(
            _("Too many photos wait for forms that were not saved. Save one of those forms first."), field="photos"
        )
    photo_files.keep({name: picture for name, _key, picture in new}, lambda: _keep_rows(new, form_key, by=by))


def _keep_rows(new: Iterable[tuple[str, UUID, Picture]], form_key: UUID, *, by: User) -> set[str]:
    """Write the rows; return the names of those that nobody else has written under the same key meanwhile."""
    return add_waiting(
        [
            LogPhoto(form_key=form_key, likeness=picture.likeness, added_by=by, **file_fields(name, key, picture))
            for name, key, picture in new
        ],
        by=by,
    )


def file_fields(name: str, key: UUID, picture: Picture) -> dict[str, Any]:
    """Return what the row of a photo says of its files."""
    return {
        "name": name,
        "key": key,
        "sha256": picture.sha256,
        "width": picture.width,
        "height": picture.height,
        "bytes": len(picture.jpeg) + len(picture.thumbnail),
    }


@event
def add_waiting(photos: Iterable[LogPhoto | RequestPhoto], *, by: User | None) -> set[str]:
    """Add photos that wait for their form; return the names of those that are new by their key."""
    names = set()
    for photo in photos:
        try:
            with transaction.atomic():
                photo.save(force_insert=True)
        except IntegrityError:
            if not type(photo).objects.filter(key=photo.key).exists():
                raise
        else:
            names.add(photo.name)
    return names


def waiting_for(form_key: UUID, by: User) -> list[LogPhoto]:
    """Return the photos that wait for the form."""
    return list(LogPhoto.objects.waiting().filter(form_key=form_key, added_by=by))


@event
def discard_waiting(photos: Iterable[LogPhoto | RequestPhoto], *, by: User | None = None) -> int:
    """Forget photos that never became part of a log or request, rows and files; return how many those were."""
    keys = [photo.key for photo in photos]
    names: list[str] = []
    for kind in (LogPhoto, RequestPhoto):
        waiting = kind.objects.waiting().filter(key__in=keys)
        names += waiting.values_list("name", flat=True)
        waiting.delete()
    delete_files(names)
    return len(names)


def forget_waiting() -> int:
    """Forget the photos of forms that were not saved within a day; return how many those were."""
    old = timezone.now() - WAITS_FOR
    waiting = [kind.objects.waiting().filter(added_at__lt=old) for kind in (LogPhoto, RequestPhoto)]
    return discard_waiting([*waiting[0], *waiting[1]], by=None)


def has_new(log: ServiceLog, form_key: UUID, by: User) -> bool:
    """Whether a picture waits for the form that the log does not show yet."""
    there = set(log.photos.standing().values_list("sha256", flat=True))
    return any(photo.sha256 not in there for photo in waiting_for(form_key, by))


def attach(log: ServiceLog, form_key: UUID, *, by: User) -> int:
    """Make the photos that wait for the form part of the log, locked by the event that saves it; return how many.

    The same picture stands once only in one log. Raises ``RuleBroken`` when there would be too many.
    """
    waiting = waiting_for(form_key, by)
    if not waiting:
        return 0
    there = set(log.photos.standing().values_list("sha256", flat=True))
    new: dict[str, LogPhoto] = {}
    for photo in waiting:
        if photo.sha256 not in there:
            new.setdefault(photo.sha256, photo)
    if len(there) + len(new) > MOST_PHOTOS:
        raise RuleBroken(
            _("A log has at most %(most)d photos. Take some away.") % {"most": MOST_PHOTOS}, field="photos"
        )
    added = list(new.values())
    discard_waiting([photo for photo in waiting if photo not in added], by=by)
    LogPhoto.objects.filter(pk__in=[photo.pk for photo in added]).update(log=log)
    record(added, AuditEntry.Action.UPDATE, {"log": (None, str(log.pk))})
    _record_number(log, before=len(there), after=len(there) + len(added))
    renew_photo_flag(log)
    return len(added)


def take_away(log: ServiceLog, pks: Collection[int] | None = None, *, by: User) -> int:
    """Take photos (all without ``pks``) away from a log, locked by the event at work; return how many there were.

    The rows say for good that there was a photo, and who took it away; the files go: a photo of somebody who must not
    be on it is really gone.
    """
    standing = log.photos.standing()
    there = list(standing)
    gone = [photo for photo in there if pks is None or photo.pk in pks]
    if not gone:
        return 0
    now = timezone.now()
    standing.filter(pk__in=[photo.pk for photo in gone]).update(removed_at=now, removed_by=by)
    record(gone, AuditEntry.Action.UPDATE, {"removed_at": (None, str(now)), "removed_by": (None, str(by.pk))})
    _record_number(log, before=len(there), after=len(there) - len(gone))
    renew_photo_flag(log)
    delete_files([photo.name for photo in gone])
    return len(gone)


def _record_number(log: ServiceLog, *, before: int, after: int) -> None:
    if before != after:
        record([log], AuditEntry.Action.UPDATE, {"number of photos": (str(before), str(after))})


def delete_files(names: Sequence[str]) -> None:
    """Delete the files of these photos once the transaction at work stands."""
    if names:
        transaction.on_commit(partial(photo_files.delete, names), robust=True)


@dataclass(frozen=True)
class Strays:
    """What rows and files do not agree about: files without a row (by name), and rows without a file (by key)."""

    files: list[str]
    rows: list[int]
    request_rows: list[int]


def strays() -> Strays:
    """Compare rows and files. Files younger than a day may still get their row; photos taken away have none."""
    rows = [dict(kind.objects.standing().values_list("name", "pk")) for kind in (LogPhoto, RequestPhoto)]
    old = (timezone.now() - WAITS_FOR).timestamp()
    return Strays(
        sorted(
            name
            for name, written in dict(photo_files.stored()).items()
            if written < old and not any(name in each for each in rows)
        ),
        *(sorted(pk for name, pk in each.items() if not photo_files.are_there(name)) for each in rows),
    )
