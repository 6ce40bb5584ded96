"""What is taken for a photo, and what is left of it."""

import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from common.pictures import clean_picture, is_telling, likeness_of
from tests.pictures import drawn, file_of, jpeg


def cleaned(data: bytes):
    return clean_picture(BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        cleaned(data)
    return refused.value.code


def differences(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def with_position(orientation: int = 1) -> bytes:
    """A photo as a phone takes it: where, when, with what, and which way up."""
    image = drawn(1, (800, 600))
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SECRETPHONE"
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.DateTime] = "2026:07:06 08:00:00"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (28.0, 7.0, 33.0)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (120.0, 57.0, 12.0)
    return file_of(
        image, exif=exif, comment=b"SECRETCOMMENT", xmp=b"<x:xmpmeta>SECRETXMP</x:xmpmeta>",
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
    )  # fmt: skip


def test_position_and_everything_else_beside_the_picture_is_gone():
    sent = with_position()
    before = opened(sent)
    assert before.getexif().get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] == (28.0, 7.0, 33.0)
    assert b"SECRETCOMMENT" in sent
    assert b"SECRETXMP" in sent

    picture = cleaned(sent)

    for data in (picture.jpeg, picture.thumbnail):
        after = opened(data)
        assert dict(after.getexif()) == {}
        assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        assert not any(word in data for word in (b"SECRET", b"Exif", b"http", b"ICC_PROFILE", b"Photoshop"))


def test_text_in_a_png_is_gone():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Location", "SECRETPLACE")

    picture = cleaned(file_of(drawn(), "PNG", pnginfo=notes))

    assert opened(picture.jpeg).format == "JPEG"
    assert b"SECRET" not in picture.jpeg


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 5, 6, 7, 8])
def test_photo_stands_upright(orientation):
    picture = cleaned(with_position(orientation))
    upright = drawn(1, (800, 600))
    turned = {
        1: [], 2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM], 5: [Image.Transpose.TRANSPOSE], 6: [Image.Transpose.ROTATE_270],
        7: [Image.Transpose.TRANSVERSE], 8: [Image.Transpose.ROTATE_90],
    }[orientation]  # fmt: skip
    for turn in turned:
        upright = upright.transpose(turn)

    assert (picture.width, picture.height) == upright.size
    assert differences(picture.likeness, likeness_of(upright)) <= 2


def test_damaged_notes_of_the_camera_do_not_cost_the_photo():
    sent = bytearray(with_position())
    at = sent.index(b"Exif\x00\x00") + 6
    sent[at : at + 60] = b"\xff" * 60

    assert cleaned(bytes(sent)).width == 800


def test_large_photo_is_made_small_and_has_a_thumbnail():
    picture = cleaned(file_of(drawn(1, (4000, 3000))))

    assert (picture.width, picture.height) == opened(picture.jpeg).size == (1600, 1200)
    assert opened(picture.thumbnail).size == (320, 240)
    assert len(picture.jpeg) < 1_000_000


@pytest.mark.parametrize("size", [(6000, 40), (40, 6000), (32, 32)])
def test_odd_sizes_stay_within_bounds(size):
    picture = cleaned(file_of(drawn(1, size), "PNG"))

    assert min(picture.width, picture.height) >= 1
    assert max(picture.width, picture.height) <= 1600
    assert min(opened(picture.thumbnail).size) >= 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_kinds_are_told_by_content(kind):
    assert opened(cleaned(file_of(drawn(), kind)).jpeg).format == "JPEG"


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_every_kind_of_png_becomes_a_photo(mode):
    image = drawn(mode="L").convert("I").point(lambda v: v * 256) if mode.startswith("I") else drawn(mode=mode)

    picture = cleaned(file_of(image.convert(mode), "PNG"))

    assert opened(picture.jpeg).mode == "RGB"
    assert is_telling(picture.likeness)


def test_transparent_is_white():
    picture = cleaned(file_of(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG"))

    assert opened(picture.jpeg).getpixel((30, 30)) == (255, 255, 255)


def test_print_colours_become_those_of_the_web():
    assert opened(cleaned(file_of(drawn(mode="CMYK"))).jpeg).mode == "RGB"


def test_second_picture_of_a_phone_goes():
    sent = file_of(drawn(1), "MPO", save_all=True, append_images=[drawn(2)])
    assert opened(sent).n_frames == 2

    picture = cleaned(sent)

    assert picture.likeness == likeness_of(drawn(1))
    assert getattr(opened(picture.jpeg), "n_frames", 1) == 1


def moving(kind: str) -> bytes:
    return file_of(drawn(1), kind, save_all=True, append_images=[drawn(2), drawn(3)])


def with_zip() -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("run.js", "planted()")
    return jpeg() + archive.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><script>planted()</script>", "other_file"),
        (b"just words", "no_photo"),
        (b"GIF89a" + b"\x00" * 40, "no_photo"),
        (file_of(drawn(), "GIF"), "no_photo"),
        (file_of(drawn(), "TIFF"), "no_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_photo"),
        (b"%PDF-1.7\n" + jpeg(), "other_file"),
        (jpeg() + b"<script>planted()</script>", "other_file"),
        (file_of(drawn(), comment=b"<SCRIPT>planted()"), "other_file"),
        (with_zip(), "other_file"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00" + b"\x00" * 100, "heic"),
        (jpeg()[:-3000], "damaged"),
        (file_of(drawn(), "PNG")[:-400], "damaged"),
        (file_of(drawn(), "WEBP")[:-400], "no_photo"),
        (jpeg()[:30], "no_photo"),
        (file_of(Image.new("RGB", (31, 400))), "tiny"),
        (moving("WEBP"), "moves"),
        (moving("PNG"), "moves"),
    ],
    ids=range(19),
)
def test_what_is_no_photo_is_refused(data, code):
    assert refusal(data) == code


def test_sixty_megapixels_are_refused_before_they_are_decoded():
    sent = file_of(Image.new("L", (10_000, 6_000)), "PNG")
    assert len(sent) < 200_000

    with pytest.raises(ValidationError) as refused:
        cleaned(sent[:2000])  # the head alone: had it been decoded, it would be damaged

    assert refused.value.messages == [
        "This photo has more than 40 megapixels. Let the camera take smaller ones, or send a smaller copy."
    ]


def test_bomb_is_refused():
    assert refusal(file_of(Image.new("1", (20_000, 20_000)), "PNG")) == "pixels"


def test_heavy_file_is_refused(settings):
    settings.PHOTO_MAX_BYTES = 2_000

    assert refusal(jpeg()) == "size"


def test_same_photo_saved_again_is_known_and_another_is_not():
    first = cleaned(jpeg(1))
    smaller = cleaned(file_of(drawn(1).resize((320, 240), Image.Resampling.LANCZOS), quality=60))

    assert first.sha256 == cleaned(jpeg(1)).sha256 != smaller.sha256
    assert differences(first.likeness, smaller.likeness) <= 2
    assert len({cleaned(jpeg(number)).likeness for number in range(20)}) == 20


@pytest.mark.parametrize("colour", ["black", "white", "grey"])
def test_even_surface_is_like_nothing(colour):
    assert not is_telling(likeness_of(Image.new("RGB", (100, 100), colour)))
