"""The files of the photos of services: two a photo, in ``PHOTO_ROOT`` (``common.private_files``)."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.files.base import ContentFile

from common.pictures import Picture
from common.private_files import new_name, storage

__all__ = ["are_there", "delete", "new_name", "path_of", "storage", "stored", "write"]

THUMBNAIL = ".small"


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
