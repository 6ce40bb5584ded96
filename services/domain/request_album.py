"""The photos of a request: they come with a resident's form, wait until it is sent in order, then belong to a request.

As with the photos of logs (``services.domain.album``), files are written before the rows and outside any transaction.
"""

from collections.abc import Collection, Sequence
from hashlib import sha256
from uuid import UUID, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.pictures import Picture
from common.rules import RuleBroken
from common.throttle import Limit
from services import photo_files
from services.domain.album import add_waiting, delete_files, discard_waiting, file_fields
from services.models import HelpRequest, RequestPhoto
from services.models.request_photo import MOST_PHOTOS

# To look at a photo takes a second, and a whole village may share one address: so many within an hour.
FROM_ONE_ADDRESS = Limit("request photo", most=40)


def photo_key(form_key: UUID, data: bytes) -> UUID:
    """Return the key of a photo as it was sent: one file in one form is one photo."""
    return uuid5(form_key, sha256(data).hexdigest())


def known_keys(keys: Collection[UUID]) -> set[UUID]:
    """Return which of the photos have come before."""
    return set(RequestPhoto.objects.filter(key__in=keys).values_list("key", flat=True))


def keep_photos(pictures: Sequence[tuple[UUID, Picture]], *, form_key: UUID) -> None:
    """Keep the photos that came with a resident's form, each under its key, until the form is sent in order.

    To be called outside of any transaction. Raises ``RuleBroken`` when the form would have too many.
    """
    known = known_keys([key for key, _picture in pictures])
    new = [(photo_files.new_name(), key, picture) for key, picture in pictures if key not in known]
    if len(waiting_for(form_key)) + len(new) > MOST_PHOTOS:
        raise too_many()
    rows = [RequestPhoto(form_key=form_key, **file_fields(name, key, picture)) for name, key, picture in new]
    photo_files.keep({name: picture for name, _key, picture in new}, lambda: add_waiting(rows, by=None))


def waiting_for(form_key: UUID) -> list[RequestPhoto]:
    """Return the photos that wait for the form."""
    return list(RequestPhoto.objects.waiting().filter(form_key=form_key))


def attach(request: HelpRequest, form_key: UUID) -> int:
    """Make the photos that wait for the form part of the request, locked or new; return how many those were.

    The same picture stands once only with one request. Raises ``RuleBroken`` when there would be too many.
    """
    there = set(request.photos.standing().values_list("sha256", flat=True))
    new: dict[str, RequestPhoto] = {}
    doubles = []
    for photo in waiting_for(form_key):
        if photo.sha256 in there or photo.sha256 in new:
            doubles.append(photo)
        else:
            new[photo.sha256] = photo
    if len(there) + len(new) > MOST_PHOTOS:
        raise too_many()
    if doubles:
        discard_waiting(doubles, by=None)
    if new:
        added = list(new.values())
        RequestPhoto.objects.filter(pk__in=[photo.pk for photo in added]).update(request=request)
        record(added, AuditEntry.Action.UPDATE, {"request": (None, str(request.pk))})
    return len(new)


@event
def remove_request_photo(photo: RequestPhoto, *, by: User) -> None:
    """Take a photo away from its request for good: the row stays, its files go. Done twice, it is done once."""
    assert photo.request_id is not None  # noqa: S101 (what waits nobody sees)
    HelpRequest.locked(photo.request_id)
    now = timezone.now()
    if RequestPhoto.objects.standing().filter(pk=photo.pk).update(removed_at=now, removed_by=by):
        record([photo], AuditEntry.Action.UPDATE, {"removed_at": (None, str(now)), "removed_by": (None, str(by.pk))})
        delete_files([photo.name])


def too_many() -> RuleBroken:
    """Say that a request has no room for so many photos."""
    return RuleBroken(
        _("A request has at most %(most)d photos. Choose those that show it best.") % {"most": MOST_PHOTOS},
        field="photos",
    )
