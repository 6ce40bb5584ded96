"""Qualifications: added, renewed, withdrawn; which run out; who reads what of them."""

from datetime import date

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from services.domain.home import tasks_of
from tests.factories import make_membership, make_qualification, make_team, make_user, make_volunteer
from tests.races import in_parallel
from volunteers.domain.qualification import add_qualification, renew_qualification, withdraw_qualification
from volunteers.domain.volunteer import leave
from volunteers.models import Qualification
from volunteers.models.qualification import NEVER

LIST = reverse("volunteers:qualification_list")
TYPED = {
    "kind": "legal",
    "title": "法律职业资格证书",
    "number": "A20193303820123",
    "issuer": "司法部",
    "issued_on": "2019年3月1日",
    "expires_on": "",
}


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel("2026-07-08T04:00:00Z", tick=False):
        yield


@pytest.fixture
def volunteer(db):
    return make_volunteer()


@pytest.fixture
def staff(client_of, volunteer):
    return client_of(Role.TOWNSHIP_STAFF, township=volunteer.township)


def found(client, **query):
    return [row["name"] for row in client.get(LIST, query).context["page"].rows]


def test_staff_add_one_and_the_dossier_shows_it(staff, volunteer):
    response = staff.post(reverse("volunteers:qualification_add", args=[volunteer.pk]), TYPED)

    assert response.url == f"{volunteer.get_absolute_url()}#qualifications"
    added = Qualification.objects.get()
    assert (added.issued_on, added.expires_on, added.has_end) == (date(2019, 3, 1), NEVER, False)
    page = staff.get(volunteer.get_absolute_url()).content.decode()
    assert "法律职业资格证书" in page
    assert "A20193303820123" in page
    assert "without an end" in page


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"issued_on": "2026-07-09"}, "issued_on", "lies in the future"),
        ({"issued_on": "1979-07-09"}, "issued_on", "before the volunteer was born"),
        ({"expires_on": "2019-03-01"}, "expires_on", "after the day of issue"),
        ({"kind": "magic"}, "kind", "Select a valid choice"),
        ({"title": ""}, "title", "required"),
        ({"title": "长" * 61}, "title", "at most 60"),
        ({"issued_on": "yesterday"}, "issued_on", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(staff, volunteer, changes, field, said):
    response = staff.post(reverse("volunteers:qualification_add", args=[volunteer.pk]), TYPED | changes)

    assert response.status_code == 422
    assert said in str(response.context["form"].errors[field])
    assert not Qualification.objects.exists()


def test_the_same_certificate_is_not_there_twice(staff, volunteer):
    address = reverse("volunteers:qualification_add", args=[volunteer.pk])
    staff.post(address, TYPED)
    response = staff.post(address, TYPED)
    assert "on record already" in str(response.context["form"].errors["number"])
    assert Qualification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_it_is_there_once():
    volunteer, by = make_volunteer(), make_user(Role.ADMIN)

    def add():
        return add_qualification(volunteer, kind="legal", title="证书", issued_on=date(2019, 3, 1), by=by)

    answers = in_parallel(add, add, add)
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 2
    assert Qualification.objects.count() == 1


def test_renewing_keeps_the_old_one_beside_the_new(staff, volunteer):
    old = make_qualification(volunteer, expires_on=date(2026, 8, 1))
    response = staff.post(
        reverse("volunteers:qualification_renew", args=[old.pk]),
        {"version": old.version, "number": "", "issued_on": "2026-07-01", "expires_on": "2031-07-01"},
    )

    assert response.status_code == 302
    old.refresh_from_db()
    assert old.state == "renewed"
    new = old.renewed_by
    assert (new.number, new.title, new.state, new.expires_on) == (old.number, old.title, "standing", date(2031, 7, 1))


@pytest.mark.parametrize("until", ["2026-08-01", "2026-07-31"])
def test_a_renewal_lasts_longer(volunteer, until):
    old = make_qualification(volunteer, expires_on=date(2026, 8, 1))
    with pytest.raises(RuleBroken, match="valid longer") as refused:
        renew_qualification(
            old, issued_on=date(2026, 7, 1), expires_on=date.fromisoformat(until), by=make_user(Role.ADMIN)
        )
    assert refused.value.field == "expires_on"
    old.refresh_from_db()
    assert old.state == "standing"


def test_withdrawing_needs_a_reason_and_is_done_once(staff, volunteer):
    old = make_qualification(volunteer)
    address = reverse("volunteers:qualification_withdraw", args=[old.pk])
    assert staff.post(address, {"version": old.version, "reason": " "}).status_code == 422
    assert staff.post(address, {"version": old.version, "reason": "录入有误"}).status_code == 302
    old.refresh_from_db()
    response = staff.post(address, {"version": old.version, "reason": "再来一次"})

    assert "nothing left to do with it" in response.content.decode()
    assert (old.state, old.withdrawn_reason) == ("withdrawn", "录入有误")
    with pytest.raises(RuleBroken, match="nothing left"):
        renew_qualification(old, issued_on=date(2026, 7, 1), by=make_user(Role.ADMIN))


def test_of_two_who_withdraw_one_is_told(volunteer):
    old = make_qualification(volunteer)
    withdraw_qualification(old, reason="录入有误", version=0, by=make_user(Role.ADMIN))
    with pytest.raises(RuleBroken, match="Someone else saved"):
        withdraw_qualification(old, reason="录入有误", version=0, by=make_user(Role.ADMIN))


def test_the_list_says_what_runs_out_and_what_has(staff, volunteer):
    township = volunteer.township
    for name, until, state in (
        ("甲", date(2026, 7, 7), "expired"),
        ("乙", date(2026, 7, 8), "expiring"),
        ("丙", date(2026, 9, 6), "expiring"),
        ("丁", date(2026, 9, 7), "valid"),
        ("戊", NEVER, "valid"),
    ):
        make_qualification(make_volunteer(name=name, village=volunteer.village, township=township), expires_on=until)
        assert name in found(staff, state=state)

    assert found(staff) == ["甲", "乙", "丙", "丁", "戊"]
    assert found(staff, state="expired") == ["甲"]
    assert found(staff, state="expiring") == ["乙", "丙"]
    assert found(staff, state="valid") == ["乙", "丙", "丁", "戊"]


def test_what_runs_out_of_those_who_left_waits_for_nobody(staff, volunteer):
    make_qualification(volunteer, expires_on=date(2026, 7, 20))
    assert found(staff, state="expiring") == [volunteer.name]
    leave(volunteer, reason="搬家", by=make_user(Role.ADMIN))
    assert found(staff, state="expiring") == []
    assert found(staff) == [volunteer.name]


def test_the_list_finds_by_person_and_field(staff, volunteer):
    make_qualification(volunteer)
    assert found(staff, q=volunteer.name, kind="medical") == [volunteer.name]
    assert found(staff, kind="legal") == []
    assert found(staff, q="没有人") == []


def test_another_township_reads_none(client_of, volunteer):
    qualification = make_qualification(volunteer)
    elsewhere = client_of(Role.TOWNSHIP_STAFF)
    assert found(elsewhere) == []
    for name in ("renew", "withdraw"):
        assert elsewhere.get(reverse(f"volunteers:qualification_{name}", args=[qualification.pk])).status_code == 404


def test_reviewers_read_the_end_of_the_number_only(client_of, volunteer):
    qualification = make_qualification(volunteer, number="202033038212345678")
    page = client_of(Role.REVIEWER, township=volunteer.township).get(volunteer.get_absolute_url()).content.decode()
    assert "****5678" in page
    assert qualification.number not in page


def test_leaders_read_those_of_their_members(db, client_of):
    team = make_team(members=0)
    leader, member, other = (make_volunteer(village=team.grid.village) for _person in range(3))
    make_membership(team, leader, role="leader")
    make_membership(team, member)
    client = client_of(Role.TEAM_LEADER, township=team.township)
    leader.user = client.user
    leader.save()
    for person in (member, other):
        make_qualification(person)
    assert found(client) == [member.name]


def test_the_trail_says_that_there_is_a_number_not_which(staff, volunteer):
    staff.post(reverse("volunteers:qualification_add", args=[volunteer.pk]), TYPED)
    entry = AuditEntry.objects.get(event="add_qualification")
    assert TYPED["number"] not in str(entry.changes)
    assert entry.changes["number"][1] == "****"


@pytest.mark.parametrize(
    "changes", [{"state": "withdrawn"}, {"expires_on": date(2019, 1, 1)}, {"kind": "magic"}, {"title": "长" * 61}]
)
def test_the_database_holds_the_rules(volunteer, changes):
    qualification = make_qualification(volunteer)
    with pytest.raises(DatabaseError), transaction.atomic():
        Qualification.objects.filter(pk=qualification.pk).update(**changes)


@pytest.mark.parametrize("count", [3, 60])
def test_the_list_asks_as_often_for_three_as_for_sixty(staff, volunteer, count, django_assert_max_num_queries):
    by = make_user(Role.ADMIN)
    for _number in range(count):
        make_qualification(volunteer, by=by)
    with django_assert_max_num_queries(12):
        assert staff.get(LIST).status_code == 200


def test_the_office_finds_what_runs_out_on_its_home_page(staff, volunteer):
    make_qualification(volunteer, expires_on=date(2026, 7, 20))
    make_qualification(volunteer, title="旧证", expires_on=date(2026, 7, 1))
    waiting = {task.text: (task.count, task.url) for task in tasks_of(staff.user, date(2026, 7, 8))}
    assert waiting["qualifications that run out soon"] == (1, f"{LIST}?state=expiring")
    assert waiting["qualifications that have expired"] == (1, f"{LIST}?state=expired")
