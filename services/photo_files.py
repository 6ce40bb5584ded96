"""The files of the photos: in ``PHOTO_ROOT``, readable by the application alone, under names drawn by chance."""

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from common.pictures import Picture

THUMBNAIL = ".small"
NAME_LENGTH = 32


class PhotoStorage(FileSystemStorage):
    """Keeps files in ``PHOTO_ROOT``: no address leads there, nobody else on the machine reads them.

    What it has saved is on the disk, also when the power fails: rows in the database say so.
    """

    def __init__(self) -> None:
        """Let nobody else in."""
        super().__init__(base_url=None, file_permissions_mode=0o600, directory_permissions_mode=0o700)

    @property
    def base_location(self) -> str:
        """Where the settings say at this moment."""
        return str(settings.PHOTO_ROOT)

    @property
    def location(self) -> str:
        """The same, as an absolute path."""
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> str:
        """Refuse: photos are given by ``services.views.photo`` only."""
        raise ValueError("Photos have no address of their own.")

    def _save(self, name: str, content: Any) -> str:
        saved: str = super()._save(name, content)  # type: ignore[misc]  # the stubs know no private methods
        path = Path(self.path(saved))
        for place in (path, path.parent):
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return saved


storage = PhotoStorage()


def new_name() -> str:
    """Draw the name of a new photo's files."""
    return secrets.token_hex(NAME_LENGTH // 2)


def path_of(name: str, *, small: bool = False) -> str:
    """Return where in the storage the photo's file lies, or its thumbnail's."""
    return f"{name[:2]}/{name}{THUMBNAIL if small else ''}.jpg"


def write(name: str, picture: Picture) -> None:
    """Write both files of a photo; both or none."""
    try:
        for small, data in ((False, picture.jpeg), (True, picture.thumbnail)):
            storage.save(path_of(name, small=small), ContentFile(data))
    except BaseException:
        delete([name])
        raise


def delete(names: Iterable[str]) -> None:
    """Delete the files of the photos, as far as they are there."""
    for name in names:
        for small in (False, True):
            storage.delete(path_of(name, small=small))


def are_there(name: str) -> bool:
    """Whether both files of a photo are there."""
    return storage.exists(path_of(name)) and storage.exists(path_of(name, small=True))


def stored() -> Iterator[tuple[str, float]]:
    """Yield the name of every photo that has a file, each as often as it has one, and when that was written."""
    root = Path(storage.location)
    for path in sorted(root.glob("??/*.jpg")):
        yield path.name.removesuffix(".jpg").removesuffix(THUMBNAIL), path.stat().st_mtime
