"""The programme's figures: from the roll-ups as from the records, and each as many as the rows behind its link."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone as django_timezone

from accounts.rights import Role
from areas.models import Township
from services.domain.figures import Period, Totals, from_rollups, live
from services.domain.report import reopen_month
from services.models import MonthlyReport, ServiceLog
from tests.factories import (
    make_category,
    make_grid,
    make_log,
    make_membership,
    make_read,
    make_report,
    make_request,
    make_team,
    make_township,
    make_user,
)

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]
YEAR, JULY = Period(2026), Period(2026, 7)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with time_machine.travel(datetime(2026, 8, 12, 9, tzinfo=timezone(timedelta(hours=8))), tick=False):
        yield


def a_year_of_work() -> tuple[Township, Township]:
    """Make two townships with read, submitted and open months, a helper, a withdrawn log and gaps."""
    first, second = make_township(), make_township()
    cleaning, errands = make_category(), make_category(counter="items")
    busy, other, silent = make_team(township=first), make_team(township=second), make_team(township=first)
    make_team(grid=make_grid(township=second), members=0)
    helper = make_membership(silent).volunteer
    make_log(team=busy, on=date(2026, 7, 1), minutes=90, people_served=3, category=cleaning, helpers=[helper])
    make_log(team=busy, on=date(2026, 7, 31), minutes=61, people_served=2, category=errands)
    make_log(team=busy, on=date(2026, 7, 9), category=errands, is_withdrawn=True, withdrawn_reason="重复")
    make_log(team=busy, on=date(2026, 6, 30), minutes=45, category=cleaning)
    make_log(team=other, on=date(2026, 7, 15), minutes=30, category=cleaning)
    make_log(team=other, on=date(2025, 12, 31), category=cleaning)
    make_read(*MonthlyReport.objects.filter(team__in=[busy, other]))
    make_log(team=other, on=date(2026, 6, 3), category=cleaning)  # not read: no figure counts it
    make_log(team=busy, on=date(2026, 8, 11), category=cleaning)
    make_report(team=silent, month=date(2026, 7, 1), state="submitted")
    return first, second


@pytest.mark.parametrize("period", [YEAR, JULY, Period(2025), Period(2026, 2)])
@pytest.mark.parametrize("where", [None, 0, 1])
def test_rollups_and_records_give_the_same_figures(period: Period, where: int | None) -> None:
    townships = a_year_of_work()
    township = None if where is None else townships[where]

    assert str(from_rollups(period, township)) == str(live(period, township))


def test_figures_count_read_months_only() -> None:
    first, second = a_year_of_work()

    figures = from_rollups(JULY)

    assert figures.total == Totals(logs=3, people_served=6, person_times=10, minutes=4 * 90 + 3 * 61 + 3 * 30)
    assert figures.persons == 7
    assert figures.by_month == {date(2026, 7, 1): figures.total}
    assert {pk: totals.logs for pk, totals in figures.by_township.items()} == {first.pk: 2, second.pk: 1}
    assert figures.persons_by_township == {first.pk: 4, second.pk: 3}


def test_reopened_months_leave_the_figures() -> None:
    first, _ = a_year_of_work()
    report = MonthlyReport.objects.get(township=first, month=date(2026, 7, 1), state="read")

    reopen_month(report, reason="时间有误", by=make_user(Role.REVIEWER))

    assert from_rollups(JULY).total.logs == 1
    assert str(from_rollups(YEAR)) == str(live(YEAR))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_period_has_its_first_and_last_day(text: str, first: date, last: date) -> None:
    period = Period.parse(text)

    assert (str(period), period.first, period.last) == (text, first, last)


@pytest.mark.parametrize(
    "text", ["", "x", "2026-", "2026-13", "2026-00", "0202", "2027", "２０２６", "2026-7-1", "\x00"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Period.parse(text)


PEOPLE: dict[str, Callable[[Township], dict[str, Any]]] = {
    "staff": lambda township: {"who": Role.TOWNSHIP_STAFF, "township": township},
    "reviewer": lambda township: {"who": Role.REVIEWER, "township": township},
    "city": lambda township: {"who": Role.REVIEWER},
    "admin": lambda township: {"who": Role.ADMIN},
    "auditor": lambda township: {"who": Role.AUDITOR},
}


def rows_behind(client: Client, url: str) -> int:
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.context["page"].problems == []
    return answer.context["page"].count.number


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("period", [YEAR, JULY])
@pytest.mark.parametrize("narrowed", [False, True])
def test_each_figure_is_as_many_as_its_rows(client_of: ClientOf, person: str, period: Period, narrowed: bool) -> None:
    first, _ = a_year_of_work()
    client = client_of(**PEOPLE[person](first))
    query = {"period": str(period)} | ({"township": first.pk} if narrowed and client.user.is_city_wide else {})

    context = client.get(reverse("services:dashboard"), query).context

    services, persons = context["services"][0], context["services"][2]
    figures = [services, persons, *context["standing"]]
    assert [one["number"] for one in figures] == [rows_behind(client, one["url"]) for one in figures]
    reports = context["reports"]
    assert [reports["read"], reports["due"]] == [
        rows_behind(client, reports["read_url"]),
        rows_behind(client, reports["due_url"]),
    ]
    drawn = [*context["by_month"], *context["by_category"]]
    assert [number for _, number, _ in drawn] == [rows_behind(client, url) for _, _, url in drawn]
    for row in context["by_township"]:
        assert (row["logs"], row["persons"]) == (
            rows_behind(client, row["logs_url"]),
            rows_behind(client, row["persons_url"]),
        )


@pytest.mark.parametrize("person", ["staff", "city"])
def test_rates_of_requests_lead_to_their_rows_and_to_the_page(client_of: ClientOf, person: str) -> None:
    team = make_team(township=(township := make_township()))
    make_request(team=team, state="resolved", asked_at=django_timezone.now() - timedelta(days=1))
    make_request(team=team, state="withdrawn")
    make_request()
    client = client_of(**PEOPLE[person](township))

    shown = client.get(reverse("services:dashboard"), {"period": "2026"}).context["requests"]

    numbers = [cell["met"][0] for cell in shown["cells"]]
    assert numbers == [1, 1, 1]
    assert [cell["whole"] for cell in shown["cells"]] == [1 if person == "staff" else 2] * 3
    assert numbers == [rows_behind(client, cell["met"][1]) for cell in shown["cells"]]
    assert client.get(shown["url"]).context["total"]["rates"]["counted"] == shown["cells"][0]["whole"]


@pytest.mark.parametrize("person", ["staff", "reviewer"])
def test_a_township_sees_its_own_figures_whatever_it_asks_for(client_of: ClientOf, person: str) -> None:
    first, second = a_year_of_work()
    client = client_of(**PEOPLE[person](first))

    answer = client.get(reverse("services:dashboard"), {"period": "2026-07", "township": second.pk})

    assert answer.context["services"][0]["number"] == 2
    assert answer.context["by_township"] == []
    assert second.name not in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"period": "x"},
        {"period": "9999"},
        {"township": "x"},
        {"township": "999999999999999999999"},
        {"township": "\x00"},
    ],
)
def test_rubbish_in_the_address_shows_the_page_with_a_message(client_of: ClientOf, query: dict[str, str]) -> None:
    answer = client_of(Role.ADMIN).get(reverse("services:dashboard"), query)

    assert answer.status_code == 200
    assert len(answer.context["problems"]) == 1


def test_townships_without_a_service_are_shown(client_of: ClientOf) -> None:
    idle = make_township()

    rows = client_of(Role.AUDITOR).get(reverse("services:dashboard")).context["by_township"]

    assert [(row["name"], row["logs"], row["hours"]) for row in rows] == [(idle.name, 0, "0.0")]


def test_leaders_have_no_dashboard(client_of: ClientOf) -> None:
    assert client_of(Role.TEAM_LEADER).get(reverse("services:dashboard")).status_code == 403


@pytest.mark.parametrize("size", [1, 4])
def test_queries_do_not_depend_on_the_number_of_records(
    client_of: ClientOf, django_assert_max_num_queries: Any, size: int
) -> None:
    for _ in range(size):
        a_year_of_work()
    client = client_of(Role.ADMIN)

    with django_assert_max_num_queries(23):
        client.get(reverse("services:dashboard"), {"period": "2026"})

    assert ServiceLog.objects.count() == 8 * size


def test_a_volunteer_who_moved_is_counted_where_the_list_has_them() -> None:
    first, second = a_year_of_work()
    moved = MonthlyReport.objects.filter(township=first, state="read").first().team.memberships.first().volunteer
    moved.township, moved.village = second, make_grid(township=second).village
    moved.save()

    figures = from_rollups(JULY)

    assert figures.persons_by_township == {first.pk: 3, second.pk: 4}
    assert (from_rollups(JULY, first).persons, from_rollups(JULY, second).persons) == (3, 4)
    assert str(from_rollups(JULY, first)) == str(live(JULY, first))
