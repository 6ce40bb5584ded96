"""What a township does with its own volunteers: enter, change, let pause; an administrator admits whom it enters."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import make_user, make_village, make_volunteer
from tests.volunteers.test_volunteer import someone
from volunteers.domain.volunteer import approve, edit_volunteer, endorse, register_volunteer
from volunteers.models import SkillType, Volunteer


@pytest.fixture
def village(db):
    return make_village()


@pytest.fixture
def staff(village):
    return make_user(Role.TOWNSHIP_STAFF, township=village.township)


def test_whom_a_township_enters_has_applied_with_its_endorsement(village, staff):
    volunteer = register_volunteer(someone(village=village), by=staff)

    volunteer.refresh_from_db()
    assert (volunteer.status, volunteer.number) == ("applied", "0000001")
    assert (volunteer.endorsed_on, volunteer.endorsed_by) == (timezone.localdate(), staff)


def test_whom_an_administrator_enters_serves_at_once(village):
    volunteer = register_volunteer(someone(village=village), by=make_user(Role.ADMIN))

    assert (volunteer.status, volunteer.endorsed_on, volunteer.endorsed_by) == ("active", None, None)


def test_a_township_enters_nobody_of_another_one(staff):
    with pytest.raises(RuleBroken) as refused:
        register_volunteer(someone(), by=staff)

    assert refused.value.field == "village"
    assert not Volunteer.objects.exists()


def test_a_township_neither_changes_another_ones_volunteer_nor_sends_one_over(village, staff):
    own, foreign, elsewhere = make_volunteer(village=village), make_volunteer(), make_village()

    with pytest.raises(RuleBroken):
        edit_volunteer(foreign.pk, {"unit": "镇政府"}, version=0, by=staff)
    with pytest.raises(RuleBroken):
        edit_volunteer(own.pk, {"village": elsewhere, "township": elsewhere.township}, version=0, by=staff)

    assert not Volunteer.objects.filter(unit="镇政府").exists()
    assert Volunteer.objects.get(pk=own.pk).township == village.township


def test_nobody_is_admitted_before_the_township_endorsed_them(village, staff):
    admin = make_user(Role.ADMIN)
    volunteer = make_volunteer(village=village, status="applied", endorsed_on=None)

    with pytest.raises(RuleBroken):
        approve(volunteer, by=admin)
    assert endorse(volunteer, by=staff).endorsed_by == staff
    volunteer.refresh_from_db()
    assert approve(volunteer, by=admin).status == "active"


@pytest.mark.parametrize("status", ["active", "suspended", "left", "rejected", "applied"])
def test_only_an_applicant_without_the_townships_word_is_endorsed(staff, status):
    volunteer = make_volunteer(status=status, left_on=timezone.localdate() if status == "left" else None)

    with pytest.raises(RuleBroken):
        endorse(volunteer, by=staff)


# --- the pages ---------------------------------------------------------------------------------------


def values_for(village):
    return {
        "name": "单小明",
        "gender": "male",
        "birth_date": "1980-05-06",
        "phone": "13812341234",
        "village": village.pk,
        "primary_skill": SkillType.objects.order_by("pk")[0].pk,
        "unit_kind": "office",
        "joined_on": "2020-01-01",
        "version": "0",
    }


def test_the_form_offers_a_townships_own_villages_and_takes_no_other(village, staff, client_of):
    elsewhere = make_village(name="远方村")
    client, address = client_of(staff), reverse("volunteers:create")

    assert "远方村" not in client.get(address).content.decode()
    refused = client.post(address, values_for(elsewhere))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["village"])
    assert "远方村" not in refused.content.decode()
    assert client.post(address, values_for(village)).status_code == 302
    assert Volunteer.objects.get().status == "applied"


def test_a_township_endorses_on_the_page_and_does_not_admit(village, staff, client_of):
    client = client_of(staff)
    volunteer = make_volunteer(village=village, status="applied", endorsed_on=None)

    client.post(reverse("volunteers:endorse", args=[volunteer.pk]))
    page = client.get(volunteer.get_absolute_url()).content.decode()

    assert reverse("volunteers:approve", args=[volunteer.pk]) not in page
    assert client.post(reverse("volunteers:approve", args=[volunteer.pk])).status_code == 403
    volunteer.refresh_from_db()
    assert (volunteer.status, volunteer.endorsed_by) == ("applied", staff)
