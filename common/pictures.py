"""Photos that people send: checked by content, turned upright, made small, and rid of everything but the picture.

What is kept is drawn anew from the pixels: no position, no camera, no comment and no second file can come along.
"""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms, ImageOps

LONG_SIDE = 1600
THUMBNAIL_SIDE = 320
QUALITY = 82
# Smaller than this (pixels, the short side) nobody recognises anything.
SMALLEST_SIDE = 32
# The photo of a person, as badges and forms print it: 35 × 45 mm at 300 dots an inch.
PORTRAIT = (413, 531)
SMALLEST_PORTRAIT = (140, 180)
# What a portrait loses of a tall photo it loses mostly at the bottom.
FACE_FROM_TOP = 0.25
FORMATS = ("JPEG", "PNG", "WEBP")
# Phones keep a second picture, of another exposure, in one JPEG: it goes, the photo stays.
STILL = {"MPO"}
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"hevm", b"mif1", b"msf1", b"avif")
# Signs of a second file within the picture, or of one that pretends to be a picture.
SCRIPTS = (b"<script", b"<html", b"<!doctype html", b"<?php")
ZIP_END, ZIP_END_WITHIN = b"PK\x05\x06", 22 + 65_535
PDF_START, PDF_START_WITHIN = b"%PDF-", 1_024
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Fewer differences than this say nothing: a clear sky is like every clear sky.
LEAST_TELLING = 6


@dataclass(frozen=True)
class Picture:
    """A clean photo: two JPEG files, its size in pixels, and what it is compared by."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str
    likeness: str


@dataclass(frozen=True)
class Portrait:
    """A clean photo of a person, ``PORTRAIT`` pixels, as a JPEG file, and what tells it from others."""

    jpeg: bytes
    sha256: str


def clean_picture(file: BinaryIO) -> Picture:
    """Return the photo in ``file``, clean; raises ``ValidationError`` that says why it is none and what to do."""
    bare = _bare(file)
    return Picture(
        jpeg=_jpeg(bare),
        thumbnail=_jpeg(_within(bare, THUMBNAIL_SIDE)),
        width=bare.width,
        height=bare.height,
        sha256=_hash_of(bare),
        likeness=likeness_of(bare),
    )


def clean_portrait(file: BinaryIO) -> Portrait:
    """Return the photo of a person in ``file``, clean and cut to 35 × 45; raises ``ValidationError`` as for any photo.

    Of a wide photo the middle stays, of a tall one the upper part, where faces are.
    """
    bare = _bare(file)
    width, height = PORTRAIT
    if bare.width * height > bare.height * width:
        kept = round(bare.height * width / height)
        left = (bare.width - kept) // 2
        cut = bare.crop((left, 0, left + kept, bare.height))
    else:
        kept = round(bare.width * height / width)
        top = round((bare.height - kept) * FACE_FROM_TOP)
        cut = bare.crop((0, top, bare.width, top + kept))
    if cut.width < SMALLEST_PORTRAIT[0] or cut.height < SMALLEST_PORTRAIT[1]:
        raise ValidationError(
            _("This photo is too small to print: at least %(width)s × %(height)s pixels are needed. Choose another."),
            code="tiny",
            params={"width": SMALLEST_PORTRAIT[0], "height": SMALLEST_PORTRAIT[1]},
        )
    cut = cut.resize(PORTRAIT, Image.Resampling.LANCZOS)
    return Portrait(jpeg=_jpeg(cut), sha256=_hash_of(cut))


def _bare(file: BinaryIO) -> Image.Image:
    """Return the picture anew from its pixels: nothing that was attached to the file comes along."""
    data = file.read(settings.PHOTO_MAX_BYTES + 1)
    if not data:
        raise _refused(_("This file is empty. Choose the photo again."), "empty")
    if len(data) > settings.PHOTO_MAX_BYTES:
        raise ValidationError(
            _("This photo is larger than %(limit)s. Choose a smaller one, or send it from the phone that took it."),
            code="size",
            params={"limit": filesizeformat(settings.PHOTO_MAX_BYTES)},
        )
    _refuse_other_files(data)
    image = _opened(data)
    try:
        upright = _upright(image)
    except Exception as error:  # a decoder meets anything in a file from outside
        raise _refused(_("This photo is damaged or was not sent whole. Send it once more."), "damaged") from error
    return Image.frombytes("RGB", upright.size, upright.tobytes())


def _hash_of(image: Image.Image) -> str:
    return hashlib.sha256(b"%d %d " % image.size + image.tobytes()).hexdigest()


def likeness_of(image: Image.Image) -> str:
    """Return the difference hash: 64 bits, whether each of 8 × 8 fields is brighter than its right neighbour.

    A photo that was made smaller or saved again has the same bits, or nearly.
    """
    grey = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            bits = bits << 1 | (grey[row * 9 + column] > grey[row * 9 + column + 1])
    return f"{bits:016x}"


def is_telling(likeness: str) -> bool:
    """Whether equality of this likeness says anything: an even surface is like every other."""
    ones = int(likeness, 16).bit_count()
    return LEAST_TELLING <= ones <= 64 - LEAST_TELLING


def _refused(message: str | Promise, code: str) -> ValidationError:
    return ValidationError(message, code=code)  # type: ignore[arg-type]  # the stubs know lazy strings otherwise


def _refuse_other_files(data: bytes) -> None:
    """Refuse what is a picture and something else at once, as well as what only pretends to be one."""
    lower = data.lower()
    is_other = (
        ZIP_END in data[-ZIP_END_WITHIN:]
        or PDF_START in data[:PDF_START_WITHIN]
        or any(sign in lower for sign in SCRIPTS)
    )
    if is_other:
        raise _refused(_("This file is not only a photo. Choose a photo as the camera took it."), "other_file")


def _opened(data: bytes) -> Image.Image:
    """Read the head of the file: what kind it is and how large. Nothing is decoded yet."""
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise _refused(
            _("This photo is in the HEIC format. On an iPhone choose Settings, Camera, Formats, “Most Compatible”."),
            "heic",
        )
    too_many = ValidationError(
        _("This photo has more than %(limit)s megapixels. Let the camera take smaller ones, or send a smaller copy."),
        code="pixels",
        params={"limit": settings.PHOTO_MAX_PIXELS // 1_000_000},
    )
    try:
        image = Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise too_many from error
    except Exception as error:
        raise _refused(_("This is no photo. Choose a photo as JPEG, PNG or WebP."), "no_photo") from error
    if image.width * image.height > settings.PHOTO_MAX_PIXELS:
        raise too_many
    if min(image.size) < SMALLEST_SIDE:
        raise _refused(_("This picture is too small to show anything. Choose the photo itself."), "tiny")
    if getattr(image, "n_frames", 1) > 1 and image.format not in STILL:
        raise _refused(_("This picture moves. Choose a photo that stands still."), "moves")
    return image


def _upright(image: Image.Image) -> Image.Image:
    """Decode it: upright, in the colours of the web, on white, the long side no longer than ``LONG_SIDE``."""
    turn = _turn_of(image)
    # A JPEG is decoded at a half, a quarter or an eighth of its size where that is enough.
    image.draft("RGB", (LONG_SIDE, LONG_SIDE))
    image.load()
    image = _in_srgb(image)
    image = _within(image, LONG_SIDE)
    return image.transpose(turn) if turn is not None else image


def _turn_of(image: Image.Image) -> Image.Transpose | None:
    try:
        return TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # what a camera wrote beside the picture may be damaged; the picture is not
        return None


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bits of grey
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        on_white = Image.new("RGBA", image.size, "white")
        on_white.alpha_composite(image)
        image = on_white.convert("RGB")
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            image = converted or image
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a profile that is none: the numbers are taken as they are
    return image.convert("RGB")


def _within(image: Image.Image, side: int) -> Image.Image:
    """Return it with its long side at most ``side``; a small one stays as it is."""
    if max(image.size) <= side:
        return image
    return ImageOps.contain(image, (side, side), Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
