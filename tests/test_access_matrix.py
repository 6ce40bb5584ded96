"""Every URL × every role and visitors: who gets in, who learns nothing, and that being refused changes nothing."""

import io
import re
import zipfile

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access_table import ROWS, Row
from tests.access_world import CANARY, PEOPLE, World
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db
each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODYS_PK = 999_999_999


def names_of(resolver: URLResolver, namespace: str = "") -> list[str]:
    """List the names of all URLs below ``resolver``; an unnamed one shows as its route."""
    names = []
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            names.append(namespace + (pattern.name or f"unnamed {pattern.pattern}"))
        elif pattern.namespace != "admin":
            names += names_of(pattern, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""))
    return names


def client_for(world: World, person: str) -> Client:
    client = Client()
    if person != "anonymous":
        client.force_login(world.people[person], backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(client: Client, method: str, row: Row, world: World, pk: int | None = None) -> HttpResponse:
    return client.generic(method, address_of(row, world, pk))


def address_of(row: Row, world: World, pk: int | None = None) -> str:
    record = getattr(world, row.pk) if row.pk else None
    return reverse(row.name, args=[pk or record.pk, *getattr(record, "more", ())] if record else [])


def expected(row: Row, person: str, method: str) -> int:
    if person == "anonymous":
        return row.anonymous if method == "GET" else row.anonymous_post
    if person in row.may.split() and not row.lets(person, method):
        return 403
    if person in row.may.split():
        return row.get if method == "GET" else row.post
    return 404 if person in row.unseen.split() else 403


def test_every_url_has_its_row():
    assert sorted({row.name for row in ROWS}) == sorted(names_of(get_resolver()))


@each_row
def test_people_in_a_row_exist(row):
    named = (row.may + " " + row.unseen).split()

    assert set(named) <= set(PEOPLE)
    assert len(named) == len(set(named))


@each_row
def test_status_for_everybody(row, world):
    statuses, due = {}, {}
    for method in row.methods.split():
        for person in ("anonymous", *PEOPLE):
            with transaction.atomic():
                key = f"{method} {person}"
                statuses[key] = ask(client_for(world, person), method, row, world).status_code
                due[key] = expected(row, person, method)
                transaction.set_rollback(True)

    assert statuses == due


@each_row
def test_other_methods_are_refused(row, world):
    client = client_for(world, row.may.split()[0])
    statuses = {method: ask(client, method, row, world).status_code for method in METHODS if not row.takes(method)}

    assert statuses == dict.fromkeys(statuses, 405)


@each_row
def test_get_writes_nothing(row, world):
    clients = {person: client_for(world, person) for person in ("anonymous", *PEOPLE)}
    before = fingerprint()
    for client in clients.values():
        ask(client, "GET", row, world)

    assert fingerprint() == before


@each_row
def test_refused_changes_leave_the_database_as_it_was(row, world):
    refused = {person: client_for(world, person) for person in PEOPLE if not row.lets(person, "POST")}
    if row.anonymous == row.anonymous_post == 302:
        refused["anonymous"] = client_for(world, "anonymous")
    before = fingerprint()
    for method in METHODS[1:]:
        for client in refused.values():
            ask(client, method, row, world)

    assert fingerprint() == before


@pytest.mark.parametrize("row", [row for row in ROWS if row.unseen], ids=lambda row: row.name)
def test_foreign_and_missing_records_look_the_same(row, world):
    for person in row.unseen.split():
        client = client_for(world, person)
        for method in row.methods.split():
            foreign = ask(client, method, row, world)
            missing = ask(client, method, row, world, NOBODYS_PK)

            assert without_token(foreign) == without_token(missing)
            assert CANARY not in foreign.content.decode().replace(own_township(world, person), "")


def own_township(world: World, person: str) -> str:
    """Return the name that the page's head tells people of themselves."""
    township = world.people[person].township
    return township.name if township else ""


def without_token(response: HttpResponse) -> tuple[int, dict[str, str], str]:
    """Return what a person sees of an answer: all but the random token and the address they asked for themselves."""
    body = re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*', r"\1", response.content.decode())
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return response.status_code, headers, body.replace(response.wsgi_request.path, "ADDRESS")


def words_of(response: HttpResponse) -> str:
    """Return what an answer says; workbooks are unzipped."""
    if not response.content.startswith(b"PK"):
        return response.content.decode()
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.parametrize("row", [row for row in ROWS if not row.is_published], ids=lambda row: row.name)
def test_nothing_of_a_township_shows_elsewhere(row, world):
    for person in ("staff_elsewhere", "reviewer_elsewhere"):
        response = ask(client_for(world, person), "GET", row, world)

        assert CANARY not in words_of(response)
