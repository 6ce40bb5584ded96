"""Photos for the tests, drawn here: each number is a picture of its own, told from the others by its likeness too."""

from functools import lru_cache
from io import BytesIO
from random import Random
from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from accounts.models import User
from common.pictures import Picture, clean_picture, clean_portrait
from services.domain.album import keep_photos, photo_key
from services.domain.request_album import keep_photos as keep_request_photos
from services.models import HelpRequest, LogPhoto, RequestPhoto, ServiceLog
from volunteers.domain.portrait import keep_portrait
from volunteers.models import Volunteer


def drawn(number: int = 1, size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """Draw a picture of coloured fields, by its number."""
    random = Random(number)
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for _field in range(40):
        x, y = random.randrange(size[0]), random.randrange(size[1])
        colour = tuple(random.randrange(256) for _channel in range(3))
        draw.rectangle((x, y, x + size[0] // 3, y + size[1] // 3), fill=colour)
    return image.convert(mode)


def file_of(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return the picture as a file."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@lru_cache
def jpeg(number: int = 1, **options: Any) -> bytes:
    """Return a JPEG file."""
    return file_of(drawn(number, **options))


@lru_cache
def picture(number: int = 1) -> Picture:
    """Return the clean photo that is kept of ``jpeg(number)``."""
    return clean_picture(BytesIO(jpeg(number)))


def upload(number: int = 1, name: str = "photo.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    """Return a photo as a form sends it."""
    return SimpleUploadedFile(name, jpeg(number) if data is None else data, "image/jpeg")


def make_waiting(by: User, *, number: int = 1, form_key: UUID | None = None) -> LogPhoto:
    """Keep a photo that waits for its form."""
    form_key, data = form_key or uuid4(), jpeg(number)
    key = photo_key(form_key, data, by)
    keep_photos([(key, picture(number))], form_key=form_key, by=by)
    return LogPhoto.objects.get(key=key)


def make_photo(log: ServiceLog, *, number: int = 1, by: User | None = None) -> LogPhoto:
    """Make a photo of a log, with its files, past the domain's checks."""
    photo = make_waiting(by or log.recorded_by, number=number)
    LogPhoto.objects.filter(pk=photo.pk).update(log=log)
    photo.refresh_from_db()
    return photo


def make_request_photo(request: HelpRequest | None, *, number: int = 1) -> RequestPhoto:
    """Make a photo of a request, with its files; without one it waits for its form."""
    form_key = uuid4()
    keep_request_photos([(form_key, picture(number))], form_key=form_key)
    RequestPhoto.objects.filter(form_key=form_key).update(request=request)
    return RequestPhoto.objects.get(form_key=form_key)


def put_portrait(volunteer: Volunteer, number: int = 1, *, by: User) -> None:
    """Put a photo into the volunteer's dossier."""
    keep_portrait(volunteer, clean_portrait(BytesIO(jpeg(number, size=(420, 540)))), by=by)
