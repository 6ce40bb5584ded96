"""What happens to volunteers, rule by rule."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from grids.models import Team
from tests.factories import make_skill_type, make_team, make_user, make_village, make_volunteer
from volunteers.domain import numbers
from volunteers.domain.volunteer import (
    approve,
    edit_volunteer,
    leave,
    register_volunteer,
    reinstate,
    reject,
    show_phone,
    suspend,
)
from volunteers.models import Volunteer

Status = Volunteer.Status


def someone(**fields):
    """A volunteer who is not registered yet."""
    village = fields.pop("village", None) or make_village()
    values = {
        "name": "单小明",
        "gender": "male",
        "birth_date": date(1980, 5, 6),
        "phone": "13812341234",
        "unit_kind": "other",
        "village": village,
        "township": village.township,
        "joined_on": date(2020, 1, 1),
    }
    if "primary_skill" not in fields:
        values["primary_skill"] = make_skill_type()
    return Volunteer(**values | fields)


@pytest.fixture
def admin(db):
    return make_user(Role.ADMIN)


def refused_field(act):
    with pytest.raises(RuleBroken) as refused:
        act()
    return refused.value.field


# --- registering ------------------------------------------------------------------------------------


def test_register_gives_number_and_pinyin(admin):
    further = make_skill_type()

    volunteer = register_volunteer(someone(), further_skills=[further], by=admin)

    volunteer.refresh_from_db()
    assert (volunteer.number, volunteer.name_pinyin, volunteer.name_initials) == ("0000001", "shan xiao ming", "sxm")
    assert list(volunteer.further_skills.all()) == [further]
    assert volunteer.status == Status.ACTIVE


def test_register_gives_numbers_that_were_never_given(admin):
    make_volunteer(number="0000041")

    assert register_volunteer(someone(), by=admin).number == "0000042"


def test_register_is_recorded_with_masked_phone(admin):
    volunteer = register_volunteer(someone(), by=admin)

    entry = AuditEntry.objects.get(event="register_volunteer", object_pk=str(volunteer.pk), changes__has_key="name")
    assert entry.actor == admin
    assert "13812341234" not in str(entry.changes)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"birth_date": date(202, 1, 1)}, "birth_date"),
        ({"birth_date": date(2005, 5, 6), "joined_on": date(2020, 1, 1)}, "birth_date"),
        ({"joined_party_on": date(1997, 5, 6)}, "joined_party_on"),
    ],
)
def test_register_refuses_dates_that_cannot_be(admin, fields, field):
    assert refused_field(lambda: register_volunteer(someone(**fields), by=admin)) == field


@pytest.mark.parametrize("field", ["joined_on", "joined_party_on"])
def test_register_refuses_tomorrow(admin, field):
    tomorrow = timezone.localdate() + timedelta(days=1)

    assert refused_field(lambda: register_volunteer(someone(**{field: tomorrow}), by=admin)) == field


def test_register_takes_somebody_on_their_eighteenth_birthday(admin):
    register_volunteer(someone(birth_date=date(2004, 2, 29), joined_on=date(2022, 3, 1)), by=admin)

    assert (
        refused_field(
            lambda: register_volunteer(
                someone(name="仇英", birth_date=date(2004, 2, 29), joined_on=date(2022, 2, 28)), by=admin
            )
        )
        == "birth_date"
    )


def test_register_refuses_a_village_of_another_township(admin):
    volunteer = someone()
    volunteer.village = make_village()

    assert refused_field(lambda: register_volunteer(volunteer, by=admin)) == "village"


def test_register_refuses_retired_and_doubled_skill_types(admin):
    retired, primary = make_skill_type(is_retired=True), make_skill_type()

    assert refused_field(lambda: register_volunteer(someone(primary_skill=retired), by=admin)) == "primary_skill"
    assert (
        refused_field(lambda: register_volunteer(someone(primary_skill=primary), further_skills=[retired], by=admin))
        == "further_skills"
    )
    assert (
        refused_field(lambda: register_volunteer(someone(primary_skill=primary), further_skills=[primary], by=admin))
        == "further_skills"
    )


@pytest.mark.parametrize("same", [{"phone": "13812341234"}, {"birth_date": date(1980, 5, 6)}])
def test_register_refuses_a_double_and_names_it_to_those_who_may_know(admin, same):
    there = make_volunteer(name="单小明", number="0000041", **same)

    with pytest.raises(RuleBroken, match="0000041"):
        register_volunteer(someone(), by=admin)
    with pytest.raises(RuleBroken) as refused:
        register_volunteer(someone(), by=make_user(Role.TOWNSHIP_STAFF))
    assert "0000041" not in str(refused.value)
    assert there.name == "单小明"


def test_register_takes_a_namesake(admin):
    make_volunteer(name="单小明", phone="13900000000", birth_date=date(1981, 1, 1))

    assert register_volunteer(someone(), by=admin).pk


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_numbers_are_given_once_to_people_who_register_at_once(monkeypatch, is_locked):
    """Without the lock (the negative control) somebody meets the unique constraint instead."""
    if not is_locked:
        monkeypatch.setattr(numbers, "wait_for_turn", lambda lock: None)  # in every thread
    admin, village, skill = make_user(Role.ADMIN), make_village(), make_skill_type()
    start, failed = Barrier(6), []

    def register(place):
        try:
            start.wait(timeout=10)
            register_volunteer(
                someone(
                    name=f"义{'甲乙丙丁戊己'[place]}",
                    village=village,
                    phone=f"1381234000{place}",
                    birth_date=date(1980, 1, 1 + place),
                    primary_skill=skill,
                ),
                by=admin,
            )
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=register, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(failed) == 0) == is_locked
    assert Volunteer.objects.count() == 6 - len(failed)


# --- changing ----------------------------------------------------------------------------------------


def test_edit_changes_what_was_given_and_nothing_else(admin):
    volunteer = make_volunteer(unit="镇政府")

    edit_volunteer(volunteer.pk, {"name": "曾国", "status": "left", "number": "9"}, version=0, by=admin)

    changed = Volunteer.objects.get(pk=volunteer.pk)
    assert (changed.name, changed.name_initials, changed.unit) == ("曾国", "zg", "镇政府")
    assert (changed.status, changed.number, changed.version) == (Status.ACTIVE, volunteer.number, 1)


def test_edit_of_an_old_version_is_refused(admin):
    volunteer = make_volunteer()
    edit_volunteer(volunteer.pk, {"unit": "学校"}, version=0, by=admin)

    with pytest.raises(SavedMeanwhile):
        edit_volunteer(volunteer.pk, {"unit": "医院"}, version=0, by=admin)

    assert Volunteer.objects.get(pk=volunteer.pk).unit == "学校"


def test_edit_keeps_a_skill_type_that_was_retired_since(admin):
    volunteer = make_volunteer(primary_skill=make_skill_type(is_retired=True))

    edit_volunteer(volunteer.pk, {"unit": "学校"}, version=0, by=admin)

    assert Volunteer.objects.get(pk=volunteer.pk).unit == "学校"


def test_account_is_a_leaders_or_a_reviewers_of_the_township(admin):
    volunteer = make_volunteer()
    refused = [make_user(Role.TOWNSHIP_STAFF, township=volunteer.township), make_user(Role.ADMIN)]
    refused += [make_user(Role.TEAM_LEADER), make_user(Role.REVIEWER, township=make_village().township)]
    for account in refused:
        assert refused_field(lambda account=account: given(volunteer, account, admin)) == "user"

    taken = [make_user(Role.TEAM_LEADER, township=volunteer.township), make_user(Role.REVIEWER)]
    for account in taken:
        given(volunteer, account, admin)
        assert Volunteer.objects.get(pk=volunteer.pk).user == account


def given(volunteer, account, by):
    version = Volunteer.objects.get(pk=volunteer.pk).version
    edit_volunteer(volunteer.pk, {"user": account}, version=version, by=by)


def test_volunteer_does_not_take_the_account_to_another_township(admin):
    volunteer = make_volunteer()
    given(volunteer, make_user(Role.TEAM_LEADER, township=volunteer.township), admin)
    village = make_village()
    moved = {"village": village, "township": village.township}

    assert refused_field(lambda: edit_volunteer(volunteer.pk, moved, version=1, by=admin)) == "user"
    edit_volunteer(volunteer.pk, moved | {"user": None}, version=1, by=admin)


def test_account_of_another_township_sees_no_team_whatever_it_leads(db):
    team = make_team()
    account = make_user(Role.TEAM_LEADER)
    Volunteer.objects.filter(memberships__team=team, memberships__role="leader").update(user=account)

    assert not Volunteer.objects.visible_to(account).exists()
    assert not Team.objects.visible_to(account).exists()


# --- the status -----------------------------------------------------------------------------------------

ACTS = {
    "suspend": lambda volunteer, by: suspend(volunteer, reason="生病", by=by),
    "reinstate": lambda volunteer, by: reinstate(volunteer, by=by),
    "leave": lambda volunteer, by: leave(volunteer, reason="搬走", by=by),
    "approve": lambda volunteer, by: approve(volunteer, by=by),
    "reject": lambda volunteer, by: reject(volunteer, reason="未转正", by=by),
}
REACHED = {
    ("applied", "approve"): "active",
    ("applied", "reject"): "rejected",
    ("active", "suspend"): "suspended",
    ("active", "leave"): "left",
    ("suspended", "reinstate"): "active",
    ("suspended", "leave"): "left",
    ("left", "reinstate"): "active",
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("start", Status.values)
def test_every_step_from_every_status(admin, start, act):
    left_on = date(2024, 1, 1) if start == "left" else None
    volunteer = make_volunteer(status=start, left_on=left_on)
    reached = REACHED.get((start, act))

    if reached is None:
        with pytest.raises(RuleBroken):
            ACTS[act](volunteer, admin)
    else:
        ACTS[act](volunteer, admin)

    volunteer.refresh_from_db()
    assert volunteer.status == (reached or start)
    assert (volunteer.left_on is not None) == (volunteer.status == "left")


def test_steps_ask_for_a_reason(admin):
    volunteer = make_volunteer()

    assert refused_field(lambda: suspend(volunteer, reason=" ", by=admin)) == "reason"
    assert refused_field(lambda: leave(volunteer, reason="", by=admin)) == "reason"


def test_leaving_is_neither_in_the_future_nor_before_joining(admin):
    volunteer = make_volunteer(joined_on=date(2021, 1, 1))
    tomorrow = timezone.localdate() + timedelta(days=1)

    assert refused_field(lambda: leave(volunteer, on=tomorrow, reason="搬走", by=admin)) == "on"
    assert refused_field(lambda: leave(volunteer, on=date(2020, 12, 31), reason="搬走", by=admin)) == "on"


def test_who_looks_at_a_phone_is_recorded(admin):
    volunteer = make_volunteer(phone="13812341234")

    assert show_phone(volunteer, by=admin) == "13812341234"

    entry = AuditEntry.objects.get(event="show_phone")
    assert (entry.actor, entry.object_id, entry.action) == (admin, volunteer.pk, AuditEntry.Action.ACCESS)
