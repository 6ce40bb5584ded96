"""Months in the admin site: found and shown, and changed by nobody there."""

import pytest
from django.urls import reverse

from accounts.rights import Role
from services.domain.report import submit_month
from services.models import LogComment, MonthlyReport
from tests.factories import make_log, make_report, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["monthlyreport", "logcomment"])
def test_admin_shows_and_changes_nothing(client_of, kind):
    report = make_report()
    log = make_log(report=report)
    submit_month(report, by=make_user())
    comment = LogComment.objects.create(log=log, text="对象写清楚", by=make_user(Role.REVIEWER))
    pk = comment.pk if kind == "logcomment" else report.pk
    client = client_of(Role.ADMIN)
    page = reverse(f"admin:services_{kind}_change", args=[pk])

    shown = client.get(page)
    posted = client.post(page, {"state": "read", "text": "改"})
    added = client.get(reverse(f"admin:services_{kind}_add"))
    deleted = client.post(reverse(f"admin:services_{kind}_delete", args=[pk]), {"post": "yes"})

    assert [shown.status_code, posted.status_code, added.status_code, deleted.status_code] == [200, 403, 403, 403]
    assert MonthlyReport.objects.get(pk=report.pk).state == "submitted"
    assert LogComment.objects.get().text == "对象写清楚"


@pytest.mark.parametrize("rows", [2, 10])
def test_admin_list_takes_few_queries_whatever_its_length(client_of, django_assert_max_num_queries, rows):
    for _ in range(rows):
        make_report(state="submitted")
    client = client_of(Role.ADMIN)

    with django_assert_max_num_queries(9):
        response = client.get(reverse("admin:services_monthlyreport_changelist"), {"q": "服务队"})

    assert response.content.decode().count('class="field-state"') == rows
