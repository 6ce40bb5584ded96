from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from accounts.audit import caused_by, event, record
from accounts.history import Change, readable_changes
from accounts.models import AuditEntry, User
from accounts.rights import Role
from tests.factories import make_log, make_township, make_user, make_volunteer

pytestmark = pytest.mark.django_db


def last_changes():
    entry = AuditEntry.objects.latest("id")
    return {change.field: (change.before, change.after) for change in readable_changes([entry])[entry.pk]}


@translation.override("en")
def test_values_read_as_the_pages_show_them():
    old, new = make_township(name="大荆镇"), make_township(name="雁荡镇")
    user = make_user(Role.TOWNSHIP_STAFF, township=old)
    user.township, user.role, user.must_change_password = new, Role.REVIEWER, True
    user.save()

    assert last_changes() == {
        "Township": ("大荆镇", "雁荡镇"),
        "Role": ("Township staff", "Reviewer"),
        "Must change the password at the next sign-in": ("No", "Yes"),
    }


def test_times_are_ours():
    user = make_user()
    user.created_at = datetime(2026, 7, 12, 18, 30, tzinfo=UTC)
    user.save()

    assert [after for _, after in last_changes().values()] == ["2026-07-13 02:30"]


def test_phone_is_masked_in_entries_of_single_and_of_bulk_writes():
    volunteer = make_volunteer(phone="13812345678")
    record([volunteer], AuditEntry.Action.CREATE)

    entries = AuditEntry.objects.filter(object_repr=str(volunteer))
    assert [entry.changes["phone"][1] for entry in entries] == ["****", "****"]
    assert "12345678" not in str(list(entries.values()))


def test_birth_date_and_recipient_are_masked():
    volunteer = make_volunteer(birth_date=date(1980, 5, 6))
    volunteer.birth_date = date(1981, 7, 8)
    volunteer.save()
    born = list(last_changes().values())
    log = make_log(recipient="王阿婆")
    log.recipient = "李阿公"
    log.save()

    assert born == [("1980-**-**", "1981-**-**")]
    assert list(last_changes().values()) == [("****", "****")]
    trail = str(list(AuditEntry.objects.values()))
    assert [word for word in ("05-06", "07-08", "王阿婆", "李阿公") if word in trail] == []


def test_many_to_many_changes_name_what_came_and_went():
    volunteer = make_volunteer()
    skill = make_volunteer().primary_skill
    volunteer.further_skills.add(skill)
    added = list(last_changes().values())
    volunteer.further_skills.remove(skill)

    assert added == [("", str(skill))]
    assert list(last_changes().values()) == [(str(skill), "")]


def test_field_that_a_later_release_removed_shows_by_its_name():
    user = make_user()
    record([user], AuditEntry.Action.UPDATE, changes={"shoe_size": (41, 42)})
    entry = AuditEntry.objects.latest("id")

    assert readable_changes([entry])[entry.pk] == [Change("Shoe_size", "41", "42")]


def test_lists_of_json_fields_are_written_out():
    user = make_user()
    record([user], AuditEntry.Action.UPDATE, changes={"role": (None, [[1, 60], [2, 30]])})
    entry = AuditEntry.objects.latest("id")

    assert readable_changes([entry])[entry.pk] == [Change("Role", "", "[[1, 60], [2, 30]]")]


@pytest.mark.parametrize("count", [2, 20])
def test_readable_changes_queries_do_not_grow_with_the_entries(count, django_assert_max_num_queries):
    for _ in range(count):
        make_user()
    entries = list(AuditEntry.objects.filter(content_type__model="user"))

    with django_assert_max_num_queries(3):
        readable_changes(entries)


@event
def rename(user: User, name: str, *, by: User) -> None:
    """Rename."""
    user.name = name
    user.save()


@event
def rename_and_fail(user: User, *, by: User) -> None:
    """Rename inside another event, then fail."""
    rename(user, "新名", by=by)
    raise RuntimeError


def test_event_puts_its_entries_down_to_who_what_and_where():
    admin, user = make_user(Role.ADMIN), make_user()
    with caused_by(address="192.0.2.1"):
        rename(user, "新名", by=admin)

    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.event, entry.remote_addr, entry.object_id) == (admin, "rename", "192.0.2.1", user.pk)
    assert set(entry.changes) == {"name"}


def test_failed_event_leaves_neither_change_nor_entry():
    admin, user = make_user(Role.ADMIN), make_user(name="旧名")
    before = AuditEntry.objects.count()

    with pytest.raises(RuntimeError):
        rename_and_fail(user, by=admin)

    assert User.objects.get(pk=user.pk).name == "旧名"
    assert AuditEntry.objects.count() == before


def test_cause_ends_with_the_event():
    admin = make_user(Role.ADMIN)
    rename(make_user(), "新名", by=admin)
    make_user()

    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.event) == (None, "")


@translation.override("en")
def test_changes_come_in_the_order_of_the_fields():
    user = make_user(Role.AUDITOR)
    record([user], AuditEntry.Action.UPDATE, changes={"role": ("a", "b"), "gone": (1, 2), "name": ("c", "d")})
    entry = AuditEntry.objects.latest("id")

    assert [change.field for change in readable_changes([entry])[entry.pk]] == ["Name", "Role", "Gone"]


def test_secret_of_a_new_record_shows_as_set_and_not_as_changed():
    make_user()

    assert list(AuditEntry.objects.latest("id").changes["password"]) == ["", "****"]
