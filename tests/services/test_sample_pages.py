"""The pages of the city's samples: drawing, verifying, looking month by month, and the township's answer."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.rights import Role
from services.domain.sample import check_sampled
from services.models import Sample, SampledReport
from tests.factories import make_log, make_read, make_report, make_sampled, make_user

pytestmark = pytest.mark.django_db


def _form(**fields):
    return {"key": uuid4(), "first_month": "2026-07", "last_month": "2026-07", "percent": "50"} | fields


def _drawable(count):
    for _ in range(count):
        make_report(state="read")


def test_city_reviewer_draws_and_is_led_through_the_months(client_of):
    _drawable(4)
    client = client_of(Role.REVIEWER)
    sent = _form()

    drawn = client.post(reverse("services:sample_create"), sent)
    client.post(reverse("services:sample_create"), sent)  # the second click
    sample = Sample.objects.get()
    page = client.get(sample.get_absolute_url())
    first, second = sample.drawn.order_by("place")
    after = client.post(reverse("services:sampled_check", args=[first.pk]), {"finding": "fine"})
    last = client.post(reverse("services:sampled_check", args=[second.pk]), {"finding": "remark", "remark": "请说明"})

    assert drawn.url == sample.get_absolute_url()
    assert (sample.size, page.context["is_as_drawn"]) == (2, True)
    assert [row["place"] for row in page.context["page"].rows] == [1, 2]
    assert after.url == reverse("services:sampled_check", args=[second.pk])
    assert last.url == sample.get_absolute_url()
    assert list(sample.drawn.order_by("place").values_list("finding", "remark")) == [("fine", ""), ("remark", "请说明")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"percent": "0"},
        {"percent": "101"},
        {"percent": "x"},
        {"percent": ""},
        {"first_month": "2026-13"},
        {"first_month": "2026-08"},
        {"last_month": ""},
        {"key": "nonsense"},
        {"first_month": "2025-01", "last_month": "2025-01"},
    ],
)
def test_wrong_form_comes_back_and_nothing_is_drawn(client_of, wrong):
    _drawable(2)

    answer = client_of(Role.REVIEWER).post(reverse("services:sample_create"), _form(**wrong))

    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert Sample.objects.count() == 0


def test_draw_that_was_tampered_with_is_said(client_of):
    sampled = make_sampled(make_report(state="read"))
    # What triggers refuse shows up all the same where somebody took them away.
    wrong = Sample(
        key=uuid4(), first_month=date(2026, 7, 1), last_month=date(2026, 7, 1), percent=100, seed="f" * 32,
        population=sampled.sample.population, population_count=1, population_hash="0" * 64, size=1,
        drawn_by=make_user(Role.REVIEWER),
    )  # fmt: skip
    wrong.save()

    html = client_of(Role.AUDITOR).get(wrong.get_absolute_url()).content.decode()

    assert "tampered" in html


def test_auditor_verifies_and_does_not_check(client_of):
    sampled = make_sampled(make_report(state="read"))
    client = client_of(Role.AUDITOR)

    assert client.get(sampled.sample.get_absolute_url()).status_code == 200
    assert client.post(reverse("services:sampled_check", args=[sampled.pk]), {"finding": "fine"}).status_code == 403
    assert SampledReport.objects.get().finding == ""


def test_reader_of_a_month_is_told_that_another_one_looks(client_of):
    report, reader = make_report(), make_user(Role.REVIEWER)
    make_log(report=report)
    make_read(report, by=reader)
    sampled = make_sampled(report)
    client = client_of(reader)
    address = reverse("services:sampled_check", args=[sampled.pk])

    page, refused = client.get(address), client.post(address, {"finding": "fine"})

    for answer in (page, refused):
        assert "You reviewed this month yourself." in answer.content.decode()
    assert (page.status_code, refused.status_code, SampledReport.objects.get().finding) == (200, 422, "")


def test_remark_reaches_the_township_and_its_answer_the_city(client_of):
    report = make_report(state="read")
    sampled = make_sampled(report)
    check_sampled(sampled, finding="remark", remark="请说明两条相同日志", by=make_user(Role.REVIEWER))
    township = client_of(Role.REVIEWER, township=report.township)
    address = reverse("services:finding_answer", args=[sampled.pk])

    page = township.get(report.get_absolute_url()).content.decode()
    empty = township.post(address, {"answer": " "})
    done = township.post(address, {"answer": "同一户两次上门，已核实"})
    again = township.post(address, {"answer": "再答"})

    assert "请说明两条相同日志" in page
    assert f'href="{address}"' in page
    assert [each.status_code for each in (empty, done, again)] == [422, 302, 422]
    assert "has answered already" in again.content.decode()
    city = client_of(Role.REVIEWER).get(sampled.sample.get_absolute_url()).content.decode()
    assert "同一户两次上门，已核实" in city


@pytest.mark.parametrize("role", [Role.TEAM_LEADER, Role.TOWNSHIP_STAFF])
def test_who_is_reviewed_is_not_told_of_the_sample(client_of, role):
    report = make_report(state="read")
    check_sampled(make_sampled(report), finding="remark", remark="请说明", by=make_user(Role.REVIEWER))
    client = client_of(role, township=report.township)

    narrowed = client.get(reverse("services:report_list"), {"finding": "true"})

    assert "请说明" not in client.get(report.get_absolute_url()).content.decode()
    assert narrowed.context["page"].rows == []


@pytest.mark.parametrize(
    ("query", "places"),
    [
        ({}, 3),
        ({"finding": "none"}, 1),
        ({"finding": "fine"}, 1),
        ({"finding": "unanswered"}, 1),
        ({"finding": "x"}, 0),
    ],
)
def test_drawn_months_are_narrowed(client_of, query, places):
    _drawable(3)
    client = client_of(Role.REVIEWER)
    client.post(reverse("services:sample_create"), _form(percent="100"))
    fine, odd, _left = SampledReport.objects.order_by("place")
    check_sampled(fine, finding="fine", by=make_user(Role.REVIEWER))
    check_sampled(odd, finding="remark", remark="?", by=make_user(Role.REVIEWER))

    page = client.get(Sample.objects.get().get_absolute_url(), query)

    assert len(page.context["page"].rows) == places
