"""Applying without an account: what is taken in, what nobody learns, who decides, and what becomes of it."""

import re
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from common.throttle import Limit
from tests.factories import make_application, make_skill_type, make_text, make_user, make_village, make_volunteer
from volunteers.domain.application import (
    admit,
    apply,
    code_of,
    conditions_of,
    doubles_of,
    endorse_application,
    find_application,
    reject_application,
)
from volunteers.domain.double import Double
from volunteers.domain.text import current_texts
from volunteers.domain.volunteer import approve, reject
from volunteers.models import Apart, Application, Volunteer
from volunteers.views import apply as views

pytestmark = pytest.mark.django_db
KEY = UUID(int=7)


@pytest.fixture
def village():
    return make_village(name="东岸村")


@pytest.fixture
def staff(village):
    return make_user(Role.TOWNSHIP_STAFF, township=village.township)


@pytest.fixture
def values(village):
    make_text("conditions")
    make_text("conduct")
    return {
        "name": "单小明",
        "gender": "male",
        "birth_date": date(1985, 3, 7),
        "phone": "13812341234",
        "village": village,
        "primary_skill": make_skill_type(),
        "speciality": "修水泵",
        "unit": "镇政府",
        "unit_kind": "office",
        "party_branch": "东岸村支部",
        "joined_party_on": date(2010, 7, 1),
        "shows_name": True,
        "shows_phone": False,
    }


def applied(values, key=KEY):
    return apply(values, key=key, texts=current_texts())


# --- taking in ----------------------------------------------------------------------------------------


def test_an_application_is_no_volunteer(values):
    application, code = applied(values)

    assert (application.township, application.state) == (values["village"].township, "waiting")
    assert find_application(code) == application
    assert not Volunteer.objects.exists()
    assert set(application.texts.all()) == set(current_texts())


def test_the_code_is_stored_nowhere_and_read_as_it_is_typed(values):
    application, code = applied(values)

    stored = str(Application.objects.values().get()) + str(AuditEntry.objects.values())
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert "13812341234" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert find_application(f" {code.lower().replace('-', ' ')} ") == application
    assert find_application("") is None
    assert find_application(code_of(uuid4())) is None


def test_the_same_form_sent_twice_is_one_application(values):
    assert applied(values) == applied(values)
    assert Application.objects.count() == 1


def test_the_same_form_with_other_entries_is_refused_and_changes_nothing(values):
    applied(values)

    with pytest.raises(RuleBroken) as refused:
        applied(values | {"phone": "13900000000"})

    assert refused.value.code == "sent"
    assert Application.objects.get().phone == "13812341234"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"birth_date": timezone.localdate() - timedelta(days=17 * 365)}, "birth_date"),
        ({"joined_party_on": date(2002, 3, 7)}, "joined_party_on"),
        ({"joined_party_on": timezone.localdate() + timedelta(days=1)}, "joined_party_on"),
        ({"party_branch": ""}, "party_branch"),
        ({"birth_date": date(1850, 1, 1)}, "birth_date"),
    ],
)
def test_who_misses_a_condition_reads_it_at_the_field(values, changes, field):
    with pytest.raises(RuleBroken) as refused:
        applied(values | changes)

    assert refused.value.field == field
    assert not Application.objects.exists()


def test_texts_that_have_changed_are_read_anew(values):
    with pytest.raises(RuleBroken) as refused:
        apply(values, key=KEY, texts=[])

    assert bool(current_texts()), "the reference texts are there"
    assert refused.value.field == "texts"


# --- the public pages -----------------------------------------------------------------------------------


@pytest.fixture
def entries(values, village):
    texts = [text.pk for text in current_texts()]
    return values | {
        "key": str(KEY),
        "village": village.pk,
        "primary_skill": values["primary_skill"].pk,
        "birth_date": "1985年3月7日",
        "joined_party_on": "2010-07-01",
        "phone": "138 1234 1234",
        "shows_phone": "",
        "texts": texts,
        "accepts": "on",
    }


def address_of(village):
    return reverse("apply:form", args=[village.township.code])


def test_the_page_takes_an_application_and_gives_a_code(entries, village):
    response = Client().post(address_of(village), entries)

    page = response.content.decode()
    assert response.status_code == 200
    assert code_of(KEY) in page
    assert "138****1234" in page
    assert "13812341234" not in page
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_who_is_on_record_gets_the_same_answer(entries, village):
    fresh = Client().post(address_of(village), entries)
    make_volunteer(name="单小明", phone="13812341234", birth_date=date(1985, 3, 7), number="0009999")
    again = Client().post(address_of(village), entries | {"key": str(UUID(int=8))})

    def told(response, key):
        body = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", response.content.decode())
        return response.status_code, body.replace(code_of(key), "CODE")

    assert told(fresh, KEY) == told(again, UUID(int=8))
    assert "0009999" not in again.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "张😀"),
        ("phone", "1381234"),
        ("birth_date", "2023-02-29"),
        ("village", "999999"),
        ("village", "\x00"),
        ("primary_skill", ""),
        ("gender", "x"),
        ("unit_kind", ""),
        ("party_branch", ""),
        ("joined_party_on", ""),
        ("unit", "长" * 61),
        ("key", "rubbish"),
        ("texts", "999999999999999999999999"),
        ("accepts", ""),
        ("website", "http://spam.example"),
    ],
)
def test_the_form_comes_back_filled_with_what_is_wrong(entries, village, field, value):
    response = Client().post(address_of(village), entries | {field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert "修水泵" in response.content.decode()
    assert not Application.objects.exists()


def test_a_village_of_another_township_is_refused(entries, village):
    elsewhere = make_village(name="远方村")

    response = Client().post(address_of(village), entries | {"village": elsewhere.pk})

    assert (response.status_code, list(response.context["form"].errors)) == (422, ["village"])
    assert "远方村" not in response.content.decode()


def test_a_township_that_is_not_there_is_not_found():
    assert Client().get("/apply/000000000/").status_code == 404
    assert Client().get("/apply/33038210/").status_code == 404


def test_who_floods_is_stopped_and_keeps_no_one_else_away(entries, village, monkeypatch):
    monkeypatch.setattr(views, "FROM_ONE_LINE", Limit("application", most=2))
    monkeypatch.setattr(views, "FOR_ONE_TOWNSHIP", Limit("application, one township", most=1))

    def send(number, line="10.0.0.1"):
        sent = entries | {"key": str(UUID(int=100 + number))}
        return Client(REMOTE_ADDR=line).post(address_of(village), sent).status_code

    assert [send(number) for number in range(3)] == [200, 200, 429]
    assert send(3, "10.9.0.1") == 200  # beyond the township's ceiling each line has one more
    assert Application.objects.count() == 3


def test_the_answer_to_a_code_says_how_far_it_is_and_why_not(values, staff):
    application, code = applied(values)
    page = reverse("apply:follow")

    assert "Waits for the township" in Client().post(page, {"code": code}).content.decode()
    reject_application(application, reason="党员关系还没转来", by=staff)
    told = Client().post(page, {"code": code}).content.decode()
    assert "党员关系还没转来" in told
    assert "13812341234" not in told
    assert "单小明" not in told
    assert Client().get(page, {"code": code}).content.decode().count(code) == 0


def test_the_administrators_no_is_told_by_the_code_too(values, staff):
    application, code = applied(values)
    volunteer = endorse_application(application, by=staff)
    page = reverse("apply:follow")

    assert "Endorsed" in Client().post(page, {"code": code}).content.decode()
    reject(volunteer, reason="名额已满", by=make_user(Role.ADMIN))
    assert "名额已满" in Client().post(page, {"code": code}).content.decode()


def test_codes_cannot_be_guessed_for_long(monkeypatch):
    monkeypatch.setattr(views, "WRONG_CODES", Limit("application code", most=2))
    page, wrong = reverse("apply:follow"), {"code": code_of(uuid4())}

    assert [Client().post(page, wrong).status_code for _ in range(3)] == [422, 422, 429]


# --- the township's word --------------------------------------------------------------------------------


def test_endorsing_begins_the_record_with_what_was_entered(values, staff):
    application, _code = applied(values)

    volunteer = endorse_application(application, by=staff)

    volunteer.refresh_from_db()
    assert (volunteer.status, volunteer.number, volunteer.endorsed_by) == ("applied", "0000001", staff)
    assert (volunteer.name_initials, volunteer.speciality, volunteer.shows_name) == ("sxm", "修水泵", True)
    assert {acceptance.text for acceptance in volunteer.acceptances.all()} == set(current_texts())
    assert Application.objects.get().volunteer == volunteer


def test_an_application_is_decided_on_once(staff, village):
    application = make_application(village=village)
    endorse_application(application, by=staff)

    with pytest.raises(RuleBroken):
        endorse_application(application, by=staff)
    with pytest.raises(RuleBroken):
        reject_application(application, reason="重复", by=staff)
    assert Volunteer.objects.count() == 1


def test_rejecting_asks_for_a_reason(staff, village):
    with pytest.raises(RuleBroken) as refused:
        reject_application(make_application(village=village), reason=" ", by=staff)

    assert refused.value.field == "reason"


def test_a_township_does_not_decide_for_another_one(village):
    application = make_application(village=village)

    with pytest.raises(RuleBroken):
        endorse_application(application, by=make_user(Role.TOWNSHIP_STAFF))

    assert Application.objects.get().state == "waiting"
    assert not Volunteer.objects.exists()


@pytest.mark.parametrize("same", [{"phone": "13812341234"}, {"birth_date": date(1985, 3, 7)}])
def test_a_double_is_shown_to_the_township_and_told_apart_by_it(values, staff, village, same):
    there = make_volunteer(name="单小明", village=village, **same)
    application, _code = applied(values)

    assert [match.volunteer for match in doubles_of(application)] == [there]
    with pytest.raises(Double, match=there.number):
        endorse_application(application, by=staff)
    other = endorse_application(application, is_other_person=True, by=staff)

    assert Apart.objects.values_list("first", "second").get() == (there.pk, other.pk)
    assert doubles_of(Application.objects.get()) == []


def test_a_double_elsewhere_is_neither_named_nor_waved_through(values, staff):
    there = make_volunteer(name="单小明", phone="13812341234", number="0009999")
    application, _code = applied(values)

    with pytest.raises(Double) as refused:
        endorse_application(application, is_other_person=True, by=staff)

    assert there.number not in str(refused.value)
    assert endorse_application(application, is_other_person=True, by=make_user(Role.ADMIN)).pk


def test_conditions_are_shown_as_they_stand(village):
    application = make_application(village=village, birth_date=date(2005, 3, 7), joined_party_on=date(2020, 1, 1))

    assert [condition.is_met for condition in conditions_of(application)] == [True, False, True]


def test_the_desk_shows_conditions_and_doubles_and_endorses(values, staff, village, client_of):
    make_volunteer(name="单小明", phone="13812341234", village=village, number="0009999")
    application, _code = applied(values)
    client = client_of(staff)

    assert "0009999" in client.get(application.get_absolute_url()).content.decode()
    endorse = reverse("volunteers:application_endorse", args=[application.pk])
    assert client.post(endorse).status_code == 422
    assert client.post(endorse, {"is_other_person": "on"}).status_code == 302
    assert Volunteer.objects.get(application=application).status == "applied"


def test_the_desk_tells_of_a_record_elsewhere_only_that_it_is_there(values, staff, client_of):
    make_volunteer(name="单小明", phone="13812341234", village=make_village(name="远方村"), number="0009999")
    application, _code = applied(values)

    page = client_of(staff).get(application.get_absolute_url()).content.decode()

    assert "A record of another township" in page
    assert "0009999" not in page
    assert "远方村" not in page


# --- the administrator's word -----------------------------------------------------------------------------


def test_admitted_are_those_whom_the_township_has_endorsed(staff, village):
    admin = make_user(Role.ADMIN)
    endorsed = [make_volunteer(village=village, status="applied") for _ in range(3)]
    others = [
        make_volunteer(village=village, status="applied", endorsed_on=None),
        make_volunteer(village=village, status="rejected"),
        make_volunteer(village=village, status="suspended"),
    ]

    assert admit([one.pk for one in endorsed + others], by=admin) == 3

    assert {Volunteer.objects.get(pk=one.pk).status for one in endorsed} == {"active"}
    assert [Volunteer.objects.get(pk=one.pk).status for one in others] == ["applied", "rejected", "suspended"]
    assert AuditEntry.objects.filter(event="admit", actor=admin).count() == 3


@pytest.mark.parametrize("in_bulk", [True, False])
def test_who_applied_joins_on_the_day_of_admission(values, staff, in_bulk):
    application, _code = applied(values)
    volunteer = endorse_application(application, by=staff)
    Volunteer.objects.filter(pk=volunteer.pk).update(joined_on=date(2026, 1, 1))
    entered = make_volunteer(status="applied", joined_on=date(2015, 5, 1))
    admin = make_user(Role.ADMIN)

    for one in (volunteer, entered):
        one.refresh_from_db()
        if in_bulk:
            admit([one.pk], by=admin)
        else:
            approve(one, by=admin)

    assert Volunteer.objects.get(pk=volunteer.pk).joined_on == timezone.localdate()
    [told] = AuditEntry.objects.filter(
        event__in=("admit", "approve"), object_id=volunteer.pk, changes__has_key="status"
    )
    assert told.changes["joined_on"] == ["2026-01-01", timezone.localdate().isoformat()]
    assert Volunteer.objects.get(pk=entered.pk).joined_on == date(2015, 5, 1)


def test_the_list_of_applicants_admits_those_who_are_ticked(client_of, village):
    admin = client_of(Role.ADMIN)
    chosen, left = make_volunteer(village=village, status="applied"), make_volunteer(village=village, status="applied")
    page = admin.get(reverse("volunteers:list"), {"status": "applied"}).content.decode()

    assert reverse("volunteers:admit") in page
    assert reverse("volunteers:admit") not in admin.get(reverse("volunteers:list")).content.decode()
    admin.post(f"{reverse('volunteers:admit')}?status=applied", {"key": [chosen.pk]})
    assert [Volunteer.objects.get(pk=one.pk).status for one in (chosen, left)] == ["active", "applied"]
    admin.post(f"{reverse('volunteers:admit')}?status=applied", {"all": "on"})
    assert Volunteer.objects.get(pk=left.pk).status == "active"


# --- the poster ----------------------------------------------------------------------------------------


def test_the_poster_leads_to_the_townships_form(staff, village, client_of):
    response = client_of(staff).get(reverse("volunteers:poster"))

    assert f"testserver{address_of(village)}" in response.content.decode()
    assert "<svg" in response.content.decode()
    foreign = client_of(staff).get(reverse("volunteers:poster"), {"township": make_village().township_id})
    assert foreign.status_code == 404
