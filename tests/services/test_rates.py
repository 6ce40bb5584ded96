"""The three rates of requests: what they count, and each figure as many as the rows behind its link."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.rights import Role
from areas.models import Township
from common.filter_fields import given_values, read_filters
from grids.models import Team
from services.domain.clock import Clock, hold
from services.domain.figures import Period
from services.domain.rates import NUMBERS, By, Spread, condition, rates_of
from services.models import HelpRequest
from services.rate_rows import percent, percent_in_words
from services.request_filters import RequestFilter
from tests.export_reading import read_csv, read_xlsx
from tests.factories import make_category, make_grid, make_request, make_team, make_township, make_village

pytestmark = pytest.mark.django_db

ClientOf = Callable[..., Client]
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 8, 12, 9, tzinfo=SHANGHAI)
YEAR, JULY = Period(2026), Period(2026, 7)
URL = "/services/requests/rates/"


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def at(month: int, day: int, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def asked(team: Team, when: datetime, **fields: Any) -> HelpRequest:
    """Ask; ``answered``, ``arrived`` and ``closed`` are minutes after ``when``."""
    for name in ("answered", "arrived", "closed"):
        if name in fields:
            fields[f"{name}_at"] = when + timedelta(minutes=fields.pop(name))
    return make_request(team=team, asked_at=when, **fields)


def a_summer() -> tuple[Township, Township]:
    """Make two townships whose residents asked in every way, with every outcome."""
    first, second = make_township(), make_township()
    here, there = make_team(township=first), make_team(township=second)
    make_village(township=first)  # nobody asks there
    electric = make_category()
    day = at(7, 6)
    asked(here, day, state="resolved", answered=10, arrived=60, closed=120, category=electric)
    asked(here, day, state="resolved", answered=600, arrived=2000, closed=5000, channel="wechat")  # all late
    asked(here, day, state="resolved", answered=20, arrived=90, closed=100, rating="satisfied", rated_at=NOW)
    asked(here, day, state="resolved", answered=30, closed=200, rating="fair", rated_at=NOW, urgency="urgent")
    asked(here, day, state="resolved", closed=200, rating="dissatisfied", rated_at=NOW)
    asked(here, day, state="referred", answered=40, closed=40, referred_to="供电所")
    asked(here, day, state="unsolved", answered=5, arrived=50, closed=60, outcome="做不了")
    asked(here, day, state="withdrawn", closed=60)
    asked(here, day)  # overdue
    asked(here, at(7, 31, 23, 59), answered=3, times_reopened=1, reopened_at=NOW - timedelta(hours=1))
    waits = asked(here, at(8, 1, 0, 0), answered=4)
    hold(waits, NOW - timedelta(hours=2))
    waits.save()
    asked(here, at(8, 12, 8, 30))
    asked(there, at(6, 30, 23, 59), state="resolved", answered=1, arrived=2, closed=3)
    asked(there, at(7, 1, 0, 0), escalation=2)
    return first, second


# --- What is counted --------------------------------------------------------------------------------------------


def test_the_three_rates_have_one_denominator_without_the_withdrawn_ones() -> None:
    first, _ = a_summer()

    july = rates_of(HelpRequest.objects.filter(township=first), period=JULY, now=NOW).total

    assert (july["asked"], july["withdrawn"], july["counted"]) == (10, 1, 9)
    assert [july[clock] for clock in Clock] == [8, 6, 5]
    assert [july[f"{clock}_in_time"] for clock in Clock] == [7, 4, 4]
    assert [july[f"{clock}_late"] for clock in Clock] == [1, 2, 1]
    assert [july[f"{clock}_not"] for clock in Clock] == [1, 3, 4]


def test_only_resolved_counts_as_resolved() -> None:
    first, _ = a_summer()

    july = rates_of(HelpRequest.objects.filter(township=first), period=JULY, now=NOW).total

    assert {name: july[name] for name in ("resolve", "referred", "unsolved", "open", "overdue", "reopened")} == {
        "resolve": 5, "referred": 1, "unsolved": 1, "open": 2, "overdue": 2, "reopened": 1,
    }  # fmt: skip
    assert (july["rated"], july["satisfied"], july["fair"], july["dissatisfied"], july.content) == (3, 1, 1, 1, 2)


def test_what_waits_for_the_resident_is_open_and_not_overdue() -> None:
    first, _ = a_summer()

    august = rates_of(HelpRequest.objects.filter(township=first), period=Period(2026, 8), now=NOW).total

    assert (august["open"], august["waiting"], august["overdue"]) == (2, 1, 0)


def test_overdue_means_the_same_on_the_board_of_grids_and_in_the_list() -> None:
    a_summer()

    listed = HelpRequest.objects.filter(condition("state", "overdue"))

    assert set(listed) == set(HelpRequest.objects.overdue())
    assert listed.count() == 3


def test_months_begin_and_end_at_midnight_in_china() -> None:
    a_summer()

    parted = rates_of(HelpRequest.objects.all(), By.MONTH, period=YEAR, now=NOW)

    assert {month: each["asked"] for month, each in parted.parts.items()} == {
        "2026-06": 1, "2026-07": 11, "2026-08": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "spread"),
    [
        ([7], Spread(7, 7)),
        ([1, 9], Spread(1, 9)),
        ([3, 1, 2], Spread(2, 3)),
        ([10, 20, 30, 40], Spread(20, 40)),
        (list(range(1, 11)), Spread(5, 9)),
        (list(range(1, 12)), Spread(6, 10)),
        ([5, 5, 5, 5, 1000], Spread(5, 1000)),
        ([0, 0], Spread(0, 0)),
    ],
)
def test_median_and_nine_of_ten_are_the_nearest_ranks(minutes: list[int], spread: Spread) -> None:
    team = make_team()
    for each in minutes:
        asked(team, at(7, 6), answered=each)

    parted = rates_of(HelpRequest.objects.all(), By.CHANNEL, period=JULY, now=NOW)

    assert parted.total.spreads == {Clock.ANSWER: spread}
    assert parted.parts["phone"].spreads == parted.total.spreads


def test_parts_have_medians_of_their_own_and_add_up_to_the_whole() -> None:
    first, second = a_summer()

    parted = rates_of(HelpRequest.objects.all(), By.TOWNSHIP, period=YEAR, now=NOW)

    assert parted.parts[second.pk].spreads[Clock.ANSWER] == Spread(1, 1)
    assert parted.parts[first.pk].spreads[Clock.ANSWER] == Spread(20, 600)
    assert {name: sum(part[name] for part in parted.parts.values()) for name in NUMBERS} == parted.total.numbers


def test_medians_leave_the_withdrawn_ones_out() -> None:
    team = make_team()
    asked(team, at(7, 6), answered=10)
    asked(team, at(7, 6), state="withdrawn", answered=500, closed=600)

    assert rates_of(HelpRequest.objects.all(), period=JULY, now=NOW).total.spreads == {Clock.ANSWER: Spread(10, 10)}


def test_shares_are_100_for_all_and_0_for_none_only() -> None:
    assert [percent(*each) for each in ((0, 0), (0, 7), (7, 7), (9999, 10000), (1, 10000), (2, 3))] == [
        None, 0.0, 100.0, 99.9, 0.1, 66.7,
    ]  # fmt: skip
    assert [percent_in_words(*each) for each in ((0, 0), (7, 7), (2, 3))] == ["–", "100%", "66.7%"]


# --- The page ---------------------------------------------------------------------------------------------------


PEOPLE: dict[str, Callable[[Township], dict[str, Any]]] = {
    "staff": lambda township: {"who": Role.TOWNSHIP_STAFF, "township": township},
    "reviewer": lambda township: {"who": Role.REVIEWER, "township": township},
    "city": lambda township: {"who": Role.REVIEWER},
    "admin": lambda township: {"who": Role.ADMIN},
    "auditor": lambda township: {"who": Role.AUDITOR},
}


def rows_behind(client: Client, url: str) -> int:
    """Count what the list finds by the filters of the address, each of which must be in force."""
    address = urlsplit(url)
    assert address.path == reverse("services:request_list")
    request = RequestFactory().get(url)
    request.user = client.user
    filterset, problems = read_filters(RequestFilter, request, HelpRequest.objects.visible_to(client.user))
    assert (problems, len(given_values(filterset))) == ([], len(parse_qsl(address.query))), url
    return filterset.qs.count()


def figures_on(context: Any) -> list[tuple[int, str]]:
    """Return every figure of the page with its link."""
    shown = [figure for row in [*context["rows"], context["total"]] for figure in row["figures"].values()]
    return [*shown, *((number, url) for _label, number, url in context["columns"])]


def assert_figures_are_rows(client: Client, context: Any) -> None:
    figures = figures_on(context)
    assert [number for number, _ in figures] == [rows_behind(client, url) for _, url in figures]
    assert sum(number for number, _ in figures) > 20


@pytest.mark.parametrize("person", PEOPLE)
def test_each_figure_is_as_many_as_the_rows_behind_its_link(client_of: ClientOf, person: str) -> None:
    first, _ = a_summer()
    client = client_of(**PEOPLE[person](first))

    for by in By if person == "city" else (By.VILLAGE,):
        query = {"period": "2026", "by": by}
        if by == By.VILLAGE and client.user.is_city_wide:
            query["township"] = first.pk
        context = client.get(URL, query).context
        assert context["problems"] == []
        assert_figures_are_rows(client, context)


def test_links_open_the_list_of_as_many_requests(client_of: ClientOf) -> None:
    a_summer()
    client = client_of(Role.ADMIN)

    for number, url in client.get(URL).context["total"]["figures"].values():
        page = client.get(url).context["page"]
        assert (page.count.number, page.problems) == (number, []), url


def test_narrowed_figures_lead_to_the_same_rows(client_of: ClientOf) -> None:
    first, _ = a_summer()
    client = client_of(Role.ADMIN)
    query = {"period": "2026-07", "township": first.pk, "channel": "phone", "urgency": "normal", "by": "category"}

    context = client.get(URL, query).context

    assert context["total"]["rates"]["asked"] == 8
    assert_figures_are_rows(client, context)


def test_zero_is_shown_for_everything_that_there_is(client_of: ClientOf) -> None:
    first, second = a_summer()
    idle, retired = make_category(), make_category(is_retired=True)
    client = client_of(Role.ADMIN)

    def names(**query: Any) -> dict[str, int]:
        return {row["name"]: row["rates"]["asked"] for row in client.get(URL, query).context["rows"]}

    assert names(by="township", period="2026-08") == {first.name: 2, second.name: 0}
    by_category = names(by="category")
    assert by_category[str(idle)] == 0
    assert by_category["Not known yet"] == 13
    assert str(retired) not in by_category
    assert names(by="month") == {
        **{f"{month} 2026": 0 for month in ("January", "February", "March", "April", "May")},
        "June 2026": 1, "July 2026": 11, "August 2026": 2,
    }  # fmt: skip
    assert len(names(by="channel")) == len(HelpRequest.Channel)
    assert sorted(names(by="village", township=first.pk).values()) == [0, 12]


def test_a_township_sees_its_own_rates_whatever_it_asks_for(client_of: ClientOf) -> None:
    first, second = a_summer()
    client = client_of(Role.TOWNSHIP_STAFF, township=first)

    answer = client.get(URL, {"period": "2026", "township": second.pk, "by": "township"})

    assert answer.context["total"]["rates"]["asked"] == 12
    assert answer.context["by"] == By.VILLAGE
    assert second.name not in answer.content.decode()


def test_leaders_have_no_rates(client_of: ClientOf) -> None:
    assert client_of(Role.TEAM_LEADER).get(URL).status_code == 403


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"period": "x"}, "A filter was not understood: this is all of this year."),
        ({"period": "9999"}, "A filter was not understood: this is all of this year."),
        ({"township": "999999999999999999999"}, "A filter was not understood: this is all of this year."),
        ({"channel": "\x00"}, "A filter was not understood: this is all of this year."),
        ({"by": "caller"}, "The breakdown was not understood: this is by Township."),
        ({"by": "village"}, "Choose a township to see its villages."),
        ({"village": "7"}, "“Village” was left out: it does not fit the other filters."),
    ],
)
def test_rubbish_in_the_address_shows_the_page_with_a_message(
    client_of: ClientOf, query: dict[str, str], problem: str
) -> None:
    answer = client_of(Role.ADMIN).get(URL, query)

    assert answer.status_code == 200
    assert answer.context["problems"] == [problem]
    assert answer.context["period"] == YEAR


def test_nothing_asked_has_no_rate(client_of: ClientOf) -> None:
    page = client_of(Role.ADMIN).get(URL)

    assert [cell["percent"] for cell in page.context["total"]["cells"]] == ["–"] * 4
    assert page.context["total"]["cells"][-1]["spread"] == "Nobody has rated yet."


def test_page_asks_no_more_because_there_is_more(client_of: ClientOf, django_assert_max_num_queries: Any) -> None:
    client = client_of(Role.ADMIN)
    for _ in range(2):
        a_summer()
        with django_assert_max_num_queries(16):
            client.get(URL, {"period": "2026", "by": "township"})


# --- The file ---------------------------------------------------------------------------------------------------


def test_file_holds_the_numbers_of_the_page_and_says_the_period(client_of: ClientOf) -> None:
    first, second = a_summer()
    client = client_of(Role.ADMIN)
    address = f"{URL}?period=2026-07&by=township"

    lines = read_csv(client.post(address, {"export": "csv"}))
    sheet, about = read_xlsx(client.post(address, {"export": "xlsx"})).values()

    head, *rows = lines
    shown = {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    assert list(shown) == [first.name, second.name, "All"]
    assert {name: shown[first.name][name] for name in ("Counted in the rates", "Answered", "Answer rate (%)")} == {
        "Counted in the rates": "9", "Answered": "8", "Answer rate (%)": "88.9",
    }  # fmt: skip
    assert shown[first.name]["Median minutes until answered"] == "20"
    assert (shown[second.name]["Answer rate (%)"], shown[second.name]["Median minutes until answered"]) == ("0.0", "")
    assert sheet[1][head.index("Answer rate (%)")] == 88.9
    assert any("July 2026" in str(cell) for line in about for cell in line)


def test_file_without_a_kind_is_refused_and_leaders_take_nothing(client_of: ClientOf) -> None:
    assert client_of(Role.ADMIN).post(URL).status_code == 302
    assert client_of(Role.TEAM_LEADER).post(URL, {"export": "csv"}).status_code == 403


def test_villages_lead_to_their_requests(client_of: ClientOf) -> None:
    first, _ = a_summer()
    grid = make_grid(township=first)
    asked(make_team(grid=grid), at(7, 9))
    client = client_of(Role.ADMIN)

    rows = client.get(URL, {"period": "2026-07", "township": first.pk, "by": "village"}).context["rows"]

    row = next(row for row in rows if row["name"] == grid.village.name)
    assert rows_behind(client, row["figures"]["asked"][1]) == 1


def test_places_without_a_request_stand_below_the_table(client_of: ClientOf) -> None:
    first, _ = a_summer()
    idle = make_village(township=first)
    context = client_of(Role.ADMIN).get(URL, {"period": "2026", "by": "village", "township": first.pk}).context

    assert idle.name in [row["name"] for row in context["without"]]
    assert all(row["figures"]["asked"][0] == 0 for row in context["without"])
    assert client_of(Role.ADMIN).get(URL, {"period": "2026", "by": "month"}).context["without"] == []
