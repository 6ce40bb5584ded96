from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.rights import Role
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def sign_in(client, user, password=PASSWORD, **fields):
    return client.post(reverse("accounts:sign_in"), {"username": user.username, "password": password, **fields})


def is_signed_in(client):
    return client.get(reverse("accounts:password_change")).status_code == 200


def trail():
    return list(AuditEntry.objects.exclude(event="").order_by("id").values_list("event", "actor", "object_id"))


def test_sign_in_leads_home_and_is_recorded(client):
    user = make_user()

    response = sign_in(client, user)

    assert (response.status_code, response.url) == (302, reverse("home"))
    assert is_signed_in(client)
    assert trail() == [("sign_in", user.pk, user.pk)]


def test_sign_in_leads_to_the_page_asked_for(client):
    user = make_user()
    asked = client.get(reverse("accounts:password_change"))

    response = sign_in(client, user, next=unquote(asked.url.partition("next=")[2]))

    assert response.url == reverse("accounts:password_change")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
        "\\\\evil.example",
        "nowhere",
        "/\\evil.example",
    ],
)
def test_sign_in_never_leads_to_another_site(client, address):
    assert sign_in(client, make_user(), next=address).url == reverse("home")


def test_sign_in_refuses_wrong_password_unknown_name_and_closed_account_alike(client):
    user, closed = make_user(), make_user(is_active=False)

    answers = [sign_in(client, user, "wrong"), sign_in(client, User(username="nobody")), sign_in(client, closed)]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert len({tuple(answer.context["form"].non_field_errors()) for answer in answers}) == 1
    assert not is_signed_in(client)


def test_failure_is_recorded_for_known_accounts_only_and_without_the_password(client):
    user = make_user()

    sign_in(client, user, "my-secret-guess")
    sign_in(client, User(username="nobody"))

    assert trail() == [("sign_in_failed", None, user.pk)]
    assert "my-secret-guess" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("name", ["", "x" * 300, "a\0b", "名字", "' OR 1=1 --"])
def test_sign_in_answers_rubbish_with_the_form(client, name):
    assert client.post(reverse("accounts:sign_in"), {"username": name, "password": "x" * 2000}).status_code == 422


def test_lock_out_after_five_failures_says_how_long_to_wait(client):
    user = make_user()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        answers = [sign_in(client, user, "wrong").status_code for _ in range(5)]
        clock.shift(timedelta(minutes=4))
        refused = sign_in(client, user)

    assert answers == [422, 422, 422, 422, 429]
    assert refused.status_code == 429
    assert refused.context["minutes"] == 11
    assert refused["Retry-After"] == "660"
    assert trail().count(("lock_out", None, user.pk)) == 1
    assert trail().count(("sign_in_failed", None, user.pk)) == 5


def test_lock_out_ends_after_a_quarter_of_an_hour(client):
    user = make_user()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(5):
            sign_in(client, user, "wrong")
        clock.shift(timedelta(minutes=16))

        assert sign_in(client, user).status_code == 302


def test_lock_out_holds_from_any_address_and_for_one_account_only(client):
    user, colleague = make_user(), make_user()
    for number in range(5):
        client.defaults["REMOTE_ADDR"] = f"10.0.0.{number}"
        sign_in(client, user, "wrong")

    assert sign_in(Client(REMOTE_ADDR="10.9.9.9"), user).status_code == 429
    assert sign_in(client, colleague).status_code == 302


def test_sign_out_ends_the_session_and_is_recorded(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)

    response = client.post(reverse("accounts:sign_out"))

    assert (response.status_code, response.url) == (302, reverse("accounts:sign_in"))
    assert not is_signed_in(client)
    assert trail()[-1] == ("sign_out", client.user.pk, client.user.pk)


@pytest.mark.parametrize(
    ("role", "used_after", "lives"),
    [
        (Role.TOWNSHIP_STAFF, timedelta(minutes=55), True),
        (Role.TOWNSHIP_STAFF, timedelta(minutes=61), False),
        (Role.ADMIN, timedelta(minutes=61), False),
        (Role.TEAM_LEADER, timedelta(days=6), True),
        (Role.TEAM_LEADER, timedelta(days=7, minutes=1), False),
    ],
)
def test_idle_session_ends(client_of, role, used_after, lives):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = client_of(role)
        clock.shift(used_after)

        assert is_signed_in(client) is lives


def test_office_session_in_use_ends_after_twelve_hours(client_of):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = client_of(Role.REVIEWER)
        hours = 0
        while is_signed_in(client):
            clock.shift(timedelta(minutes=30))
            hours += 0.5

    assert hours == 12


def test_session_is_not_written_at_every_request(client_of, django_assert_num_queries):
    client = client_of(Role.ADMIN)
    is_signed_in(client)

    with django_assert_num_queries(3):  # the session, the user and how many reminders wait
        is_signed_in(client)


def test_disabling_a_user_ends_their_sessions_at_the_next_request(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    User.objects.filter(pk=client.user.pk).update(is_active=False)

    assert not is_signed_in(client)


def test_address_is_the_connection_s_and_not_what_a_header_claims(client):
    user = make_user()

    client.post(
        reverse("accounts:sign_in"),
        {"username": user.username, "password": PASSWORD},
        REMOTE_ADDR="192.0.2.7",
        headers={"x-forwarded-for": "203.0.113.9"},
    )

    assert AuditEntry.objects.get(event="sign_in").remote_addr == "192.0.2.7"


def test_htmx_request_without_a_session_leads_the_page_to_the_sign_in(client):
    response = client.get(
        reverse("accounts:password_change"),
        headers={"hx-request": "true", "hx-current-url": "http://testserver/accounts/password/?q=1"},
    )

    assert response["HX-Redirect"] == reverse("accounts:sign_in", query={"next": "/accounts/password/?q=1"})


def test_sign_in_page_says_so_when_the_session_ran_out(client_of):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = client_of(Role.TOWNSHIP_STAFF)
        clock.shift(timedelta(seconds=settings.OFFICE_SESSION[0] + 1))
        response = client.get(reverse("accounts:password_change"), follow=True)

    assert [str(message) for message in response.context["messages"]] != []
