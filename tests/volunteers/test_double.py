"""Who may be on record twice: found before the record is made, listed afterwards, told apart for good."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.rights import Role
from tests.factories import make_user, make_village, make_volunteer
from tests.volunteers.test_volunteer import someone
from volunteers.domain.double import likely_doubles, matches_of, tell_apart
from volunteers.domain.volunteer import register_volunteer
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
BORN = date(1985, 3, 7)


@pytest.fixture
def village():
    return make_village()


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


def pairs(user, **options):
    return [(first.pk, second.pk) for first, second in likely_doubles(user, **options)]


def test_pairs_are_of_one_name_and_phone_or_birth_date(village, admin):
    one = make_volunteer(name="单小明", birth_date=BORN, phone="13812341234", village=village)
    same_day = make_volunteer(name="单小明", birth_date=BORN, phone="13900000000", village=village)
    same_phone = make_volunteer(name="单小明", birth_date=date(1990, 1, 1), phone="13812341234", village=village)
    make_volunteer(name="单小明", birth_date=date(1991, 1, 1), phone="13900000001", village=village)
    make_volunteer(name="仇英", birth_date=BORN, phone="13812341234", village=village)
    make_volunteer(name="单小明", birth_date=BORN, status="rejected", village=village)

    assert pairs(admin) == [(one.pk, same_day.pk), (one.pk, same_phone.pk)]


def test_a_township_sees_the_pairs_within_it(village, admin):
    elsewhere = make_village()
    one = make_volunteer(name="单小明", birth_date=BORN, village=village)
    two = make_volunteer(name="单小明", birth_date=BORN, village=village)
    far = make_volunteer(name="单小明", birth_date=BORN, village=elsewhere)
    staff = make_user(Role.TOWNSHIP_STAFF, township=village.township)

    assert pairs(staff) == [(one.pk, two.pk)]
    assert pairs(make_user(Role.TOWNSHIP_STAFF, township=elsewhere.township)) == []
    assert pairs(admin, township=elsewhere.township_id) == [(one.pk, far.pk), (two.pk, far.pk)]
    assert pairs(admin, most=1) == [(one.pk, two.pk)]


def test_who_is_told_apart_is_asked_about_no_more(village, admin):
    one = make_volunteer(name="单小明", birth_date=BORN, village=village)
    two = make_volunteer(name="单小明", birth_date=BORN, village=village)

    tell_apart(two, one, by=admin)
    tell_apart(one, two, by=admin)

    assert pairs(admin) == []
    assert matches_of(one, besides=one.pk) == []


def test_the_list_shows_pairs_and_tells_them_apart(village, client_of):
    client = client_of(Role.TOWNSHIP_STAFF, township=village.township)
    one = make_volunteer(name="单小明", birth_date=BORN, phone="13812341234", village=village)
    two = make_volunteer(name="单小明", birth_date=BORN, village=village)
    far = make_volunteer(name="单小明", birth_date=BORN, number="0099999")
    page = client.get(reverse("volunteers:double_list")).content.decode()

    assert (one.number in page, two.number in page, far.number in page) == (True, True, False)
    assert "13812341234" not in page
    address = reverse("volunteers:tell_apart", args=[one.pk])
    client.post(address, {"other": far.pk})
    assert len(likely_doubles(client.user)) == 1
    client.post(address, {"other": two.pk})
    assert likely_doubles(client.user) == []
    for other in ("", "x", "9" * 40, one.pk):
        assert client.post(address, {"other": other}).status_code == 302


@pytest.mark.parametrize("count", [2, 12])
def test_the_list_asks_as_often_for_two_as_for_twelve(village, client_of, count, django_assert_max_num_queries):
    client = client_of(Role.ADMIN)
    for number in range(count):
        for _ in range(2):
            make_volunteer(name=f"单{'甲乙丙丁戊己庚辛壬癸子丑'[number]}", birth_date=BORN, village=village)

    with django_assert_max_num_queries(9):
        client.get(reverse("volunteers:double_list"))


# --- entering and changing ------------------------------------------------------------------------------


def entries(village):
    from volunteers.models import SkillType

    return {
        "name": "单小明",
        "gender": "male",
        "birth_date": "1985-03-07",
        "phone": "13812341234",
        "village": village.pk,
        "primary_skill": SkillType.objects.order_by("pk")[0].pk,
        "unit_kind": "office",
        "joined_on": "2020-01-01",
        "version": "0",
    }


def test_the_form_comes_back_with_whom_it_matches_and_takes_the_word_that_it_is_another(village, client_of):
    client = client_of(Role.TOWNSHIP_STAFF, township=village.township)
    there = make_volunteer(name="单小明", birth_date=BORN, village=village)

    refused = client.post(reverse("volunteers:create"), entries(village))
    assert refused.status_code == 422
    assert there.get_absolute_url() in refused.content.decode()
    saved = client.post(reverse("volunteers:create"), entries(village) | {"is_other_person": "on"})
    assert saved.status_code == 302
    assert likely_doubles(client.user) == []


def test_the_form_names_nobody_of_another_township_and_takes_no_word_about_them(village, client_of):
    client = client_of(Role.TOWNSHIP_STAFF, township=village.township)
    make_volunteer(name="单小明", birth_date=BORN, number="0099999", village=make_village(name="远方村"))

    refused = client.post(reverse("volunteers:create"), entries(village) | {"is_other_person": "on"})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert ("0099999" in page, "远方村" in page) == (False, False)
    assert Volunteer.objects.count() == 1


def test_a_change_that_makes_a_double_is_refused_until_it_is_told_apart(village, client_of):
    client = client_of(Role.ADMIN)
    make_volunteer(name="单小明", birth_date=BORN, village=village)
    other = make_volunteer(name="单晓明", birth_date=BORN, village=village)
    address = reverse("volunteers:edit", args=[other.pk])

    assert client.post(address, entries(village) | {"phone": ""}).status_code == 422
    assert client.post(address, entries(village) | {"phone": "", "is_other_person": "on"}).status_code == 302
    assert Volunteer.objects.get(pk=other.pk).name == "单小明"


def test_an_id_number_is_certain(village, admin, settings):
    from cryptography.fernet import Fernet

    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    number = "11010519491231002X"
    born = date(1949, 12, 31)
    register_volunteer(someone(name="单小明", birth_date=born), id_number=number, by=admin)

    from volunteers.domain.double import Double

    with pytest.raises(Double) as refused:
        register_volunteer(
            someone(name="仇英", birth_date=born, phone="13900000000"), id_number=number, is_other_person=True, by=admin
        )
    assert refused.value.field == "id_number"
