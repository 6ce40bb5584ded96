"""Photos of logs: kept once, gone when they are to go, and files and rows always agree."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from services import photo_files
from services.domain import album
from services.domain.album import attach, forget_waiting, keep_photos, photo_key, strays
from services.domain.correction import grant_correction
from services.domain.log import withdraw_service
from services.domain.photo import add_photos, remove_photo
from services.domain.report import reopen_month, submit_month
from services.models import LogFlag, LogPhoto, MonthlyReport, ReportContributor
from services.models.photo import MOST_PHOTOS
from tests.factories import make_correction, make_log, make_read, make_user
from tests.pictures import jpeg, make_photo, make_waiting, picture
from tests.races import in_parallel


@pytest.fixture(autouse=True)
def root(settings, tmp_path) -> Path:
    """Let the photos of each test lie in a folder of its own."""
    settings.PHOTO_ROOT = tmp_path / "photos"
    return settings.PHOTO_ROOT


def files(root: Path) -> list[str]:
    return sorted(path.name for path in root.rglob("*") if path.is_file())


@pytest.mark.django_db
def test_files_lie_where_nobody_else_reads_them(root):
    photo = make_waiting(make_user(Role.TOWNSHIP_STAFF))

    assert files(root) == [f"{photo.name}.jpg", f"{photo.name}.small.jpg"]
    assert {oct(path.stat().st_mode & 0o777) for path in root.rglob("*") if path.is_file()} == {"0o600"}
    assert {oct(path.stat().st_mode & 0o777) for path in (root, *root.iterdir())} == {"0o700"}
    assert photo.bytes == sum(path.stat().st_size for path in root.rglob("*.jpg"))
    with pytest.raises(ValueError, match="no address"):
        photo_files.storage.url(photo_files.path_of(photo.name))


@pytest.mark.django_db
def test_same_photo_in_the_same_form_is_one(root):
    by, form_key = make_user(Role.TOWNSHIP_STAFF), uuid4()
    first = make_waiting(by, form_key=form_key)

    assert make_waiting(by, form_key=form_key) == first
    assert LogPhoto.objects.count() == 1
    assert len(files(root)) == 2


@pytest.mark.django_db
def test_same_photo_of_another_form_or_person_is_another():
    by, form_key = make_user(Role.TOWNSHIP_STAFF), uuid4()
    make_waiting(by, form_key=form_key)
    make_waiting(by)
    make_waiting(make_user(Role.TOWNSHIP_STAFF), form_key=form_key)

    assert LogPhoto.objects.count() == 3


@pytest.mark.django_db
def test_rollback_leaves_no_file(root, monkeypatch):
    by, form_key = make_user(Role.TOWNSHIP_STAFF), uuid4()

    def breaks(*args, **kwargs):
        raise DatabaseError("away")

    monkeypatch.setattr(album, "record", breaks)
    monkeypatch.setattr(LogPhoto, "save", breaks)
    with pytest.raises(DatabaseError, match="away"):
        keep_photos([(uuid4(), picture())], form_key=form_key, by=by)

    assert files(root) == []
    assert LogPhoto.objects.count() == 0


@pytest.mark.django_db
def test_half_written_photo_leaves_no_file(root, monkeypatch):
    save = photo_files.storage.save

    def disk_full(name, content):
        if name.endswith(".small.jpg"):
            raise OSError("No space left on device")
        return save(name, content)

    monkeypatch.setattr(photo_files.storage, "save", disk_full)
    with pytest.raises(OSError, match="No space"):
        keep_photos([(uuid4(), picture())], form_key=uuid4(), by=make_user(Role.TOWNSHIP_STAFF))

    assert files(root) == []
    assert LogPhoto.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_photos_are_not_kept_inside_a_transaction_that_others_may_roll_back(root):
    by = make_user(Role.TOWNSHIP_STAFF)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        keep_photos([(uuid4(), picture())], form_key=uuid4(), by=by)

    assert files(root) == []


@pytest.mark.django_db(transaction=True)
def test_same_form_sent_twice_at_once_keeps_one(root):
    by, form_key = make_user(Role.TOWNSHIP_STAFF), uuid4()
    key = photo_key(form_key, jpeg(), by)

    in_parallel(*[lambda: keep_photos([(key, picture())], form_key=form_key, by=by)] * 6)

    assert LogPhoto.objects.count() == 1
    assert files(root) == [f"{LogPhoto.objects.get().name}{end}" for end in (".jpg", ".small.jpg")]


@pytest.mark.django_db(transaction=True)
def test_without_its_unique_key_a_photo_would_be_kept_twice():
    """The negative control."""
    by, form_key = make_user(Role.TOWNSHIP_STAFF), uuid4()

    in_parallel(*[lambda: keep_photos([(uuid4(), picture())], form_key=form_key, by=by)] * 4)

    assert LogPhoto.objects.count() == 4


@pytest.mark.django_db
def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr(album, "MOST_WAITING", 2)
    by = make_user(Role.TOWNSHIP_STAFF)
    make_waiting(by, number=1)
    make_waiting(by, number=2)

    with pytest.raises(RuleBroken, match="Save one of those forms"):
        make_waiting(by, number=3)
    make_waiting(make_user(Role.TOWNSHIP_STAFF), number=3)


@pytest.mark.django_db
def test_photos_of_the_form_are_attached_and_of_others_not():
    log = make_log()
    by, form_key = log.recorded_by, uuid4()
    mine = [make_waiting(by, number=number, form_key=form_key) for number in (1, 2)]
    make_waiting(by, number=3)
    make_waiting(make_user(Role.TOWNSHIP_STAFF), number=4, form_key=form_key)

    assert add_photos(log, form_key=form_key, by=by) == 2

    assert list(log.photos.all()) == mine
    assert LogPhoto.objects.waiting().count() == 2
    entries = AuditEntry.objects.filter(event="add_photos", object_id=log.pk, content_type__model="servicelog")
    assert [entry.changes for entry in entries] == [{"number of photos": ["0", "2"]}]
    assert add_photos(log, form_key=form_key, by=by) == 0


@pytest.mark.django_db
def test_same_picture_stands_once_in_a_log(root, django_capture_on_commit_callbacks):
    log = make_log()
    make_photo(log, number=1)
    form_key = uuid4()
    make_waiting(log.recorded_by, number=1, form_key=form_key)
    make_waiting(log.recorded_by, number=2, form_key=form_key)

    with django_capture_on_commit_callbacks(execute=True):
        assert add_photos(log, form_key=form_key, by=log.recorded_by) == 1

    assert log.photos.count() == LogPhoto.objects.count() == 2
    assert len(files(root)) == 4


@pytest.mark.django_db
def test_log_has_nine_photos_at_the_most():
    log = make_log()
    form_key = uuid4()
    for number in range(MOST_PHOTOS):
        make_waiting(log.recorded_by, number=number, form_key=form_key)
    add_photos(log, form_key=form_key, by=log.recorded_by)
    another = uuid4()
    make_waiting(log.recorded_by, number=99, form_key=another)

    with pytest.raises(RuleBroken, match="at most 9 photos"):
        add_photos(log, form_key=another, by=log.recorded_by)

    assert log.photos.count() == MOST_PHOTOS
    assert LogPhoto.objects.waiting().count() == 1


@pytest.mark.django_db
def test_photo_taken_away_leaves_its_row_and_no_file(root, django_capture_on_commit_callbacks):
    log = make_log()
    gone, stays = make_photo(log, number=1), make_photo(log, number=2)
    by = make_user(Role.TOWNSHIP_STAFF, township=log.township)

    with django_capture_on_commit_callbacks(execute=True):
        remove_photo(gone, by=by)
        remove_photo(gone, by=by)

    gone.refresh_from_db()
    assert (gone.removed_by, gone.log) == (by, log)
    assert files(root) == [f"{stays.name}.jpg", f"{stays.name}.small.jpg"]
    assert ReportContributor.objects.filter(report=log.report, user=by).exists()
    assert AuditEntry.objects.filter(event="remove_photo", content_type__model="logphoto", actor=by).count() == 1


@pytest.mark.django_db
def test_file_stays_when_taking_away_is_rolled_back(root, django_capture_on_commit_callbacks):
    photo = make_photo(make_log())
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        remove_photo(photo, by=photo.added_by)
        transaction.set_rollback(True)

    assert len(files(root)) == 2
    assert LogPhoto.objects.standing().count() == 1


@pytest.mark.django_db
def test_photos_of_a_withdrawn_log_go(root, django_capture_on_commit_callbacks):
    log = make_log()
    make_photo(log)

    with django_capture_on_commit_callbacks(execute=True):
        withdraw_service(log, reason="重复", by=log.recorded_by)

    assert files(root) == []
    assert LogPhoto.objects.standing().count() == 0


@pytest.mark.django_db
def test_month_that_was_handed_in_keeps_its_photos_as_they_are():
    log = make_log()
    photo = make_photo(log)
    form_key = uuid4()
    make_waiting(log.recorded_by, number=2, form_key=form_key)
    submit_month(log.report, by=log.recorded_by)

    for act in (
        lambda: add_photos(log, form_key=form_key, by=log.recorded_by),
        lambda: remove_photo(photo, by=log.recorded_by),
    ):
        with pytest.raises(RuleBroken):
            act()

    assert list(log.photos.standing()) == [photo]


SETTLED = {
    "change": "UPDATE services_logphoto SET sha256 = 'forged' WHERE id = {photo}",
    "take away": "UPDATE services_logphoto SET removed_at = added_at, removed_by_id = added_by_id WHERE id = {photo}",
    "move out": "UPDATE services_logphoto SET log_id = {open_log} WHERE id = {photo}",
    "let wait": "UPDATE services_logphoto SET log_id = NULL WHERE id = {photo}",
    "bring in": "UPDATE services_logphoto SET log_id = {log} WHERE id = {waiting}",
    "delete": "DELETE FROM services_logphoto WHERE id = {photo}",
    "add": "INSERT INTO services_logphoto"
    " (key, form_key, log_id, name, sha256, likeness, width, height, bytes, added_by_id, added_at)"
    " SELECT '{uuid}', form_key, {log}, 'x', 'x', likeness, width, height, bytes, added_by_id, added_at"
    " FROM services_logphoto WHERE id = {photo}",
}


def statement(what: str, *, is_read: bool) -> str:
    log = make_log()
    other = make_log()
    places = {
        "photo": make_photo(log).pk,
        "waiting": make_waiting(log.recorded_by, number=2).pk,
        "log": log.pk,
        "open_log": other.pk,
        "uuid": uuid4() if connection.vendor == "postgresql" else uuid4().hex,
    }
    if is_read:
        make_read(log.report)
    return SETTLED[what].format(**places)


@pytest.mark.django_db
@pytest.mark.parametrize("what", SETTLED)
def test_photos_of_a_read_month_do_not_change_by_raw_sql(what):
    sql = statement(what, is_read=True)
    before = list(LogPhoto.objects.order_by("pk").values())

    with pytest.raises(DatabaseError, match="month_is_read"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert list(LogPhoto.objects.order_by("pk").values()) == before


@pytest.mark.django_db
@pytest.mark.parametrize("what", SETTLED)
def test_the_same_statements_pass_while_the_month_is_open(what):
    with connection.cursor() as cursor:
        cursor.execute(statement(what, is_read=False))
        assert cursor.rowcount == 1


@pytest.mark.django_db
def test_photo_in_a_read_month_can_be_taken_away_once_it_is_open_again():
    photo = make_photo(make_log())
    make_read(photo.log.report)
    with pytest.raises(RuleBroken):
        remove_photo(photo, by=photo.added_by)
    MonthlyReport.objects.filter(pk=photo.log.report_id).update(state="returned", remark="照片有误")

    remove_photo(photo, by=photo.added_by)

    assert LogPhoto.objects.standing().count() == 0


@pytest.mark.django_db
def test_photos_of_forms_that_were_not_saved_are_forgotten_after_a_day(root, django_capture_on_commit_callbacks):
    by = make_user(Role.TOWNSHIP_STAFF)
    old, new = make_waiting(by, number=1), make_waiting(by, number=2)
    kept = make_photo(make_log(), number=3)
    LogPhoto.objects.exclude(pk=new.pk).update(added_at=timezone.now() - timedelta(hours=25))

    with django_capture_on_commit_callbacks(execute=True):
        assert forget_waiting() == 1

    assert set(LogPhoto.objects.all()) == {new, kept}
    assert not photo_files.are_there(old.name)
    assert photo_files.are_there(kept.name)


@pytest.mark.django_db
def test_strays_are_found_and_said(root):
    photo, lost = make_photo(make_log(), number=1), make_photo(make_log(), number=2)
    photo_files.storage.delete(photo_files.path_of(lost.name, small=True))
    nobodys = photo_files.new_name()
    photo_files.write(nobodys, picture(3))
    assert strays().files == []  # just written: its row may be on the way
    for path in root.rglob("*.jpg"):
        os.utime(path, (0, 0))

    found = strays()

    assert found.files == [nobodys]
    assert found.rows == [lost.pk]
    assert photo_files.are_there(photo.name)
    said = StringIO()
    call_command("nightly", stdout=StringIO(), stderr=said)
    assert f"{lost.pk}" in said.getvalue()
    assert "1 " in said.getvalue()
    assert photo_files.are_there(nobodys)  # never deleted by itself: another database may know it


@pytest.mark.django_db
def test_likeness_finds_the_photo_in_other_logs_only():
    log, other = make_log(), make_log()
    photo, twin = make_photo(log, number=1), make_photo(other, number=1)
    make_photo(other, number=2)
    make_waiting(log.recorded_by, number=1)

    assert list(LogPhoto.objects.alike(photo)) == [twin]
    LogPhoto.objects.filter(pk=twin.pk).update(sha256="0" * 64)
    assert list(LogPhoto.objects.alike(photo)) == [twin]
    LogPhoto.objects.filter(pk__in=[photo.pk, twin.pk]).update(likeness="0" * 16)
    photo.refresh_from_db()
    assert list(LogPhoto.objects.alike(photo)) == []  # an even surface is like every other


@pytest.mark.django_db
def test_who_sees_the_log_sees_its_photos():
    log = make_log()
    photo = make_photo(log)
    waiting = make_waiting(log.recorded_by, number=2)
    seen = {
        name: set(LogPhoto.objects.visible_to(user))
        for name, user in {
            "own": log.recorded_by,
            "colleague": make_user(Role.TOWNSHIP_STAFF, township=log.township),
            "elsewhere": make_user(Role.TOWNSHIP_STAFF),
            "leader": make_user(Role.TEAM_LEADER, township=log.township),
            "city": make_user(Role.AUDITOR),
        }.items()
    }

    assert seen == {
        "own": {photo, waiting}, "colleague": {photo}, "elsewhere": set(), "leader": set(), "city": {photo},
    }  # fmt: skip


@pytest.mark.django_db
def test_same_picture_twice_in_one_log_is_refused_by_the_database():
    log = make_log()
    photo = make_photo(log)
    twin = make_waiting(log.recorded_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        LogPhoto.objects.filter(pk=twin.pk).update(log=log)

    assert list(log.photos.all()) == [photo]
    assert attach(log, uuid4(), by=log.recorded_by) == 0


# --- Corrected logs -----------------------------------------------------------------------------------


def corrected(log):
    """Return what stands in place of the log of a read month."""
    reviewer = make_user(Role.REVIEWER, township=log.township)
    return grant_correction(make_correction(log), by=reviewer).result


def reopened(log):
    reopen_month(log.report, reason="照片有误", by=make_user(Role.REVIEWER, township=log.township))
    log.refresh_from_db()
    return log


def photo_flags():
    flags = LogFlag.objects.filter(rule=LogFlag.Rule.SAME_PHOTO).order_by("pk")
    return list(flags.values_list("log", "other", "answer"))


@pytest.mark.django_db
def test_photo_of_a_corrected_log_still_stands_out_elsewhere():
    log = make_log()
    make_photo(log)
    make_read(log.report)
    twice = corrected(corrected(log))
    other = make_log()
    form_key = uuid4()
    make_waiting(other.recorded_by, form_key=form_key)

    add_photos(other, form_key=form_key, by=other.recorded_by)

    assert photo_flags() == [(other.pk, twice.pk, "")]


@pytest.mark.django_db
def test_flag_on_photos_follows_a_correction_on_either_side():
    first, second = make_log(), make_log()
    make_photo(first)
    form_key = uuid4()
    make_waiting(second.recorded_by, form_key=form_key)
    add_photos(second, form_key=form_key, by=second.recorded_by)
    make_read(first.report, second.report)

    stands = corrected(second)
    assert photo_flags() == [(stands.pk, first.pk, "")]
    before = corrected(first)
    assert photo_flags() == [(stands.pk, before.pk, "")]

    strike = make_correction(before, strike=True)
    grant_correction(strike, by=make_user(Role.REVIEWER, township=before.township))
    assert photo_flags() == []


@pytest.mark.django_db
def test_photo_of_a_corrected_log_can_be_taken_away_once_the_month_is_open_again():
    log = make_log()
    photo = make_photo(log)
    make_read(log.report)
    stands = corrected(log)
    with pytest.raises(RuleBroken, match="has been read"):
        remove_photo(photo, by=photo.added_by)
    reopened(stands)

    remove_photo(photo, by=photo.added_by)

    assert LogPhoto.objects.standing().count() == 0


@pytest.mark.django_db
def test_withdrawing_what_stands_takes_the_originals_photos_too():
    log = make_log()
    make_photo(log)
    make_read(log.report)
    stands = reopened(corrected(log))

    withdraw_service(stands, reason="没有这次服务", by=stands.recorded_by)

    assert LogPhoto.objects.standing().count() == 0


@pytest.mark.django_db
def test_photo_stays_where_neither_the_log_nor_another_stands():
    log = make_log()
    photo = make_photo(log)
    make_read(log.report)
    grant_correction(make_correction(log, strike=True), by=make_user(Role.REVIEWER, township=log.township))
    reopened(log)

    with pytest.raises(RuleBroken, match="withdrawn"):
        remove_photo(photo, by=photo.added_by)
