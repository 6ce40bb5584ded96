"""Pictures of people and services: in ``PHOTO_ROOT``, read by the application alone, under names drawn by chance."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage

NAME_LENGTH = 32


class PrivateStorage(FileSystemStorage):
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
        """Refuse: pictures are given by views only, to those who see what they belong to."""
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


storage = PrivateStorage()


def new_name() -> str:
    """Draw the name of a new picture's files."""
    return secrets.token_hex(NAME_LENGTH // 2)
