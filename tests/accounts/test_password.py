import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.rights import Role
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW = "lv-shui-qing-shan-9"


def change(client, old=PASSWORD, new=NEW, again=None):
    return client.post(
        reverse("accounts:password_change"), {"old_password": old, "new_password1": new, "new_password2": again or new}
    )


def test_password_change_keeps_this_session_and_ends_the_others(client_of):
    here = client_of(Role.TOWNSHIP_STAFF)
    elsewhere = client_of(here.user)

    response = change(here)

    assert (response.status_code, response.url) == (302, reverse("home"))
    assert here.get(reverse("accounts:password_change")).status_code == 200
    assert elsewhere.get(reverse("accounts:password_change")).status_code == 302
    assert User.objects.get(pk=here.user.pk).check_password(NEW)


def test_password_change_is_recorded_without_any_password(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    before = client.user.password
    change(client)

    entry = AuditEntry.objects.get(event="change_password")
    assert (entry.actor, entry.changes) == (client.user, {"password": ["****", "****"]})
    recorded = str(list(AuditEntry.objects.values()))
    assert [part in recorded for part in (PASSWORD, NEW, before[-20:])] == [False, False, False]


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ("short-1", "new_password2"),
        ("8462039517", "new_password2"),
        ("password123", "new_password2"),
        ("the-same-name-as", "new_password2"),
        (PASSWORD, "new_password1"),
        ("", "new_password1"),
        ("a\0bcdefghijkl", "new_password1"),
        ("x7" * 600, "new_password1"),
    ],
)
def test_password_rules_are_told_at_the_field(client_of, new, field):
    client = client_of(Role.TOWNSHIP_STAFF, username="the-same-name-as")

    response = change(client, new=new)

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert User.objects.get(pk=client.user.pk).check_password(PASSWORD)


def test_password_change_asks_for_the_present_one_and_the_new_one_twice(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)

    assert list(change(client, old="wrong").context["form"].errors) == ["old_password"]
    assert list(change(client, again="another-one-1").context["form"].errors) == ["new_password2"]


def test_passwords_never_come_back_in_the_page(client_of):
    assert "a-typed-secret" not in change(client_of(Role.ADMIN), old="a-typed-secret").content.decode()


def test_first_password_must_be_changed_before_anything_else(client_of):
    client = client_of(Role.ADMIN, must_change_password=True)

    refused = client.get(reverse("accounts:audit_list"))
    by_htmx = client.get(reverse("accounts:audit_list"), headers={"hx-request": "true"})
    change(client)

    assert (refused.status_code, refused.url) == (302, reverse("accounts:password_change"))
    assert by_htmx["HX-Redirect"] == reverse("accounts:password_change")
    assert client.get(reverse("accounts:audit_list")).status_code == 200


def test_first_password_does_not_keep_anyone_from_signing_out(client_of):
    client = client_of(Role.ADMIN, must_change_password=True)

    assert client.post(reverse("accounts:sign_out")).url == reverse("accounts:sign_in")


def test_sign_in_with_a_reset_password_leads_to_the_change():
    user = make_user(must_change_password=True)
    client = Client()

    response = client.post(reverse("accounts:sign_in"), {"username": user.username, "password": PASSWORD}, follow=True)

    assert response.redirect_chain[-1] == (reverse("accounts:password_change"), 302)
