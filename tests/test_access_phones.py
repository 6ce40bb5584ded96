"""No page tells a phone number to roles that may not see it, and to the others only the one that records the look."""

from itertools import chain

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import ROLES_WITH, Right
from services.models import HelpRequest
from tests.access_table import ROWS
from tests.access_world import PEOPLE, make_world
from tests.test_access_admin import addresses
from tests.test_access_matrix import address_of
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db
MUST_NOT_SEE = ("staff_elsewhere", "reviewer", "reviewer_elsewhere", "city_reviewer", "auditor")


@pytest.fixture
def world():
    return make_world()


def client_for(world, person):
    client = Client()
    client.force_login(world.people[person], backend="django.contrib.auth.backends.ModelBackend")
    return client


def told_by(response):
    """Return the numbers, whole, that an answer holds."""
    body = b"".join(response) if response.streaming else response.content
    phones = [model.objects.exclude(phone="").values_list("phone", flat=True) for model in (Volunteer, HelpRequest)]
    return {phone for phone in chain(*phones) if phone.encode() in body}


def test_people_who_must_not_see_phones_are_those_without_the_right(world):
    without = {person for person in PEOPLE if world.people[person].role not in ROLES_WITH[Right.SEE_PHONES]}

    assert without == {*MUST_NOT_SEE} - {"staff_elsewhere"}  # who may see those of another township


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_page_tells_a_phone(row, world):
    address = address_of(row, world)
    told = {}
    for person in PEOPLE:
        client = client_for(world, person)
        for method in ("GET", "POST"):
            if method == "GET" or person in MUST_NOT_SEE:
                told[person, method] = told_by(client.generic(method, address))

    assert {asked: phones for asked, phones in told.items() if phones} == {}


@pytest.mark.parametrize(
    ("button", "record"), [("volunteers:show_phone", "volunteer"), ("services:request_phone", "request")]
)
def test_the_button_tells_the_phone_to_those_who_may_see_it(world, button, record):
    asked = getattr(world, record)

    response = client_for(world, "staff").post(reverse(button, args=[asked.pk]))

    assert told_by(response) == {asked.phone}
    assert AuditEntry.objects.filter(event="show_phone", object_id=asked.pk, actor=world.people["staff"]).count() == 1


@pytest.mark.parametrize("person", ["admin", "auditor"])
@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str), ids=lambda model: model._meta.label)
def test_no_admin_page_tells_a_phone(model, person, world):
    client = client_for(world, person)
    told = {page: told_by(client.get(address)) for page, address in addresses(model).items()}

    assert {page: phones for page, phones in told.items() if phones} == {}


def changelist(client, **query):
    return client.get(reverse("admin:volunteers_volunteer_changelist"), query)


@pytest.mark.parametrize(
    ("changelist", "lookup"),
    [
        ("grids_membership", "volunteer__phone__startswith"),
        ("accounts_user", "volunteer__phone__startswith"),
        ("volunteers_skilltype", "volunteers__phone__startswith"),
        ("services_helprequest", "phone__startswith"),
        ("services_objection", "contact__startswith"),
        ("services_objection", "key__gte"),
        ("services_servicelog", "request__phone__startswith"),
        ("volunteers_volunteer", "user__password__startswith"),
    ],
)
def test_no_other_admin_list_is_filtered_by_it_either(changelist, lookup, world):
    client = client_for(world, "auditor")

    assert client.get(reverse(f"admin:{changelist}_changelist"), {lookup: "1"}).status_code == 400


@pytest.mark.parametrize("person", ["admin", "auditor"])
@pytest.mark.parametrize("lookup", ["phone", "phone__startswith", "id_number_hash__startswith", "id_number_encrypted"])
def test_the_admin_list_is_not_filtered_by_what_it_hides(lookup, person, world):
    assert changelist(client_for(world, person), **{lookup: "1"}).status_code == 400


def test_the_admin_list_is_searched_by_phone_by_those_who_may_see_it(world):
    found = {
        person: changelist(client_for(world, person), q=world.volunteer.phone).context["cl"].result_count
        for person in ("admin", "auditor")
    }

    assert found == {"admin": 1, "auditor": 0}


@pytest.mark.parametrize(
    ("person", "digits", "is_found"),
    [
        ("staff", 4, True),
        ("reviewer", 4, True),
        ("staff", 11, True),
        ("leader", 11, True),
        ("admin", 11, True),
        ("reviewer", 11, False),
        ("auditor", 11, False),
        ("staff", 5, False),
        ("staff", 10, False),
        ("reviewer", 8, False),
    ],
)
def test_the_list_is_searched_by_four_digits_or_by_those_who_may_see_all(world, person, digits, is_found):
    Volunteer.objects.filter(pk=world.volunteer.pk).update(phone="13998765432", number="7100000")

    page = client_for(world, person).get(reverse("volunteers:list"), {"q": "13998765432"[-digits:]})

    assert (world.volunteer.name in page.content.decode()) is is_found


@pytest.mark.parametrize("address", ["volunteers:edit", "admin:volunteers_volunteer_change"])
def test_the_form_of_a_record_keeps_the_phone_without_showing_it(world, address):
    volunteer, client = world.volunteer, client_for(world, "admin")

    form = client.get(reverse(address, args=[volunteer.pk])).content.decode()

    assert volunteer.phone not in form
    assert volunteer.masked_phone in form
    assert not AuditEntry.objects.filter(event="show_phone").exists()
