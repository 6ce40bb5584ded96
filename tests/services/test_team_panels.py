"""The panels that services add to a team's page: workload, requests, logs, reports."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from accounts.rights import Role
from grids.models import Team
from services.domain.workload import Done, bearers_of_half, loads_of
from tests.factories import make_log, make_membership, make_report, make_request, make_team, make_volunteer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


@pytest.fixture
def november():
    with time_machine.travel("2026-11-20T04:00:00Z", tick=False):
        yield


def panel(client, team, name):
    """Return what the panel is given, on the page of ``team``."""
    page = client.get(reverse("grids:team_detail", args=[team.pk]))
    return next(part.context for part in page.context["parts"] if part.section.name == name)


@pytest.fixture
def team():
    return make_team(members=4)


@pytest.fixture
def staff(client_of, team):
    return client_of(Role.TOWNSHIP_STAFF, township=team.township)


def people(team):
    return [stay.volunteer for stay in team.memberships.order_by("pk")]


def test_workload_counts_each_span_and_leaves_out_what_does_not_stand(team):
    first, *_others = people(team)
    make_log(team=team, on=date(2026, 11, 3), participants={first: 60})
    make_log(team=team, on=date(2026, 2, 3), participants={first: 30})
    make_log(team=team, on=date(2025, 12, 1), participants={first: 15})
    make_log(team=team, on=date(2025, 11, 30), participants={first: 600})
    make_log(team=team, on=date(2026, 11, 4), participants={first: 60}, is_withdrawn=True, withdrawn_reason="误记")

    assert loads_of(team, date(2026, 11, 20)) == {
        first.pk: {"month": Done(1, 60), "year": Done(2, 90), "twelve": Done(3, 105)}
    }


def test_workload_shows_who_did_nothing_and_who_did_twice_their_share(staff, team):
    first, second, *_idle = people(team)
    make_log(team=team, on=date(2026, 10, 3), participants={first: 300})
    make_log(team=team, on=date(2026, 10, 4), participants={second: 60})

    shown = panel(staff, team, "workload")

    assert [(row["minutes"], row["width"]) for row in shown["rows"]] == [(300, 100), (60, 20), (0, 0), (0, 0)]
    assert [bool(row["mark"]) for row in shown["rows"]] == [True, False, True, True]
    assert (shown["even"], shown["even_hours"]) == (30, "1.5")
    assert "1 of 4" in shown["said"]
    assert "2 members" in shown["said"]


def test_workload_figures_lead_to_their_rows(staff, team):
    first, *_others = people(team)
    make_log(team=team, on=date(2026, 10, 3), participants={first: 300})
    make_log(team=team, on=date(2026, 10, 4))

    _month, _year, twelve = panel(staff, team, "workload")["rows"][0]["spans"]

    assert twelve["services"] == 2
    assert len(staff.get(twelve["url"]).context["page"].rows) == 2


def test_workload_puts_helpers_and_former_members_together(staff, team):
    helper = make_volunteer(village=team.grid.village)
    former = make_membership(team, joined_on=date(2020, 1, 1), left_on=date(2026, 11, 1)).volunteer
    make_log(team=team, on=date(2026, 10, 3), participants={former: 60}, helpers=[helper])

    shown = panel(staff, team, "workload")

    assert shown["other_people"] == 2
    assert shown["others"][2]["services"] == 2
    assert shown["said"].startswith("No member")


def test_workload_of_a_dissolved_team_ends_with_it(staff, team):
    first, *_others = people(team)
    make_log(team=team, on=date(2024, 5, 3), participants={first: 60})
    team.memberships.update(left_on=date(2024, 6, 1))
    Team.objects.filter(pk=team.pk).update(state="dissolved", dissolved_on=date(2024, 6, 1))

    shown = panel(staff, team, "workload")

    assert shown["rows"] == []
    assert [span["services"] for span in shown["others"]] == [0, 1, 1]
    assert panel(staff, team, "reports")["months"][-1]["short"] == "24-06"


@pytest.mark.parametrize(
    ("minutes", "few"), [([], 0), ([0, 0], 0), ([10], 1), ([10, 10, 10, 10], 2), ([100, 10, 10], 1)]
)
def test_half_of_the_hours_is_borne_by(minutes, few):
    assert bearers_of_half(minutes) == few


def test_requests_of_the_year_lead_to_as_many_rows(staff, team):
    asked = datetime(2026, 11, 3, tzinfo=UTC)
    make_request(team=team, asked_at=asked)  # overdue
    make_request(team=team, asked_at=asked, state="resolved")
    make_request(team=team, asked_at=asked, state="withdrawn")
    make_request(team=team, asked_at=datetime(2025, 11, 3, tzinfo=UTC))

    shown = panel(staff, team, "requests")["year"]

    assert [number for number, _url in shown] == [2, 1, 1]
    assert [staff.get(url).context["page"].count.number for _number, url in shown] == [2, 1, 1]


def test_requests_that_wait_come_first_the_oldest_first(staff, team):
    done = make_request(
        team=team, state="unsolved", closed_at=datetime(2026, 11, 20, tzinfo=UTC), outcome="打错了", content="丙"
    )
    for number, content in enumerate(["甲", "乙"], start=1):
        make_request(team=team, content=content, asked_at=datetime(2026, 11, number, tzinfo=UTC))
    make_request(content="别处的事")

    shown = panel(staff, team, "requests")

    assert [row["content"] for row in shown["requests"]] == ["甲", "乙", done.content]
    assert shown["waiting_count"] == 2
    assert len(staff.get(shown["waiting_url"]).context["page"].rows) == 2


def test_reports_are_a_strip_of_twelve_months(staff, team):
    make_report(team=team, month=date(2026, 10, 1), state="returned")
    Team.objects.filter(pk=team.pk).update(formed_on=date(2026, 3, 15))

    months = panel(staff, team, "reports")["months"]

    assert [month["short"] for month in months][::11] == ["25-12", "26-11"]
    assert [month["word"] for month in months] == ["not formed yet"] * 3 + ["no report"] * 7 + ["Returned", "no report"]
    assert months[10]["url"] != ""


def test_a_leader_sees_the_panels_of_their_own_team_and_no_other(client_of, team):
    client = client_of(Role.TEAM_LEADER, township=team.township)
    leader = team.memberships.get(role="leader").volunteer
    leader.user = client.user
    leader.save()
    make_log(team=team, on=date(2026, 11, 3), recipient="王大爷")

    page = client.get(reverse("grids:team_detail", args=[team.pk]))

    assert [part.section.name for part in page.context["parts"]] == [
        "members", "requests", "workload", "logs", "reports", "time-line",
    ]  # fmt: skip
    assert "王大爷" in page.content.decode()
    assert client.get(reverse("grids:team_detail", args=[make_team(township=team.township).pk])).status_code == 404
