"""Photos in a form: any number of files, each judged by its content; one that is none is named with the reason."""

from collections.abc import Callable, Collection, Iterable
from io import BytesIO
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common.clean import INVISIBLE
from common.pictures import Picture, clean_picture

NAME_SHOWN = 40


class PhotosInput(forms.FileInput):
    """Chooses any number of photos; a phone offers its camera."""

    allow_multiple_selected = True

    def __init__(self, most: int) -> None:
        """Take pictures only; photos.js makes them small and shows them."""
        super().__init__(attrs={"accept": "image/*", "data-photos": str(most)})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Let several be chosen."""
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["multiple"] = True
        return context


class PhotosField(forms.FileField):
    """Any number of files, judged by ``clean_files`` before the form is."""

    def __init__(self, *, most: int, **options: Any) -> None:
        """Take how many there may be at the most."""
        super().__init__(widget=PhotosInput(most), required=False, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files."""
        return [file for file in data or () if file]


def clean_files(
    files: Iterable[Any],
    key_of: Callable[[bytes], UUID],
    known_keys: Callable[[Collection[UUID]], set[UUID]],
    errors: list[ValidationError],
) -> Iterable[tuple[UUID, Picture]]:
    """Yield the clean photos, each with its key; those sent before are not decoded again.

    What is no photo goes into ``errors`` under its name.
    """
    sent = [(file, data, key_of(data)) for file, data in _read(files)]
    known = known_keys([key for *_file, key in sent])
    for file, data, key in sent:
        if key in known:
            continue
        known.add(key)
        try:
            yield key, clean_picture(BytesIO(data))
        except ValidationError as error:
            named = {"name": _shown_name(file.name), "why": error.messages[0]}
            errors.append(ValidationError(_("%(name)s: %(why)s") % named, code=error.code))


def _read(files: Iterable[Any]) -> Iterable[tuple[Any, bytes]]:
    """Read each file, no more than can be a photo: one byte more says that it is too large."""
    for file in files:
        file.seek(0)
        yield file, file.read(settings.PHOTO_MAX_BYTES + 1)


def _shown_name(name: str | None) -> str:
    """Return what the person calls the file, fit to be shown."""
    name = "".join(sign for sign in INVISIBLE.sub("", name or "") if sign.isprintable())
    return name if len(name) <= NAME_SHOWN else f"{name[:NAME_SHOWN]}…"
