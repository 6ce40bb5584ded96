from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.kept_form import KEPT_FOR, read_kept
from accounts.models import User
from accounts.rights import Role
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
OWN = "http://testserver"
# Any page behind the sign-in takes the place of a form: what counts is what was posted.
FORM = "/accounts/sign-out/"
TYPED = {
    "content": "给张大爷理发 <b>",
    "participants": ["3", "5"],
    "csrfmiddlewaretoken": "x" * 64,
    "password": "secret",
}
KEPT = [("content", "给张大爷理发 <b>"), ("participants", "3"), ("participants", "5")]


def kept_by(client, path=FORM, **headers):
    response = client.post(path, TYPED, headers=headers)
    return response, response.context["kept"] if response.context else ""


def sign_in(client, user, **fields):
    return client.post(reverse("accounts:sign_in"), {"username": user.username, "password": PASSWORD, **fields})


def test_form_of_a_signed_out_session_is_offered_again_after_the_sign_in(client):
    response, kept = kept_by(client, FORM + "?day=2", origin=OWN)
    again = sign_in(client, make_user(), kept=kept)

    assert response.status_code == 401
    assert again.status_code == 200
    assert (again.context["action"], list(again.context["fields"])) == (FORM + "?day=2", KEPT)


def test_kept_form_survives_a_mistyped_password(client):
    _, kept = kept_by(client, origin=OWN)
    retry = client.post(reverse("accounts:sign_in"), {"username": "nobody", "password": "wrong", "kept": kept})

    assert retry.context["kept"] == kept


def test_referer_stands_in_for_a_missing_origin(client):
    assert kept_by(client, referer=OWN + "/volunteers/")[1] != ""


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null", "referer": OWN + "/"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver:8000"},
        {"referer": "https://evil.example/http://testserver"},
    ],
)
def test_form_from_another_origin_is_not_kept(client, headers):
    response, kept = kept_by(client, **headers)

    assert (response.status_code, response.url) == (302, reverse("accounts:sign_in"))
    assert kept == ""


def test_kept_form_is_offered_only_to_whom_it_belongs(client_of):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = client_of(Role.TOWNSHIP_STAFF)
        clock.shift(timedelta(hours=2))
        _, kept = kept_by(client, origin=OWN)
        other = sign_in(Client(), make_user(), kept=kept)
        same = sign_in(Client(), client.user, kept=kept)

    assert (other.status_code, other.url) == (302, reverse("home"))
    assert same.context["fields"] == KEPT


def test_forged_or_old_kept_form_is_not_offered(client):
    _, kept = kept_by(client, origin=OWN)

    assert read_kept("x" + kept) is None
    assert sign_in(Client(), make_user(), kept="x" + kept).status_code == 302
    with time_machine.travel(timezone.now() + timedelta(seconds=KEPT_FOR + 1)):
        assert read_kept(kept) is None


def test_kept_form_is_not_stored_with_a_failed_sign_in(client):
    _, kept = kept_by(client, origin=OWN)
    client.post(reverse("accounts:sign_in"), {"username": "nobody", "password": "wrong", "kept": kept})

    assert kept not in str(AccessAttempt.objects.values())
    assert "wrong" not in str(AccessAttempt.objects.values())


def strict_client(user: User | None = None) -> Client:
    client = Client(enforce_csrf_checks=True)
    if user:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_form_of_our_own_page_with_an_old_token_is_offered_again():
    typed = {name: value for name, value in TYPED.items() if name != "password"}
    response = strict_client(make_user()).post(FORM, typed, headers={"origin": OWN})

    assert response.status_code == 403
    assert (response.context["action"], response.context["fields"]) == (FORM, KEPT)


def test_form_of_another_site_is_refused_without_showing_its_fields():
    response = strict_client(make_user()).post(FORM, {"content": "planted"}, headers={"origin": "https://evil.example"})

    assert response.status_code == 403
    assert "planted" not in response.content.decode()


def test_sign_in_with_an_old_token_begins_anew():
    response = strict_client().post(
        reverse("accounts:sign_in"), {"username": "x", "password": "y"}, headers={"origin": OWN}
    )

    assert (response.status_code, response.url) == (302, reverse("accounts:sign_in"))


def test_offered_form_can_be_sent():
    client = strict_client(make_user())
    page = client.post(FORM, {"content": "理发"}, headers={"origin": OWN})
    again = client.post(
        FORM, {"content": "理发", "csrfmiddlewaretoken": str(page.context["csrf_token"])}, headers={"origin": OWN}
    )

    assert (again.status_code, again.url) == (302, reverse("accounts:sign_in"))
