"""Photos on the pages: sent with a form, kept whatever becomes of it, shown to those who see the log."""

from contextlib import contextmanager
from datetime import date
from html import unescape
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.own_store import OwnStore
from accounts.rights import Role
from services import photo_files
from services.domain.report import submit_month
from services.models import LogPhoto, ServiceLog
from services.models.photo import MOST_PHOTOS
from tests.factories import make_category, make_log, make_read, make_team, make_user
from tests.pictures import drawn, file_of, jpeg, make_photo, upload
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
CREATE = "/services/logs/new/"
DAY = date(2026, 7, 6)


@pytest.fixture(autouse=True)
def _in_july():
    """Let it be the 8th of July 2026, noon in Shanghai."""
    with time_machine.travel("2026-07-08T04:00:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def root(settings, tmp_path) -> Path:
    settings.PHOTO_ROOT = tmp_path / "photos"
    return settings.PHOTO_ROOT


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def staff(client_of, team):
    return client_of(Role.TOWNSHIP_STAFF, township=team.township)


def entry(team, **changes):
    people = [str(membership.volunteer_id) for membership in team.memberships.all()]
    return {
        "key": str(uuid4()),
        "team": str(team.pk),
        "date": "2026-07-06",
        "starts": "08:00",
        "ends": "09:00",
        "category": str(make_category().pk),
        "participants": people,
        "recipient": "陈阿婆",
        "content": "打扫",
        "people_served": "1",
    } | changes


@contextmanager
def in_august(client):
    """Let the month be over; people have signed in again meanwhile."""
    with time_machine.travel("2026-08-01T04:00:00Z", tick=False):
        client.force_login(client.user, backend="django.contrib.auth.backends.ModelBackend")
        yield


def files(root: Path) -> int:
    return len([path for path in root.rglob("*") if path.is_file()])


def text(response) -> str:
    return unescape(response.content.decode())


def test_log_comes_with_its_photos(staff, team, root):
    response = staff.post(CREATE, entry(team, photos=[upload(1), upload(2)]))

    log = ServiceLog.objects.get()
    assert response.status_code == 302
    assert [(photo.width, photo.height, photo.added_by) for photo in log.photos.all()] == [(640, 480, staff.user)] * 2
    assert files(root) == 4


def test_same_form_twice_is_one_log_with_its_photos_once(staff, team, root):
    sent = entry(team)
    for _again in range(3):
        assert staff.post(CREATE, sent | {"photos": [upload(1), upload(2)]}).status_code == 302

    assert ServiceLog.objects.get().photos.count() == LogPhoto.objects.count() == 2
    assert files(root) == 4


def test_photos_that_come_later_with_the_same_form_are_added(staff, team):
    sent = entry(team)
    staff.post(CREATE, sent)
    staff.post(CREATE, sent | {"photos": [upload(1)]})

    assert ServiceLog.objects.get().photos.count() == 1


def test_same_form_again_after_the_month_was_handed_in_is_still_honest(staff, team):
    sent = entry(team)
    staff.post(CREATE, sent | {"photos": [upload(1)]})
    with in_august(staff):
        submit_month(ServiceLog.objects.get().report, by=staff.user)

        assert staff.post(CREATE, sent | {"photos": [upload(1)]}).status_code == 302
        late = staff.post(CREATE, sent | {"photos": [upload(2)]})

    assert late.status_code == 422
    assert ServiceLog.objects.get().photos.count() == 1


def test_late_photos_do_not_reach_a_log_that_has_moved_to_another_month(staff, team):
    """That month is not the one that the form names, and may have been handed in or read."""
    sent = entry(team)
    staff.post(CREATE, sent)
    log = ServiceLog.objects.get()
    moved = {"date": "2026-06-06", "version": log.version} | {
        name: sent[name] for name in ("starts", "ends", "category", "participants", "recipient", "content")
    }
    assert staff.post(f"{log.get_absolute_url()}edit/", moved | {"people_served": "1"}).status_code == 302
    log.refresh_from_db()
    make_read(log.report)

    late = staff.post(CREATE, sent | {"photos": [upload(1)]})

    assert late.status_code == 422
    assert "saved before, with other content" in text(late)
    assert log.photos.count() == 0


def test_form_with_an_error_elsewhere_keeps_the_chosen_photos(staff, team, root):
    sent = entry(team, content="")

    returned = staff.post(CREATE, sent | {"photos": [upload(1), upload(2)]})

    waiting = list(LogPhoto.objects.all())
    assert returned.status_code == 422
    assert [photo.log for photo in waiting] == [None, None]
    assert [text(returned).count(photo.thumbnail_url) for photo in waiting] == [1, 1]
    assert staff.get(waiting[0].thumbnail_url).status_code == 200
    # Sent again without files, as a browser does; one of them is taken away.
    done = staff.post(CREATE, sent | {"content": "打扫", "photos_removed": [str(waiting[0].pk)]})
    assert done.status_code == 302
    assert list(ServiceLog.objects.get().photos.all()) == [waiting[1]]
    assert LogPhoto.objects.count() == 1


def test_asking_for_another_teams_people_keeps_the_photos_too(staff, team):
    sent = entry(team)
    page = staff.post(CREATE, sent | {"reload": "1", "photos": [upload(1), upload(2, data=b"no photo")]})

    assert LogPhoto.objects.get().thumbnail_url in text(page)
    assert "photo.jpg: This is no photo." in text(page)


def test_two_tabs_keep_their_photos_apart(staff, team):
    one, other = entry(team, content=""), entry(team, content="", starts="10:00", ends="11:00")
    staff.post(CREATE, one | {"photos": [upload(1)]})
    page = staff.post(CREATE, other | {"photos": [upload(2)]})
    first, second = LogPhoto.objects.order_by("pk")

    assert second.thumbnail_url in text(page)
    assert first.thumbnail_url not in text(page)
    staff.post(CREATE, other | {"content": "读报"})
    staff.post(CREATE, one | {"content": "打扫"})
    logs = {log.content: list(log.photos.all()) for log in ServiceLog.objects.all()}
    assert logs == {"打扫": [first], "读报": [second]}


def test_nobody_takes_what_another_person_sent(staff, team, client_of):
    sent = entry(team, content="")
    staff.post(CREATE, sent | {"photos": [upload(1)]})
    photo = LogPhoto.objects.get()
    colleague = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    page = colleague.post(CREATE, sent | {"photos_removed": [str(photo.pk)]})

    assert photo.thumbnail_url not in text(page)
    assert colleague.get(photo.thumbnail_url).status_code == 404
    assert LogPhoto.objects.get() == photo
    colleague.post(CREATE, sent | {"content": "打扫"})
    assert ServiceLog.objects.get().photos.count() == 0


def big() -> bytes:
    return file_of(Image.new("L", (10_000, 6_000)), "PNG")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("holiday.jpg", b"<html><script>planted()</script></html>", "This file is not only a photo."),
        ("words.jpg", b"words", "This is no photo."),
        ("huge.png", big(), "more than 40 megapixels"),
        ("half.jpg", jpeg()[:-2000], "damaged or was not sent whole"),
    ],
)
def test_what_is_no_photo_is_refused_by_name_and_the_others_are_kept(staff, team, root, name, data, says):
    bad = SimpleUploadedFile(name, data, "image/jpeg")

    page = staff.post(CREATE, entry(team, photos=[upload(1), bad]))

    assert page.status_code == 422
    assert f"{name}: " in text(page)
    assert says in text(page)
    assert "planted" not in text(page)
    assert ServiceLog.objects.count() == 0
    assert LogPhoto.objects.get().thumbnail_url in text(page)
    assert files(root) == 2


def test_name_of_a_file_does_no_harm(staff, team):
    bad = SimpleUploadedFile('"><b>planted\u202egpj.exe' + "x" * 300, b"words", "image/jpeg")

    page = staff.post(CREATE, entry(team, photos=[bad]))

    assert page.status_code == 422
    assert "<b>planted" not in page.content.decode()
    assert "\u202e" not in page.content.decode()
    assert "x" * 60 not in page.content.decode()


def test_png_that_is_called_jpg_is_taken_for_what_it_is(staff, team):
    sent = SimpleUploadedFile("photo.jpg", file_of(drawn(), "PNG"), "image/jpeg")
    staff.post(CREATE, entry(team, photos=[sent]))

    photo = LogPhoto.objects.get()
    given = b"".join(staff.get(photo.get_absolute_url()).streaming_content)
    assert given.startswith(b"\xff\xd8\xff")


def test_more_than_nine_are_refused_and_nine_are_kept(staff, team):
    page = staff.post(CREATE, entry(team, photos=[upload(number) for number in range(MOST_PHOTOS + 1)]))

    assert page.status_code == 422
    assert "A log has at most 9 photos." in text(page)
    assert LogPhoto.objects.waiting().count() == MOST_PHOTOS


@pytest.mark.parametrize("mangled", ["", "x", "\x00", "9" * 40])
def test_mangled_key_takes_no_photos(staff, team, mangled):
    page = staff.post(CREATE, entry(team, key=mangled, photos=[upload(1)], photos_removed=["x", "9" * 30, "-1"]))

    assert page.status_code == 422
    assert LogPhoto.objects.count() == 0


def test_photo_is_given_with_care(staff, team):
    photo = make_photo(make_log(team=team))

    for address, size in ((photo.get_absolute_url(), (640, 480)), (photo.thumbnail_url, (320, 240))):
        response = staff.get(address)
        path = Path(photo_files.storage.path(photo_files.path_of(photo.name, small="small" in address)))
        assert b"".join(response.streaming_content) == path.read_bytes()
        assert Image.open(path).size == size
        assert response["Content-Type"] == "image/jpeg"
        assert response["Content-Disposition"] == f'inline; filename="photo-{photo.pk}.jpg"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "no-store"
        assert "default-src 'none'" in response["Content-Security-Policy"]


def test_photo_without_its_file_is_not_there(staff, team, caplog):
    photo = make_photo(make_log(team=team))
    photo_files.delete([photo.name])

    assert staff.get(photo.get_absolute_url()).status_code == 404
    assert any("lacks its file" in record.getMessage() for record in caplog.records)


def test_thumbnail_of_a_withdrawn_log_is_gone(staff, team, django_capture_on_commit_callbacks):
    log = make_log(team=team)
    photo = make_photo(log)
    with django_capture_on_commit_callbacks(execute=True):
        staff.post(reverse("services:log_withdraw", args=[log.pk]), {"reason": "重复", "version": log.version})

    assert staff.get(photo.thumbnail_url).status_code == 404
    assert photo.thumbnail_url not in text(staff.get(log.get_absolute_url()))
    assert not photo_files.are_there(photo.name)


def test_photos_are_added_to_a_log_and_taken_away_again(staff, team, root, django_capture_on_commit_callbacks):
    log = make_log(team=team)
    add = reverse("services:photo_add", args=[log.pk])

    assert staff.post(add, {"photos_key": str(uuid4()), "photos": [upload(1)]}).status_code == 302
    photo = log.photos.get()
    page = text(staff.get(log.get_absolute_url()))
    assert photo.thumbnail_url in page
    assert "Number of photos" in page
    with django_capture_on_commit_callbacks(execute=True):
        for _again in range(2):
            response = staff.post(reverse("services:photo_remove", args=[photo.pk]))
            assert response["Location"] == log.get_absolute_url()
    assert files(root) == 0
    assert photo.thumbnail_url not in text(staff.get(log.get_absolute_url()))


def test_wrong_photo_added_later_is_said_on_the_logs_page(staff, team):
    log = make_log(team=team)

    page = staff.post(
        reverse("services:photo_add", args=[log.pk]),
        {"photos_key": str(uuid4()), "photos": [upload(1), upload(data=b"words", name="words.jpg")]},
    )

    assert page.status_code == 422
    assert "words.jpg: This is no photo." in text(page)
    assert LogPhoto.objects.waiting().get().thumbnail_url in text(page)


def test_month_that_was_handed_in_offers_no_buttons_and_takes_nothing(staff, team):
    log = make_log(team=team)
    photo = make_photo(log)
    with in_august(staff):
        make_read(log.report)
        page = text(staff.get(log.get_absolute_url()))
        refused = staff.post(
            reverse("services:photo_add", args=[log.pk]), {"photos_key": str(uuid4()), "photos": [upload(2)]}
        )
        staff.post(reverse("services:photo_remove", args=[photo.pk]))

    assert photo.thumbnail_url in page
    assert reverse("services:photo_remove", args=[photo.pk]) not in page
    assert reverse("services:photo_add", args=[log.pk]) not in page
    assert refused.status_code == 422
    assert "has been read" in text(refused)
    assert list(log.photos.standing()) == [photo]


def test_editing_shows_adds_and_takes_away(staff, team, django_capture_on_commit_callbacks):
    log = make_log(team=team, on=DAY, recipient="陈阿婆", content="打扫")
    gone, stays = make_photo(log, number=1), make_photo(log, number=2)
    edit = reverse("services:log_edit", args=[log.pk])
    page = staff.get(edit)
    key = str(page.context["form"]["photos_key"].value())
    assert [text(page).count(photo.thumbnail_url) for photo in (gone, stays)] == [1, 1]
    sent = entry(team, version=str(log.version), photos_key=key)

    returned = staff.post(edit, sent | {"content": "", "photos": [upload(3)], "photos_removed": [str(gone.pk)]})
    assert returned.status_code == 422
    assert [(each.photo.pk, each.is_ticked, each.is_waiting) for each in returned.context["form"].shown_photos] == [
        (gone.pk, True, False),
        (stays.pk, False, False),
        (LogPhoto.objects.waiting().get().pk, False, True),
    ]
    assert log.photos.standing().count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert staff.post(edit, sent | {"photos_removed": [str(gone.pk)]}).status_code == 302

    shown = list(log.photos.standing())
    assert shown[0] == stays
    assert shown[1].form_key == UUID(key)
    assert len(shown) == 2
    assert not photo_files.are_there(gone.name)


def test_photo_of_another_log_is_not_taken_away_by_this_ones_form(staff, team):
    log = make_log(team=team, on=DAY)
    other = make_photo(make_log(team=team, on=date(2026, 7, 3)))
    sent = entry(team, version=str(log.version), photos_key=str(uuid4()), photos_removed=[str(other.pk)])

    assert staff.post(reverse("services:log_edit", args=[log.pk]), sent).status_code == 302

    assert list(LogPhoto.objects.standing()) == [other]


def test_months_page_shows_its_photos_in_as_many_queries(client_of, team, django_assert_max_num_queries):
    reviewer = client_of(make_user(Role.REVIEWER, township=team.township))
    log = make_log(team=team)
    photos = [make_photo(log, number=1), make_photo(make_log(team=team, on=date(2026, 7, 2)), number=2)]
    reviewer.get(log.report.get_absolute_url())

    with django_assert_max_num_queries(40):
        page = text(reviewer.get(log.report.get_absolute_url()))

    assert [page.count(photo.thumbnail_url) for photo in photos] == [1, 1]


def test_log_of_an_outbox_comes_with_its_photos_once(client_of, team):
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    Volunteer.objects.filter(memberships__team=team, memberships__role="leader").update(user=leader.user)
    page = leader.get(reverse("services:outbox"))
    owner = OwnStore.of(leader.user).owner
    sent = entry(team, owner=owner)

    answers = [
        leader.post(reverse("services:outbox_send"), sent | {"photos": [upload(1), upload(2)]}).json()["state"]
        for _again in range(2)
    ]

    assert 'name="photos"' in text(page)
    assert answers == ["saved", "same"]
    assert ServiceLog.objects.get().photos.count() == LogPhoto.objects.count() == 2


def test_wrong_photo_in_an_outbox_is_refused_with_its_reason(client_of, team):
    leader = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    sent = entry(team, owner=OwnStore.of(leader.user).owner, photos=[upload(1), upload(data=b"words", name="w.jpg")])

    told = leader.post(reverse("services:outbox_send"), sent).json()

    assert told["state"] == "refused"
    assert [(error["field"], error["text"][:22]) for error in told["errors"]] == [("photos", "w.jpg: This is no phot")]
    assert ServiceLog.objects.count() == 0
