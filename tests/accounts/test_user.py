import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.domain.user import create_user, edit_user, reset_password, unlock_user
from accounts.models import AuditEntry, User
from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import PASSWORD, make_township, make_user

pytestmark = pytest.mark.django_db


def failures(user, count):
    client = Client()
    for _ in range(count):
        client.post(reverse("accounts:sign_in"), {"username": user.username, "password": "wrong"})


def test_new_account_must_change_its_first_password():
    admin = make_user(Role.ADMIN)
    user = create_user(User(username="lin", name="林海", role=Role.AUDITOR), password=PASSWORD, by=admin)

    assert user.check_password(PASSWORD)
    assert user.must_change_password
    assert AuditEntry.objects.filter(event="create_user", actor=admin, object_id=user.pk).count() == 1


@pytest.mark.parametrize(
    ("role", "has_township", "fits"),
    [
        (Role.TOWNSHIP_STAFF, False, False),
        (Role.TEAM_LEADER, False, False),
        (Role.ADMIN, True, False),
        (Role.AUDITOR, True, False),
        (Role.REVIEWER, True, True),
        (Role.REVIEWER, False, True),
    ],
)
def test_role_and_township_must_fit(role, has_township, fits):
    township = make_township() if has_township else None
    user = User(username="lin", name="林海", role=role, township=township)

    if fits:
        create_user(user, password=PASSWORD, by=make_user(Role.ADMIN))
    else:
        with pytest.raises(RuleBroken) as broken:
            create_user(user, password=PASSWORD, by=make_user(Role.ADMIN))
        assert broken.value.field == "township"
    assert User.objects.filter(username="lin").exists() is fits


def test_last_administrator_stays():
    admin, other = make_user(Role.ADMIN), make_user(Role.AUDITOR)
    admin.role = Role.AUDITOR

    with pytest.raises(RuleBroken) as broken:
        edit_user(admin, by=other)

    assert broken.value.field == "role"
    assert User.objects.get(pk=admin.pk).role == Role.ADMIN


def test_one_of_two_administrators_may_go():
    admin, other = make_user(Role.ADMIN), make_user(Role.ADMIN)
    other.is_active = False

    edit_user(other, by=admin)

    assert not User.objects.get(pk=other.pk).is_active


def test_nobody_closes_their_own_account():
    admin = make_user(Role.ADMIN)
    make_user(Role.ADMIN)
    admin.is_active = False

    with pytest.raises(RuleBroken) as broken:
        edit_user(admin, by=admin)

    assert broken.value.field == "is_active"


def test_reset_password_lifts_the_lock_out_and_ends_sessions(client_of):
    client = client_of(Role.TOWNSHIP_STAFF)
    failures(client.user, 5)

    reset_password(client.user, password="first-password-2", by=make_user(Role.ADMIN))

    assert client.get(reverse("accounts:password_change")).status_code == 302
    assert User.objects.get(pk=client.user.pk).must_change_password
    assert AccessAttempt.objects.count() == 0


def test_unlock_lifts_the_lock_out_of_one_account_only():
    user, other, admin = make_user(), make_user(), make_user(Role.ADMIN)
    failures(user, 5)
    failures(other, 5)

    unlock_user(user, by=admin)

    assert set(AccessAttempt.objects.values_list("username", flat=True)) == {other.username}
    assert AuditEntry.objects.get(event="unlock_user").actor == admin


def test_createsuperuser_makes_an_administrator(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    call_command("createsuperuser", username="root", name="管理员", interactive=False, verbosity=0)

    user = User.objects.get(username="root")
    assert (user.role, user.township, user.check_password(PASSWORD)) == (Role.ADMIN, None, True)
