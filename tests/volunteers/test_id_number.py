"""ID numbers: off by default; with a key checked, encrypted and found again."""

from datetime import date

import pytest
from cryptography.fernet import Fernet
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import make_user, make_volunteer
from volunteers.domain.volunteer import edit_volunteer
from volunteers.id_number import check_digit, clean_id_number, decrypted

BORN = date(1949, 12, 31)
NUMBER = "11010519491231002X"  # the example of GB 11643-1999


def test_check_digit_is_the_standards():
    assert check_digit(NUMBER[:17]) == "X"


@pytest.mark.parametrize("typed", [NUMBER, " 110105 19491231 002x ", "１１０１０５１９４９１２３１００２Ｘ"])
def test_clean_id_number_takes_what_people_type(typed):
    assert clean_id_number(typed, BORN) == NUMBER


@pytest.mark.parametrize(
    ("typed", "born"),
    [("110105194912310021", BORN), (NUMBER, date(1950, 1, 1)), ("3.30E+17", BORN), ("", BORN), ("٠" * 18, BORN)],
)
def test_clean_id_number_refuses_what_is_mistyped(typed, born):
    with pytest.raises(RuleBroken) as refused:
        clean_id_number(typed, born)

    assert refused.value.field == "id_number"


def save_with_number(volunteer, number=NUMBER):
    edit_volunteer(volunteer.pk, {"id_number": number}, version=volunteer.version, by=make_user(Role.ADMIN))
    volunteer.refresh_from_db()


def test_id_number_is_refused_where_it_is_not_switched_on(db):
    with pytest.raises(RuleBroken):
        save_with_number(make_volunteer(birth_date=BORN, joined_on=date(2020, 1, 1)))


def test_id_number_is_stored_encrypted_and_once(db, settings):
    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    one, two = make_volunteer(birth_date=BORN), make_volunteer(birth_date=BORN)

    save_with_number(one)

    assert NUMBER.encode() not in bytes(one.id_number_encrypted)
    assert decrypted(one.id_number_encrypted) == NUMBER
    with pytest.raises(RuleBroken, match="registered already") as refused:
        save_with_number(two)
    assert refused.value.field == "id_number"


# --- looking at one ---------------------------------------------------------------------------------


@pytest.fixture
def with_number(db, settings):
    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    volunteer = make_volunteer(birth_date=BORN)
    save_with_number(volunteer)
    return volunteer


def shown(client, volunteer, **extra):
    return client.post(reverse("volunteers:show_id_number", args=[volunteer.pk]), **extra)


@pytest.mark.parametrize("headers", [{}, {"headers": {"HX-Request": "true"}}])
def test_staff_see_it_on_request_and_the_look_is_recorded(with_number, client_of, headers):
    staff = client_of(Role.TOWNSHIP_STAFF, township=with_number.township)
    page = staff.get(with_number.get_absolute_url()).content.decode()
    assert "1****************X" in page
    assert NUMBER not in page

    assert NUMBER in shown(staff, with_number, **headers).content.decode()
    entry = AuditEntry.objects.get(event="show_id_number")
    assert (entry.actor, entry.object_id) == (staff.user, with_number.pk)
    assert NUMBER not in str(entry.changes)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_others_see_not_even_that_there_is_one(with_number, client_of, role):
    client = client_of(role)
    page = client.get(with_number.get_absolute_url()).content.decode()
    assert "ID number" not in page
    assert "1****************X" not in page
    assert shown(client, with_number).status_code == 403
    assert not AuditEntry.objects.filter(event="show_id_number").exists()


def test_where_they_are_off_nothing_is_asked_or_shown(client_of, db):
    volunteer = make_volunteer()
    client = client_of(Role.ADMIN)
    assert "ID number" not in client.get(volunteer.get_absolute_url()).content.decode()
    assert shown(client, volunteer).status_code == 200
    assert not AuditEntry.objects.filter(event="show_id_number").exists()


def test_one_kept_with_another_key_is_not_there(with_number, client_of, settings):
    settings.ID_NUMBER_KEY = Fernet.generate_key().decode()
    client = client_of(Role.ADMIN)
    assert client.get(with_number.get_absolute_url()).status_code == 200
    assert NUMBER not in shown(client, with_number).content.decode()
