"""Photos of requests: sent with the asking or later; bad ones are refused, and nothing typed is lost."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from services import photo_files
from services.domain import request_album
from services.domain.album import strays
from services.domain.ask import ask_for_help
from services.domain.request_album import attach, keep_photos, photo_key
from services.domain.step import Kind
from services.models import HelpRequest, RequestPhoto
from services.models.request import code_of
from services.models.request_photo import MOST_PHOTOS
from tests.factories import make_page_request, make_team, make_user
from tests.pictures import drawn, file_of, jpeg, make_request_photo, picture, upload
from tests.races import in_parallel
from tests.services.test_ask import at_grid, form_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings, tmp_path) -> Path:
    """Let the photos of each test lie in a folder of its own."""
    settings.PHOTO_ROOT = tmp_path / "photos"
    return settings.PHOTO_ROOT


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def resident():
    cache.clear()
    return Client()


def files(root):
    return sorted(path.name for path in root.rglob("*.jpg"))


def photo_of(asked, *, small=False):
    name = "ask_photo_small" if small else "ask_photo"
    return reverse(f"services:{name}", args=[code_of(asked.key), asked.photos.get().pk])


# --- With the asking ----------------------------------------------------------------------------------


def test_a_photo_goes_along_and_is_seen_by_the_resident_the_team_and_the_office(resident, client_of, team, root):
    answer = resident.post(at_grid(team.grid), form_of(photos=upload()))

    asked = HelpRequest.objects.get()
    photo = asked.photos.get()
    assert answer.status_code == 302
    assert photo.thumbnail_url != photo.get_absolute_url()
    assert reverse("services:ask_photo_small", args=[code_of(asked.key), photo.pk]) in resident.get(answer.url).text
    assert resident.get(photo_of(asked)).headers["Content-Type"] == "image/jpeg"
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    assert photo.thumbnail_url in staff.get(asked.get_absolute_url()).text
    assert staff.get(photo.thumbnail_url).status_code == 200
    assert len(files(root)) == 2
    assert AuditEntry.objects.filter(event="ask_for_help", content_type__model="requestphoto").exists()


def test_where_it_was_taken_is_not_kept(resident, team, root):
    image = drawn(3)
    exif = image.getexif()
    exif[0x010F] = "SECRET-CAMERA"
    data = file_of(image, exif=exif)

    resident.post(at_grid(team.grid), form_of(photos=upload(data=data)))

    assert b"SECRET-CAMERA" in data
    assert all(b"SECRET-CAMERA" not in path.read_bytes() for path in root.rglob("*.jpg"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xd8\xff" + b"0" * 30_000_000, "larger than"),
        (b"\x00\x00\x00\x18ftypheic" + b"0" * 1000, "HEIC"),
        (b"<svg><script>alert(1)</script></svg>", "not only a photo"),
        (b"nothing at all", "no photo"),
        (b"", "empty"),
    ],
)
def test_a_bad_photo_is_named_with_the_reason_and_what_was_typed_stays(resident, team, root, data, said):
    typed = form_of()

    page = resident.post(at_grid(team.grid), typed | {"photos": SimpleUploadedFile("水管<b>.jpg", data)})

    assert page.status_code == 422
    errors = str(page.context["form"].errors["photos"])
    assert said in errors
    assert "without this photo" in errors
    assert "<b>" not in errors.replace("&lt;b&gt;", "")
    assert typed["content"] in page.text
    assert files(root) == []
    assert HelpRequest.objects.count() == 0
    # No browser sends a file twice: pressing once more sends it without.
    assert resident.post(at_grid(team.grid), typed).status_code == 302


def test_a_good_photo_waits_while_the_form_is_put_right(resident, team, root):
    typed = form_of(phone="123")
    page = resident.post(at_grid(team.grid), typed | {"photos": upload()})

    resident.post(at_grid(team.grid), typed | {"phone": "13812345678"})

    assert "1 photo is here" in page.text
    assert HelpRequest.objects.get().photos.count() == 1
    assert len(files(root)) == 2


def test_a_photo_that_waits_may_be_left_out(resident, team, root, django_capture_on_commit_callbacks):
    typed = form_of(phone="123")
    resident.post(at_grid(team.grid), typed | {"photos": upload()})

    with django_capture_on_commit_callbacks(execute=True):
        resident.post(at_grid(team.grid), typed | {"phone": "13812345678", "photos_left_out": "1"})

    assert HelpRequest.objects.get().photos.count() == 0
    assert files(root) == []


def test_the_same_form_with_its_photo_sent_nine_times_is_one_request_with_one(resident, team, root):
    typed = form_of()

    answers = {resident.post(at_grid(team.grid), typed | {"photos": upload()}).url for _ in range(9)}

    assert len(answers) == 1
    assert HelpRequest.objects.get().photos.count() == 1
    assert len(files(root)) == 2


def test_the_same_form_once_more_with_a_photo_adds_it(resident, team):
    typed = form_of()
    resident.post(at_grid(team.grid), typed)

    resident.post(at_grid(team.grid), typed | {"photos": upload()})

    asked = HelpRequest.objects.get()
    assert asked.photos.count() == 1
    assert asked.steps.filter(kind=Kind.PHOTO).count() == 1


def test_a_program_in_the_trap_leaves_no_photo(resident, team, root):
    resident.post(at_grid(team.grid), form_of(website="x", photos=upload()))

    assert RequestPhoto.objects.count() == 0
    assert files(root) == []


def test_photos_from_one_address_stop_at_the_limit(resident, team, root, monkeypatch):
    monkeypatch.setattr(
        request_album.FROM_ONE_ADDRESS.__class__, "take", lambda self, who="": "photo" not in self.scope
    )

    page = resident.post(at_grid(team.grid), form_of(photos=upload()))

    assert page.status_code == 422
    assert "within the hour" in str(page.context["form"].errors["photos"])
    assert files(root) == []


# --- Later --------------------------------------------------------------------------------------------


def test_a_photo_is_added_later_and_beyond_the_limit_refused(resident, team):
    asked = make_page_request(grid=team.grid)
    address = reverse("services:ask_add", args=[code_of(asked.key)])
    for number in range(1, MOST_PHOTOS + 1):
        make_request_photo(asked, number=number)

    page = resident.post(address, {"key": str(uuid4()), "text": "", "photos": upload(99)})

    assert page.status_code == 422
    assert "at most 6 photos" in page.text
    assert asked.photos.count() == MOST_PHOTOS

    other = make_page_request(grid=team.grid)
    key = str(uuid4())
    for _ in range(3):
        address = reverse("services:ask_add", args=[code_of(other.key)])
        assert resident.post(address, {"key": key, "text": "", "photos": upload(99)}).status_code == 302
    assert other.photos.count() == 1
    assert other.steps.filter(kind=Kind.PHOTO).count() == 1


# --- Whose they are -----------------------------------------------------------------------------------


def test_nobody_sees_a_photo_by_the_code_of_another_request(resident, client_of, team):
    asked, other = make_page_request(grid=team.grid), make_page_request(grid=team.grid)
    photo = make_request_photo(asked)

    assert resident.get(reverse("services:ask_photo", args=[code_of(other.key), photo.pk])).status_code == 404
    assert client_of(Role.TOWNSHIP_STAFF).get(photo.get_absolute_url()).status_code == 404
    assert Client().get(photo.get_absolute_url()).status_code == 302
    waiting = make_request_photo(None)
    assert client_of(Role.ADMIN).get(waiting.get_absolute_url()).status_code == 404


def test_the_office_takes_a_photo_away_for_good(resident, client_of, team, root, django_capture_on_commit_callbacks):
    asked = make_page_request(grid=team.grid)
    photo = make_request_photo(asked)
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            staff.post(reverse("services:request_photo_remove", args=[photo.pk]))

    photo.refresh_from_db()
    assert photo.removed_by == staff.user
    assert files(root) == []
    assert resident.get(reverse("services:ask_photo", args=[code_of(asked.key), photo.pk])).status_code == 404


# --- Files and rows -----------------------------------------------------------------------------------


def test_what_waits_over_a_day_is_forgotten_and_what_belongs_is_no_stray(team, django_capture_on_commit_callbacks):
    kept, waiting = make_request_photo(make_page_request(grid=team.grid)), make_request_photo(None, number=2)
    RequestPhoto.objects.update(added_at=timezone.now() - timedelta(days=2))

    with django_capture_on_commit_callbacks(execute=True):
        call_command("nightly", verbosity=0)

    assert list(RequestPhoto.objects.all()) == [kept]
    assert not photo_files.are_there(waiting.name)
    assert strays().files == strays().request_rows == []
    photo_files.delete([kept.name])
    assert strays().request_rows == [kept.pk]


def test_the_database_knows_the_rules(team):
    photo = make_request_photo(make_page_request(grid=team.grid))
    now = timezone.now()
    for flaw in ({"request": None, "removed_at": now}, {"removed_by": make_user(Role.ADMIN)}, {"bytes": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RequestPhoto.objects.filter(pk=photo.pk).update(**flaw)


def test_the_same_picture_stands_once_with_a_request(team):
    asked, form_key = make_page_request(grid=team.grid), uuid4()
    make_request_photo(asked)
    keep_photos([(uuid4(), picture())], form_key=form_key)

    assert attach(asked, form_key) == 0
    assert asked.photos.count() == RequestPhoto.objects.count() == 1


def test_a_form_has_few_photos(team):
    with pytest.raises(RuleBroken, match="at most 6"):
        keep_photos([(uuid4(), picture(number)) for number in range(1, 8)], form_key=uuid4())
    assert RequestPhoto.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_same_form_with_its_photo_at_once_is_one_request_with_one(team, root):
    key = uuid4()
    sent = photo_key(key, jpeg())

    def send():
        keep_photos([(sent, picture())], form_key=key)
        return ask_for_help(key=key, village=team.grid.village, grid=team.grid, content="漏水", phone="13812345678")

    codes = in_parallel(*[send] * 4)

    assert set(codes) == {code_of(key)}
    assert HelpRequest.objects.get().photos.count() == 1
    assert len(files(root)) == 2
