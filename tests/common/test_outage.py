"""A database that is away or busy: the answer keeps what was typed, and mistakes stay mistakes."""

import re

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError
from django.test import RequestFactory

from accounts.rights import Role
from common.outage import answer_to, is_database_away

TYPED = {
    "content": '下田 <b>"收割"</b>\n第二行',
    "people": ["1", "2"],
    "password1": "secret",
    "csrfmiddlewaretoken": "t",
}


def answer(error, method="post"):
    address = "/logs/new/?team=3"
    request = RequestFactory().post(address, TYPED) if method == "post" else RequestFactory().get(address)
    return answer_to(request, error)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("could not connect to server"), 503),
        (OperationalError("server closed the connection unexpectedly"), 503),
        (OperationalError("unable to open database file"), 503),
        (InterfaceError("connection already closed"), 503),
        (OperationalError("canceling statement due to lock timeout"), 409),
        (OperationalError("database is locked"), 409),
    ],
)
def test_what_trying_again_mends_keeps_the_form(error, status):
    page = answer(error)

    html = page.content.decode()
    assert page.status_code == status
    assert 'action="/logs/new/?team=3"' in html
    assert re.findall(r'<textarea name="(\w+)"', html) == ["content", "people", "people"]
    assert "下田 &lt;b&gt;&quot;收割&quot;&lt;/b&gt;\n第二行</textarea>" in html
    assert "secret" not in html


def test_page_that_was_only_read_offers_to_read_it_again():
    html = answer(OperationalError("could not connect to server"), method="get").content.decode()

    assert "<textarea" not in html
    assert 'href="/logs/new/?team=3"' in html


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("no such table: logs"),
        ProgrammingError("syntax error"),
        ValueError("connect"),
        None,
    ],
)
def test_mistakes_are_not_taken_for_an_outage(error):
    assert answer_to(RequestFactory().get("/"), error) is None


def test_outage_is_told_from_a_missing_column():
    assert not is_database_away(OperationalError("no such column: connected_at"))


# --- pages that are none ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_address_of_a_button_leads_to_the_page_that_has_it(client_of):
    response = client_of(Role.ADMIN).get("/volunteers/7/suspend/")

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert 'href="/volunteers/7/"' in response.content.decode()


@pytest.mark.django_db
def test_missing_page_keeps_the_menu(client_of):
    html = client_of(Role.ADMIN).get("/nowhere/").content.decode()

    assert 'class="nav-main"' in html


@pytest.mark.django_db
def test_nul_in_a_query_string_matches_nothing(client_of):
    response = client_of(Role.ADMIN).get("/admin/volunteers/volunteer/?q=%00x")

    assert response.status_code == 200
    assert response.wsgi_request.GET.dict() == {"q": "\ufffdx"}
