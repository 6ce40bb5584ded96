"""What every answer carries: the page, the refusal, the error and the download alike."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.access_table import ROWS
from tests.access_world import PEOPLE
from tests.test_access_matrix import ask, client_for

pytestmark = pytest.mark.django_db


def flaws_of(response, *, is_personal: bool) -> list[str]:
    """Say what the answer lacks."""
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    due = {
        "a strict policy": policy.get("default-src") == "'none'"
        and "unsafe" not in response["Content-Security-Policy"],
        "its own scripts only": policy.get("script-src") == policy.get("style-src") == "'self'",
        # blob: are the photos that a person has chosen and not sent yet; no other site's pictures.
        "its own pictures only": policy.get("img-src") == "'self' data: blob:",
        "no frames": policy.get("frame-ancestors") == "'none'" and response.get("X-Frame-Options") == "DENY",
        "no sniffing": response.get("X-Content-Type-Options") == "nosniff",
        "a close-lipped referrer": response.get("Referrer-Policy") == "same-origin",
        "no devices": "camera=()" in response.get("Permissions-Policy", ""),
        "no copy in a cache": not is_personal or "no-store" in response.get("Cache-Control", ""),
    }
    return [what for what, holds in due.items() if not holds]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_answer_is_guarded(row, world):
    refused = next((person for person in PEOPLE if person not in row.may.split()), "anonymous")
    for method in ("GET", "POST", "PUT"):
        for person in ("anonymous", row.may.split()[0], refused):
            response = ask(client_for(world, person), method, row, world)

            assert flaws_of(response, is_personal=person != "anonymous") == [], (method, person)


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere/", 404), ("/volunteers/x/", 404), ("/services/logs/?since=%00&q=%00", 200)]
)
def test_what_is_not_there_is_guarded_too(path, status, world):
    response = client_for(world, "admin").get(path)

    assert response.status_code == status
    assert flaws_of(response, is_personal=True) == []


def test_unforeseen_error_is_guarded_and_gives_a_number_that_the_log_knows(world, monkeypatch, caplog):
    def breaks(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("services.views.log.list_page", breaks)
    client = client_for(world, "admin")
    client.raise_request_exception = False

    response = client.get(reverse("services:log_list"))

    assert response.status_code == 500
    assert flaws_of(response, is_personal=False) == []
    numbers = [record.args[0] for record in caplog.records if record.name == "common.views"]
    assert len(numbers) == 1
    assert numbers[0] in response.content.decode()


def test_form_without_its_token_is_refused_by_a_guarded_page(world):
    client = Client(enforce_csrf_checks=True)

    response = client.post(reverse("accounts:sign_in"), {"username": "somebody", "password": "something"})

    assert response.status_code == 403
    assert flaws_of(response, is_personal=False) == []
