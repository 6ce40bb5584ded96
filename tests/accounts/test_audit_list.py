from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.audit import caused_by
from accounts.rights import Role
from areas.models import Township
from tests.factories import make_township, make_user

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def listed(client, **query):
    response = client.get(reverse("accounts:audit_list"), query)
    assert response.status_code == 200
    return [row["record"] for row in response.context["page"].rows]


def test_audit_list_says_who_when_where_and_what(client_of):
    client = client_of(Role.AUDITOR)
    admin = make_user(Role.ADMIN, name="管理员甲")
    with (
        time_machine.travel(datetime(2026, 7, 12, 9, 30, tzinfo=SHANGHAI), tick=False),
        caused_by(by=admin, address="192.0.2.1", event="edit_user"),
    ):
        township = make_township(name="大荆镇")

    row = client.get(reverse("accounts:audit_list")).context["page"].rows[0]

    assert (row["who"], row["username"], row["address"]) == ("管理员甲", admin.username, "192.0.2.1")
    assert (row["when"], row["record"]) == ("2026-07-12 09:30:00", str(township))


def test_audit_list_is_filtered_by_person_kind_and_record(client_of):
    client = client_of(Role.ADMIN)
    admin = make_user(Role.ADMIN, name="张三丰")
    with caused_by(by=admin):
        make_township(name="大荆镇")
    make_township(name="雁荡镇")

    assert listed(client, person="三丰") == ["大荆镇"]
    assert listed(client, person=admin.username) == ["大荆镇"]
    assert listed(client, kind="areas.township") == ["雁荡镇", "大荆镇"]
    assert listed(client, kind="areas.township", record="雁荡") == ["雁荡镇"]
    assert listed(client, event="sign_in") == [client.user.name]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"since": "2026-07-12"}, ["三镇", "二镇"]),
        ({"until": "2026-07-12"}, ["二镇", "一镇"]),
        ({"since": "2026-07-12", "until": "2026-07-12"}, ["二镇"]),
    ],
)
def test_audit_list_days_are_those_of_shanghai(client_of, query, names):
    for name, day, hour in (("一镇", 11, 23), ("二镇", 12, 0), ("三镇", 13, 0)):
        with time_machine.travel(datetime(2026, 7, day, hour, 30, tzinfo=SHANGHAI), tick=False):
            make_township(name=name)

    assert listed(client_of(Role.AUDITOR), kind="areas.township", **query) == names


@pytest.mark.parametrize("query", [{"kind": "x"}, {"event": "\0"}, {"since": "0202-99-99"}, {"after": "rubbish"}])
def test_audit_list_answers_rubbish_with_the_page(client_of, query):
    assert client_of(Role.AUDITOR).get(reverse("accounts:audit_list"), query).status_code == 200


@pytest.mark.parametrize("count", [5, 45])
def test_audit_list_queries_do_not_grow(client_of, django_assert_max_num_queries, count):
    client = client_of(Role.AUDITOR)
    for _ in range(count):
        make_user()
    assert Township.objects.count() == count

    with django_assert_max_num_queries(8):
        client.get(reverse("accounts:audit_list"))
