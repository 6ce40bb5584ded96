"""Photos of some late services: drawn scenes of nowhere, with nobody on them.

Planted: ``PLANTED`` logs in months that nobody has read yet show the very photo of an earlier log of another team. The
flag on photos finds these and no others: every other scene is drawn once.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from itertools import count
from random import Random
from uuid import UUID

from PIL import Image, ImageDraw, ImageOps

from common.pictures import Picture, clean_picture
from services import photo_files
from services.domain.flag_photos import renew_photo_flag
from services.models import LogPhoto, ServiceLog

DAYS = 75
LOGS, MOST_A_LOG = 24, 3
PLANTED = 1
SKIES = (("#7db3dd", "#e8f1f5"), ("#b9c7cf", "#eef0ee"), ("#e9b872", "#fbe9cf"), ("#5f7fa3", "#c9d8e4"))
GROUNDS = ("#7c8f4e", "#94895f", "#5d7f5a", "#a39a86")
WALLS = ("#f2ede2", "#d9cbb2", "#c9d3d0", "#e5d6d0")
LEAVES = ("#4f7048", "#6b8a4a", "#3f6350")
ROOFS = ("#6d4a3f", "#4a4d52", "#8c3b2e", "#3f5560")


def hang(township: int, today: date, read: set[int], keys: count, random: Random) -> list[LogPhoto]:
    """Write photos to late logs of the township; the reports in ``read`` are about to be read. Return the photos."""
    late = ServiceLog.objects.standing().filter(township=township, date__gte=today - timedelta(days=DAYS))
    logs = list(late.order_by("-date", "-id"))
    chosen = sorted(random.sample(logs, min(LOGS, len(logs))), key=lambda log: log.pk)
    photos: list[LogPhoto] = []
    for log in chosen:
        for _more in range(random.choice((1, 1, 2, MOST_A_LOG))):
            photos.append(_photo(log, scene(random), keys, random))
    photos += _planted([log for log in chosen if log.report_id not in read], photos, keys, random)
    LogPhoto.objects.bulk_create(photos)
    return photos


def copies(photos: list[LogPhoto]) -> Iterator[int]:
    """Yield the keys of the logs with a planted photo."""
    seen: set[str] = set()
    for photo in photos:
        if photo.sha256 in seen:
            yield photo.log_id or 0
        seen.add(photo.sha256)


def flag(photos: list[LogPhoto]) -> None:
    """Raise the flags of the planted photos."""
    for log in {photo.log_id: photo.log for photo in photos}.values():
        assert log is not None
        renew_photo_flag(log)


def _planted(unread: list[ServiceLog], photos: list[LogPhoto], keys: count, random: Random) -> Iterator[LogPhoto]:
    """Yield copies of photos for later logs of other teams, in months that are not read."""
    left = PLANTED
    for log in reversed(unread):
        if not left:
            break
        theirs = [photo for photo in photos if photo.log and _is_earlier_elsewhere(photo.log, log)]
        if theirs:
            left -= 1
            taken = theirs[-1]
            data = photo_files.storage.open(photo_files.path_of(taken.name)).read()
            copy = _photo(log, clean_picture(BytesIO(data)), keys, random)
            # What is kept is a JPEG: its pixels are not quite those that it was made of.
            copy.sha256, copy.likeness = taken.sha256, taken.likeness
            yield copy


def _is_earlier_elsewhere(theirs: ServiceLog, log: ServiceLog) -> bool:
    return theirs.team_id != log.team_id and theirs.date < log.date


def _photo(log: ServiceLog, picture: Picture, keys: count, random: Random) -> LogPhoto:
    name = f"{random.getrandbits(128):032x}"
    photo_files.delete([name])
    photo_files.write(name, picture)
    return LogPhoto(
        pk=next(keys),
        key=UUID(int=random.getrandbits(128), version=4),
        form_key=log.key,
        log=log,
        name=name,
        sha256=picture.sha256,
        likeness=picture.likeness,
        width=picture.width,
        height=picture.height,
        bytes=len(picture.jpeg) + len(picture.thumbnail),
        added_by_id=log.recorded_by_id,
        added_at=log.recorded_at,
    )


def scene(random: Random) -> Picture:
    """Draw a village: sky, hills, houses, trees, a path."""
    width, height = random.choice(((960, 720), (960, 720), (720, 960)))
    top, below = random.choice(SKIES)
    image = ImageOps.colorize(Image.linear_gradient("L").resize((width, height)), top, below)
    draw = ImageDraw.Draw(image)
    ground = height * random.randint(52, 68) // 100
    for shade in ("#8fa3a0", "#7a9079"):
        peak = random.randrange(width)
        draw.polygon([(peak - width, ground), (peak, ground - random.randint(80, 260)), (peak + width, ground)], shade)
    draw.rectangle((0, ground, width, height), random.choice(GROUNDS))
    foot = random.randrange(width // 4, 3 * width // 4)
    draw.polygon([(foot - 12, ground), (foot + 12, ground), (foot + 190, height), (foot - 190, height)], "#cdbf9f")
    for _house in range(random.randint(1, 4)):
        x, wide, tall = random.randrange(-60, width - 120), random.randint(120, 260), random.randint(90, 210)
        base = ground + random.randint(-10, 60)
        draw.rectangle((x, base - tall, x + wide, base), random.choice(WALLS))
        draw.polygon(
            [(x - 18, base - tall), (x + wide // 2, base - tall - 70), (x + wide + 18, base - tall)],
            random.choice(ROOFS),
        )
        draw.rectangle((x + wide // 2 - 16, base - 62, x + wide // 2 + 16, base), "#5b4636")
        for window in (x + 18, x + wide - 52):
            draw.rectangle((window, base - tall + 24, window + 34, base - tall + 60), "#6f8796")
    for _tree in range(random.randint(2, 6)):
        x, base, size = random.randrange(width), ground + random.randint(0, 90), random.randint(34, 80)
        draw.rectangle((x - 6, base - size, x + 6, base), "#5d4a37")
        draw.ellipse(
            (x - size, base - size * 3, x + size, base - size), random.choice(("#4f7048", "#6b8a4a", "#3f6350"))
        )
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return clean_picture(BytesIO(out.getvalue()))
