"""Ledgers: what counts, what waits, what is missing, by month; and every figure is the rows behind its link."""

import re
from datetime import date, datetime

import pytest
import time_machine
from django.urls import reverse

from accounts.rights import Role
from services.domain.ledger import Line, people_of, team_ledger, volunteer_ledger
from services.domain.verdict import exact_time
from services.models import RecognitionRound
from tests.factories import make_log, make_membership, make_read, make_team, make_user, make_volunteer
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_august():
    with time_machine.travel(datetime.fromisoformat("2026-08-12T09:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def member(team):
    return team.memberships.get(role="leader").volunteer


@pytest.fixture
def year(team, member):
    """Two services in June, read, one of them for half an hour; one in July that waits; one withdrawn; one of 2025."""
    june = make_log(team=team, on=date(2026, 6, 3), participants={member: 60})
    make_log(team=team, on=date(2026, 6, 4), participants={member: 30})
    make_log(team=team, on=date(2026, 7, 6), minutes=100, participants={member: 100})
    make_log(team=team, on=date(2026, 7, 7), participants=[member], is_withdrawn=True, withdrawn_reason="重复")
    before = make_log(team=team, on=date(2025, 12, 31), participants={member: 45})
    make_read(june.report, before.report)
    return team


def rows_behind(client, url):
    page = client.get(url)
    assert page.status_code == 200
    return page.context["page"].count.number, page.context.get("hours")


# --- a volunteer's ------------------------------------------------------------------------------------


def test_months_say_what_counts_and_what_waits(year, member):
    ledger = volunteer_ledger(member, 2026, make_user(Role.ADMIN))

    assert {month: line for month, line in ledger.by_month.items() if line != Line()} == {
        date(2026, 6, 1): Line(services=2, minutes=90),
        date(2026, 7, 1): Line(waiting_services=1, waiting_minutes=100),
    }
    assert len(ledger.by_month) == 12
    assert ledger.total == Line(services=2, minutes=90, waiting_services=1, waiting_minutes=100)
    assert (ledger.lifetime_services, ledger.lifetime_minutes) == (3, 135)


def test_year_before_holds_its_own_services_and_no_later_ones(year, member):
    ledger = volunteer_ledger(member, 2025, make_user(Role.ADMIN))

    assert ledger.total == Line(services=1, minutes=45)
    assert (ledger.lifetime_services, ledger.lifetime_minutes) == (1, 45)


@pytest.mark.parametrize(
    ("minutes", "services", "missing"),
    [(17_999, 99, (1, 1)), (18_000, 0, (0, 100)), (0, 100, (18_000, 0)), (20_000, 120, (0, 0))],
)
def test_distance_counts_to_the_minute(minutes, services, missing):
    assert Line(services=services, minutes=minutes).short_of(RecognitionRound(year=2026)) == missing


def test_terms_are_those_of_the_years_round(client_of, year, member):
    RecognitionRound.objects.create(year=2026, min_minutes=90, min_services=3)

    tests = client_of(Role.ADMIN).get(reverse("services:volunteer_ledger", args=[member.pk])).context["tests"]

    assert [(test["is_passed"], test["distance"]) for test in tests] == [(True, ""), (False, "1 service too few")]


def test_help_for_another_team_is_marked_and_leads_to_its_rows(client_of, team, member):
    other = make_team(township=team.township)
    make_log(team=other, on=date(2026, 6, 5), helpers=[member])
    make_log(team=team, on=date(2026, 6, 6), participants=[member])
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    months = client.get(reverse("services:volunteer_ledger", args=[member.pk])).context["months"]

    june = months[5]
    assert (june["waiting_services"], june["helped"], june["unseen"]) == (2, 1, 0)
    assert rows_behind(client, june["helped_url"])[0] == 1


@pytest.mark.parametrize("role", [Role.TOWNSHIP_STAFF, Role.REVIEWER, Role.ADMIN, Role.AUDITOR])
def test_every_figure_is_the_rows_behind_its_link(client_of, year, member, role):
    place = {"township": year.township} if role == Role.TOWNSHIP_STAFF else {}
    client = client_of(role, **place)

    context = client.get(reverse("services:volunteer_ledger", args=[member.pk])).context

    for row in [*context["months"], context["total"]]:
        if row["services"]:
            assert rows_behind(client, row["counted_url"]) == (row["services"], row["hours"])
        if row["waiting_services"]:
            assert rows_behind(client, row["waiting_url"]) == (row["waiting_services"], row["waiting_hours"])


def test_services_that_the_reader_does_not_see_are_counted_and_said(client_of, team, member):
    """A leader sees the own team's logs; what a member did as a helper elsewhere counts all the same."""
    other = make_team(township=team.township, name="别的服务队")
    make_log(team=other, on=date(2026, 6, 5), helpers=[member], recipient="别家老人")
    make_log(team=team, on=date(2026, 6, 6), participants=[member])
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    member.user = leader.user
    member.save()

    page = leader.get(reverse("services:volunteer_ledger", args=[member.pk]))

    june = page.context["months"][5]
    assert (june["waiting_services"], june["unseen"]) == (2, 1)
    assert rows_behind(leader, june["waiting_url"])[0] == 1
    assert "别的服务队" not in page.content.decode()
    assert "别家老人" not in page.content.decode()


def test_former_member_is_no_longer_the_leaders_business(client_of, team):
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    Volunteer.objects.filter(memberships__team=team, memberships__role="leader").update(user=leader.user)
    gone = make_membership(team, left_on=date(2026, 5, 1), reason="搬迁").volunteer

    assert leader.get(reverse("services:volunteer_ledger", args=[gone.pk])).status_code == 404


@pytest.mark.parametrize("year", ["1066", "2027", "abc", "２０２６", "9" * 30])
def test_year_that_is_none_shows_the_present_one_and_says_so(client_of, member, year):
    page = client_of(Role.ADMIN).get(reverse("services:volunteer_ledger", args=[member.pk]), {"year": year})

    assert (page.status_code, page.context["year"], len(page.context["problems"])) == (200, "2026", 1)


def test_page_says_township_and_day_for_the_printer(client_of, year, member):
    page = client_of(Role.ADMIN).get(reverse("services:volunteer_ledger", args=[member.pk])).content.decode()

    assert member.township.name in page
    assert re.search(r"as of .*2026", page)
    assert "1.5" in page  # ninety minutes, floored


# --- a team's -----------------------------------------------------------------------------------------


def test_team_counts_its_services_once_and_everybodys_minutes(team):
    log = make_log(team=team, on=date(2026, 6, 3))
    make_log(team=team, on=date(2026, 7, 6), minutes=30)
    make_read(log.report)

    ledger = team_ledger(team, 2026)

    assert ledger.by_month[date(2026, 6, 1)] == Line(services=1, minutes=180)
    assert ledger.by_month[date(2026, 7, 1)] == Line(waiting_services=1, waiting_minutes=90)
    assert (ledger.lifetime_services, ledger.lifetime_minutes) == (1, 180)


def test_team_lists_members_without_a_service_and_whoever_else_served(client_of, team, member):
    helper = make_volunteer(village=team.grid.village)
    log = make_log(team=team, on=date(2026, 6, 3), participants=[member], helpers=[helper])
    make_read(log.report)

    people = people_of(team, 2026, make_user(Role.ADMIN))

    assert {(person.volunteer.pk, person.is_member, person.here) for person in people} == {
        (member.pk, True, Line(services=1, minutes=60)),
        *((pk, True, Line()) for pk in team.memberships.exclude(volunteer=member).values_list("volunteer", flat=True)),
        (helper.pk, False, Line(services=1, minutes=60, helped=1)),
    }
    assert [person.is_member for person in people] == [True, True, True, False]


def test_distance_counts_all_teams_for_those_who_see_the_record(client_of, team, member):
    other = make_team(township=team.township)
    helped = make_log(team=other, on=date(2026, 6, 5), helpers=[member])
    make_read(helped.report)
    helper = make_volunteer(village=team.grid.village)
    make_log(team=team, on=date(2026, 7, 3), participants=[member], helpers=[helper])
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    member.user = leader.user
    member.save()

    rows = {row["name"]: row for row in leader.get(reverse("services:team_ledger", args=[team.pk])).context["people"]}

    assert rows[member.name]["everywhere"] == {"services": 1, "hours": "1.0"}
    assert "everywhere" not in rows[helper.name]
    assert "url" not in rows[helper.name]


@pytest.mark.parametrize("role", [Role.TOWNSHIP_STAFF, Role.ADMIN])
def test_every_figure_of_a_team_is_the_rows_behind_its_link(client_of, year, role):
    client = client_of(role, **({"township": year.township} if role == Role.TOWNSHIP_STAFF else {}))

    context = client.get(reverse("services:team_ledger", args=[year.pk])).context

    for row in [*context["months"], context["total"], *context["people"]]:
        if row["services"]:
            assert rows_behind(client, row["counted_url"]) == (row["services"], row["hours"])
        if row["waiting_services"]:
            assert rows_behind(client, row["waiting_url"]) == (row["waiting_services"], row["waiting_hours"])


@pytest.mark.parametrize("ledger", ["volunteer", "team"])
def test_ledger_asks_no_more_for_more_services(client_of, django_assert_max_num_queries, team, member, ledger):
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    address = reverse(f"services:{ledger}_ledger", args=[member.pk if ledger == "volunteer" else team.pk])
    for month in range(1, 8):
        make_log(team=team, on=date(2026, month, 3), participants=[member, make_membership(team).volunteer])
    client.get(address)

    with django_assert_max_num_queries(20):
        assert client.get(address).status_code == 200


# --- the pages lead to them ---------------------------------------------------------------------------


def test_record_and_team_lead_to_their_ledgers(client_of, team, member):
    client = client_of(Role.ADMIN)

    assert (
        reverse("services:volunteer_ledger", args=[member.pk]) in client.get(member.get_absolute_url()).content.decode()
    )
    assert reverse("services:team_ledger", args=[team.pk]) in client.get(team.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("minutes", "words"), [(1, "1 min"), (60, "1 h"), (61, "1 h 1 min"), (11460, "191 h")])
def test_distance_is_told_to_the_minute(minutes, words):
    assert exact_time(minutes) == words
