"""The photo of a volunteer: cut and cleaned, put into the dossier, replaced, taken away, seen by those who may."""

import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import AuditEntry
from accounts.rights import Role
from common.pictures import PORTRAIT, clean_portrait
from common.private_files import new_name, storage
from tests.factories import make_user, make_volunteer
from tests.pictures import file_of, jpeg, put_portrait, upload
from tests.races import in_parallel
from volunteers.domain.portrait import keep_portrait, path_of, portrait_of, portraits_of, strays
from volunteers.models import Portrait


@pytest.fixture(autouse=True)
def root(settings, tmp_path) -> Path:
    settings.PHOTO_ROOT = tmp_path / "photos"
    return settings.PHOTO_ROOT


@pytest.fixture
def volunteer(db):
    return make_volunteer()


@pytest.fixture
def staff(client_of, volunteer):
    return client_of(Role.TOWNSHIP_STAFF, township=volunteer.township)


def files(root: Path) -> list[Path]:
    return sorted(root.glob("portraits/*/*.jpg"))


def portrait(image: Image.Image):
    return clean_portrait(BytesIO(file_of(image, "PNG")))


def cut_of(size: tuple[int, int], mark: tuple[int, int, int, int]) -> Image.Image:
    """The portrait of a white picture with a black field."""
    image = Image.new("RGB", size, "white")
    image.paste("black", mark)
    return Image.open(BytesIO(portrait(image).jpeg)).convert("L")


def test_a_portrait_is_35_by_45_whatever_was_sent():
    for size in ((1600, 900), (900, 1600), (413, 531), (2000, 300)):
        assert Image.open(BytesIO(portrait(Image.new("RGB", size, "red")).jpeg)).size == PORTRAIT


def test_a_wide_photo_keeps_its_middle():
    cut = cut_of((1600, 900), (700, 0, 900, 900))
    assert cut.getpixel((PORTRAIT[0] // 2, 10)) < 40
    assert cut.getpixel((5, 10)) > 215


def test_a_tall_photo_keeps_its_upper_part():
    cut = cut_of((900, 1600), (0, 1400, 900, 1600))  # the feet
    assert cut.getextrema()[0] > 215


@pytest.mark.parametrize("size", [(139, 400), (400, 150), (60, 60)])
def test_a_photo_too_small_to_print_is_refused(size):
    with pytest.raises(ValidationError, match="at least 140 × 180 pixels"):
        portrait(Image.new("RGB", size))


def test_sending_puts_the_photo_into_the_dossier(staff, volunteer, root):
    response = staff.post(reverse("volunteers:photo_edit", args=[volunteer.pk]), {"photo": upload()})

    assert response.status_code == 302
    assert len(files(root)) == 1
    assert files(root)[0].stat().st_mode & 0o777 == 0o600
    page = staff.get(volunteer.get_absolute_url()).content.decode()
    assert reverse("volunteers:photo", args=[volunteer.pk]) in page
    given = staff.get(reverse("volunteers:photo", args=[volunteer.pk]))
    assert given["Content-Type"] == "image/jpeg"
    assert given["Cache-Control"] == "no-store"
    assert b"".join(given.streaming_content) == portrait_of(volunteer)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"MZ\x90\x00 not a picture", "This is no photo"),
        (b"", "This file is empty"),
        (None, "Choose a photo first"),
        (file_of(Image.new("1", (8000, 7500))), "more than 40 megapixels"),
        (jpeg(1) + b"PK\x05\x06" + b"\0" * 18, "not only a photo"),
    ],
    ids=["no picture", "empty", "nothing", "60 megapixels", "picture and zip"],
)
def test_what_is_no_photo_is_refused_and_nothing_kept(staff, volunteer, root, data, said):
    sent = {} if data is None else {"photo": upload(data=data)}
    response = staff.post(reverse("volunteers:photo_edit", args=[volunteer.pk]), sent)

    assert response.status_code == 422
    assert said in response.content.decode()
    assert files(root) == []
    assert not Portrait.objects.exists()


def test_a_photo_beyond_the_limit_is_refused(staff, volunteer, settings):
    settings.PHOTO_MAX_BYTES = 1000
    response = staff.post(reverse("volunteers:photo_edit", args=[volunteer.pk]), {"photo": upload()})
    assert "This photo is larger than" in response.content.decode()
    assert response.status_code == 422


def test_the_next_photo_takes_the_place_of_the_last(volunteer, root, django_capture_on_commit_callbacks):
    by = make_user(Role.ADMIN)
    put_portrait(volunteer, 1, by=by)
    before = portrait_of(volunteer)
    with django_capture_on_commit_callbacks(execute=True):
        put_portrait(volunteer, 2, by=by)

    assert portrait_of(volunteer) != before
    assert len(files(root)) == 1
    assert Portrait.objects.count() == 2
    assert Portrait.objects.standing().count() == 1


def test_the_same_photo_again_changes_nothing(staff, volunteer, root):
    address = reverse("volunteers:photo_edit", args=[volunteer.pk])
    staff.post(address, {"photo": upload()})
    entries = AuditEntry.objects.count()
    response = staff.post(address, {"photo": upload()}, follow=True)

    assert "had this photo already" in response.content.decode()
    assert len(files(root)) == 1
    assert AuditEntry.objects.count() == entries


def test_taking_away_deletes_the_file_and_keeps_who_did_it(staff, volunteer, root, django_capture_on_commit_callbacks):
    put_portrait(volunteer, by=make_user(Role.ADMIN))
    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            staff.post(reverse("volunteers:photo_remove", args=[volunteer.pk]))

    assert files(root) == []
    assert portrait_of(volunteer) is None
    assert Portrait.objects.get().removed_by.role == Role.TOWNSHIP_STAFF
    assert staff.get(reverse("volunteers:photo", args=[volunteer.pk])).status_code == 404


def test_a_township_elsewhere_neither_sees_nor_changes_it(client_of, volunteer):
    put_portrait(volunteer, by=make_user(Role.ADMIN))
    elsewhere = client_of(Role.TOWNSHIP_STAFF)
    assert elsewhere.get(reverse("volunteers:photo", args=[volunteer.pk])).status_code == 404
    assert (
        elsewhere.post(reverse("volunteers:photo_edit", args=[volunteer.pk]), {"photo": upload(2)}).status_code == 404
    )
    assert elsewhere.post(reverse("volunteers:photo_remove", args=[volunteer.pk])).status_code == 404
    assert Portrait.objects.standing().count() == 1


def test_photos_of_many_come_by_one_query(volunteer, django_assert_num_queries):
    by, second, without = make_user(Role.ADMIN), make_volunteer(), make_volunteer()
    put_portrait(volunteer, 1, by=by)
    put_portrait(second, 2, by=by)
    with django_assert_num_queries(1):
        found = portraits_of([volunteer.pk, second.pk, without.pk])
    assert set(found) == {volunteer.pk, second.pk}


def test_the_audit_trail_names_no_file(volunteer):
    put_portrait(volunteer, by=make_user(Role.ADMIN))
    name = Portrait.objects.get().name
    assert all(name not in str(entry.changes) for entry in AuditEntry.objects.all())


def test_files_without_a_row_and_rows_without_a_file_are_named(volunteer):
    put_portrait(volunteer, by=make_user(Role.ADMIN))
    kept = Portrait.objects.get()
    assert strays().rows == strays().files == []

    stray = new_name()
    storage.save(path_of(stray), ContentFile(b"x"))
    assert strays().files == []  # it may still get its row
    old = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(storage.path(path_of(stray)), (old, old))
    storage.delete(path_of(kept.name))

    assert strays().files == [stray]
    assert strays().rows == [kept.pk]


@pytest.mark.django_db(transaction=True)
def test_two_photos_at_once_leave_one_of_them(root):
    volunteer, by = make_volunteer(), make_user(Role.ADMIN)

    def send(number):
        return lambda: keep_portrait(volunteer, clean_portrait(BytesIO(jpeg(number))), by=by)

    assert in_parallel(send(1), send(2), send(3)) == [True, True, True]
    assert Portrait.objects.standing().count() == 1
    assert len(files(root)) == 1
    assert portrait_of(volunteer) is not None
