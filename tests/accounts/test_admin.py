import pytest
from axes.models import AccessAttempt
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.rights import Role
from areas.models import Village
from tests.factories import PASSWORD, make_township, make_user, make_village

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/user/add/"


def typed(**fields):
    return {
        "username": "lin",
        "name": "林海",
        "role": Role.AUDITOR,
        "township": "",
        "is_active": "on",
        "first_password": PASSWORD,
    } | fields


def change_page(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def test_admin_opens_an_account(client_of):
    client = client_of(Role.ADMIN)

    response = client.post(ADD, typed())

    user = User.objects.get(username="lin")
    assert response.status_code == 302
    assert (user.role, user.must_change_password, user.check_password(PASSWORD)) == (Role.AUDITOR, True, True)
    assert AuditEntry.objects.get(object_id=user.pk, event="create_user").actor == client.user


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"role": Role.TOWNSHIP_STAFF}, None),
        ({"first_password": ""}, "first_password"),
        ({"first_password": "12345678901"}, "first_password"),
        ({"first_password": "short"}, "first_password"),
        ({"username": "含中文"}, "username"),
        ({"username": "x" * 41}, "username"),
        ({"role": "king"}, "role"),
        ({"name": ""}, "name"),
    ],
)
def test_admin_is_told_what_is_wrong_with_a_new_account(client_of, fields, wrong):
    response = client_of(Role.ADMIN).post(ADD, typed(**fields))

    errors = response.context["adminform"].form.errors
    assert list(errors) == [wrong or "__all__"]
    assert not User.objects.filter(name="林海").exists()


def test_admin_changes_an_account_without_touching_its_password(client_of):
    client, user = client_of(Role.ADMIN), make_user(Role.AUDITOR)
    client.post(change_page(user), typed(username=user.username, name="新名", first_password=""))

    user.refresh_from_db()
    assert (user.name, user.must_change_password, user.check_password(PASSWORD)) == ("新名", False, True)


def test_admin_sets_a_new_first_password(client_of):
    client, user = client_of(Role.ADMIN), make_user(Role.AUDITOR)
    client.post(change_page(user), typed(username=user.username, first_password="a-first-word-7"))

    user.refresh_from_db()
    assert (user.must_change_password, user.check_password("a-first-word-7")) == (True, True)


def test_broken_rule_shows_on_the_form_and_changes_nothing(client_of):
    client = client_of(Role.ADMIN)

    response = client.post(change_page(client.user), typed(username=client.user.username, role=Role.AUDITOR))

    assert response.status_code in (200, 422)
    assert list(response.context["adminform"].form.errors) == ["role"]
    assert User.objects.get(pk=client.user.pk).role == Role.ADMIN


def test_admin_lifts_a_lock_out(client_of, client):
    user = make_user()
    for _ in range(5):
        client.post(reverse("accounts:sign_in"), {"username": user.username, "password": "wrong"})

    client_of(Role.ADMIN).post(
        reverse("admin:accounts_user_changelist"), {"action": "lift_lock_out", "_selected_action": [user.pk]}
    )

    assert AccessAttempt.objects.count() == 0


def test_password_hash_cannot_be_probed_by_filters(client_of):
    response = client_of(Role.ADMIN).get(reverse("admin:accounts_user_changelist"), {"password__startswith": "md5"})

    assert response.status_code == 400


def test_auditor_looks_but_changes_nothing(client_of):
    client, user = client_of(Role.AUDITOR), make_user(Role.ADMIN)

    page = client.get(change_page(user))
    refused = client.post(change_page(user), typed(username=user.username, name="新名"))

    assert (page.status_code, refused.status_code) == (200, 403)
    assert User.objects.get(pk=user.pk).name == user.name


@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.parametrize("page", ["accounts_user", "areas_village", "accounts_auditentry"])
def test_changelist_queries_do_not_grow(client_of, django_assert_max_num_queries, page, count):
    for _ in range(count):
        make_user(township=make_village().township)
    client = client_of(Role.ADMIN)

    with django_assert_max_num_queries(14):
        assert client.get(reverse(f"admin:{page}_changelist")).status_code == 200


def test_village_keeps_name_code_and_township_in_the_admin(client_of):
    village, elsewhere = make_village(), make_township()

    client_of(Role.ADMIN).post(
        reverse("admin:areas_village_change", args=[village.pk]),
        {"name": "新村", "code": "330382999999", "township": elsewhere.pk},
    )

    assert Village.objects.values_list("name", "code", "township").get(pk=village.pk) == (
        village.name,
        village.code,
        village.township_id,
    )
