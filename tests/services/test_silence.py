"""The lists of silent teams and uncovered grids: who stands on them, in which order, and that home counts the same."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.rights import Role
from grids.models import Membership, Team
from tests.factories import (
    make_grid,
    make_log,
    make_membership,
    make_report,
    make_request,
    make_team,
    make_township,
    make_village,
)
from tests.services.test_home import PEOPLE, leader_of, tasks_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 8, 12)
SILENT, UNCOVERED = "services:silent_list", "services:uncovered_list"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime.fromisoformat("2026-08-12T09:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def township():
    return make_township()


@pytest.fixture
def staff(client_of, township):
    return client_of(Role.TOWNSHIP_STAFF, township=township)


def served(township, days_ago, **fields):
    team = make_team(township=township, **fields)
    make_log(team=team, on=TODAY - timedelta(days_ago))
    return team


def rows_of(client, name, **query):
    answer = client.get(reverse(name), query)
    assert answer.status_code == 200
    assert answer.context["page"].count.number == len(answer.context["page"].rows)
    return [(row["name"], row["days"]) for row in answer.context["page"].rows]


# --- silent teams ----------------------------------------------------------------------------------------------


def test_teams_stand_by_their_silence_those_that_never_served_first(staff, township):
    served(township, 29)
    edge, long = served(township, 30), served(township, 90)
    never = make_team(township=township, activated_on=TODAY - timedelta(40))
    make_team(township=township, activated_on=TODAY - timedelta(29))
    make_team(township=township, members=0)
    served(make_township(), 200)
    withdrawn = served(township, 60)
    make_log(team=withdrawn, on=TODAY, is_withdrawn=True, withdrawn_reason="误记")

    assert rows_of(staff, SILENT) == [
        (never.name, "40 days"),
        (long.name, "90 days"),
        (withdrawn.name, "60 days"),
        (edge.name, "30 days"),
    ]
    assert rows_of(staff, SILENT, days="60") == [(long.name, "90 days"), (withdrawn.name, "60 days")]
    assert rows_of(staff, SILENT, days="never")[0] == (never.name, "40 days")
    assert len(rows_of(staff, SILENT, days="all")) == 6


def test_a_row_leads_to_the_last_service_the_month_and_the_requests(staff, township):
    team = served(township, 40)
    last = team.logs.get()
    make_log(team=team, on=TODAY - timedelta(50))
    make_request(team=team)
    make_request(team=make_team(township=township))

    (row,) = (row for row in staff.get(reverse(SILENT)).context["page"].rows if row["name"] == team.name)

    assert row["url"] == reverse("services:team_month", args=[team.pk])
    assert row["last_url"] == last.get_absolute_url()
    assert (row["last"], row["requests"]) == ("2026-07-03", 1)
    assert row["leader"] == team.memberships.get(role="leader").volunteer.name
    assert staff.get(row["requests_url"]).context["page"].count.number == 1


def test_filters_of_place_and_name(client_of, township):
    village = make_village(township=township)
    here = served(township, 40, grid=make_grid(village=village), name="前进队")
    there, elsewhere = served(township, 50, name="后山队"), served(make_township(), 60)
    city = client_of(Role.ADMIN)

    assert [name for name, _ in rows_of(city, SILENT)] == [elsewhere.name, there.name, here.name]
    assert [name for name, _ in rows_of(city, SILENT, township=township.pk)] == [there.name, here.name]
    assert [name for name, _ in rows_of(city, SILENT, township=township.pk, village=village.pk)] == [here.name]
    assert [name for name, _ in rows_of(city, SILENT, q="后山")] == [there.name]


def test_a_leader_sees_the_own_team_only(client_of, township):
    mine = served(township, 31)
    served(township, 100)
    client = client_of(leader_of(mine))

    assert rows_of(client, SILENT) == [(mine.name, "31 days")]
    (task,) = [task for task in tasks_of(client) if task.url == reverse(SILENT)]
    assert task.text == "your team has logged no service for 31 days"


@pytest.mark.parametrize("query", [{"days": "x"}, {"days": "-1"}, {"village": "9"}, {"after": "x"}, {"q": "\0"}])
def test_senseless_filters_show_nothing_and_say_so(staff, township, query):
    served(township, 40)

    answer = staff.get(reverse(SILENT), query)

    assert answer.status_code in (200, 400)


# --- uncovered grids -----------------------------------------------------------------------------------------------


def test_grids_stand_by_how_long_they_have_been_without_a_team(staff, township):
    never = make_grid(township=township)
    once = make_team(township=township)
    make_report(team=once)
    Team.objects.filter(pk=once.pk).update(state="dissolved", dissolved_on=TODAY - timedelta(20))
    fell_back = make_team(township=township)
    make_report(team=fell_back)
    Membership.objects.filter(team=fell_back, role="member").update(left_on=TODAY - timedelta(10), reason="搬家")
    Team.objects.filter(pk=fell_back.pk).update(state="forming", activated_on=None)
    forming = make_team(township=township, members=0)
    make_membership(forming, left_on=TODAY - timedelta(5), reason="?")
    make_team(township=township)
    make_grid(township=township, is_retired=True)
    make_grid()

    assert rows_of(staff, UNCOVERED) == [
        (str(never), ""),
        (str(forming.grid), ""),
        (str(once.grid), "20 days"),
        (str(fell_back.grid), "10 days"),
    ]


# --- home counts the same -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["staff", "leader", "reviewer", "city", "admin"])
def test_home_counts_the_rows_of_both_lists(client_of, township, person):
    team = served(township, 45)
    served(township, 80)
    make_team(township=township)
    make_grid(township=township)
    elsewhere = served(make_township(), 90)
    make_grid(village=elsewhere.grid.village)
    client = client_of(**PEOPLE[person](team))

    tasks = {task.url: task.count for task in tasks_of(client)}

    for name in (SILENT, UNCOVERED):
        if reverse(name) in tasks:
            assert tasks[reverse(name)] == client.get(reverse(name)).context["page"].count.number > 0
    assert (reverse(UNCOVERED) in tasks) == (person != "leader")
    assert reverse(SILENT) in tasks


@pytest.mark.parametrize("name", [SILENT, UNCOVERED])
@pytest.mark.parametrize("size", [1, 6])
def test_the_lists_cost_the_same_at_any_length(client_of, name, size, django_assert_max_num_queries):
    for _ in range(size):
        team = served(make_township(), 40)
        make_request(team=team)
        make_team(grid=make_grid(village=team.grid.village), members=0)
    client = client_of(Role.ADMIN)

    with django_assert_max_num_queries(13):
        client.get(reverse(name))
