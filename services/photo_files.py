"""The files of the photos of services and requests: two a photo, in ``PHOTO_ROOT`` (``common.private_files``)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from common.pictures import Picture
from common.private_files import new_name, storage

__all__ = ["are_there", "delete", "keep", "new_name", "path_of", "storage", "stored", "write"]

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


def keep(pictures: Mapping[str, Picture], write_rows: Callable[[], set[str]]) -> None:
    """Write the files of ``pictures``, by name, and then the rows; what gets no row goes again.

    ``write_rows`` returns the names that got one. To be called outside of any transaction: only then do files and rows
    stand or fall together.
    """
    kept: set[str] = set()
    try:
        for name, picture in pictures.items():
            write(name, picture)
        with transaction.atomic(durable=True):
            stored = write_rows()
        kept = stored
    finally:
        delete(name for name in pictures if name not in kept)


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
