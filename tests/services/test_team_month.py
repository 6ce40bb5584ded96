"""A team's month: the calendar, what is missing before it is submitted, and submitting it where it is shown."""

from datetime import date, datetime, time
from uuid import uuid4

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from services.domain.month import due_on
from services.domain.report import return_month, submit_month
from services.models import LogComment, MonthlyReport, RecognitionRound, Visit
from tests.factories import (
    make_grid,
    make_log,
    make_report,
    make_request,
    make_team,
    make_user,
    make_visit_plan,
    make_volunteer,
)
from tests.services.test_home import leader_of

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime.fromisoformat("2026-08-03T12:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def leader(client_of, team):
    return client_of(leader_of(team))


def page_of(client, team, month="2026-07"):
    return client.get(f"{reverse('services:team_month', args=[team.pk])}?month={month}")


def squares(answer):
    return {each["day"].day: each for week in answer.context["weeks"] for each in week if each["day"].is_of_month}


def ask_for(team, **fields):
    return make_request(team=team, caller="老陈", content="修水管", **fields)


# --- the way there ----------------------------------------------------------------------------------------


def test_my_month_leads_to_the_leaders_team_and_tells_who_leads_none(leader, team, client_of):
    assert leader.get(reverse("services:my_month")).url == reverse("services:team_month", args=[team.pk])

    answer = client_of(Role.TEAM_LEADER).get(reverse("services:my_month"))

    assert (answer.status_code, answer.context["teams"]) == (200, [])


def test_staff_open_any_team_of_the_township(client_of, team):
    staff = client_of(Role.TOWNSHIP_STAFF, township=team.township)

    assert page_of(staff, team).status_code == 200
    assert page_of(client_of(Role.TOWNSHIP_STAFF), team).status_code == 404


# --- the calendar --------------------------------------------------------------------------------------------


def test_the_calendar_has_whole_weeks_and_each_days_services(leader, team):
    make_log(team=team, on=date(2026, 7, 6), minutes=60, recipient="老陈")
    make_log(team=team, on=date(2026, 7, 6), starts=time(14), minutes=30)
    make_log(team=team, on=date(2026, 7, 7), is_withdrawn=True, withdrawn_reason="重复")
    make_log(team=make_team(), on=date(2026, 7, 8))

    answer = page_of(leader, team)

    assert [len(week) for week in answer.context["weeks"]] == [7] * 5
    assert answer.context["weeks"][0][0]["day"].day == date(2026, 6, 29)
    found = {day: (len(each["logs"]), each["day"].minutes) for day, each in squares(answer).items() if each["logs"]}
    assert found == {date(2026, 7, 6): (2, 90)}
    assert "老陈" in answer.content.decode()


def test_a_day_leads_to_its_services_and_to_the_form_for_it(leader, team):
    make_log(team=team, on=date(2026, 7, 6))

    square = squares(page_of(leader, team))[date(2026, 7, 6)]

    assert leader.get(square["list_url"]).context["page"].count.number == 1
    form = leader.get(square["log_url"]).context["form"]
    assert (form["team"].value(), form["date"].value()) == (team.pk, "2026-07-06")


def test_days_to_come_and_submitted_months_offer_no_form(leader, team):
    this_month = squares(page_of(leader, team, "2026-08"))
    assert this_month[date(2026, 8, 3)]["log_url"]
    assert this_month[date(2026, 8, 3)]["day"].is_today
    assert not this_month[date(2026, 8, 4)]["log_url"]

    make_report(team=team, month=JULY, state="submitted")
    assert not any(each["log_url"] for each in squares(page_of(leader, team)).values())


@pytest.mark.parametrize("month", ["2026-13", "x", "", "2026-7", "0000-01", "3000-01", "9999-12"])
def test_a_month_that_is_none_shows_this_one(leader, team, month):
    answer = page_of(leader, team, month)

    assert answer.status_code == 200
    assert date(2026, 8, 3) in squares(answer)
    assert bool(answer.context["problems"]) == bool(month)


def test_members_without_a_service_and_helpers_are_seen(leader, team):
    first, second, _third = (each.volunteer for each in team.memberships.order_by("id"))
    helper = make_volunteer(village=team.grid.village)
    make_log(team=team, on=date(2026, 7, 6), participants={first: 60, second: 40}, helpers=[helper])

    rows = page_of(leader, team).context["members"]

    assert [(row["line"].minutes, row["line"].is_helper) for row in rows] == [
        (60, False),
        (60, True),
        (40, False),
        (0, False),
    ]
    assert [row["width"] for row in rows] == [100, 100, 66.7, 0]


# --- what is missing, and submitting ---------------------------------------------------------------------------


def test_the_month_is_due_on_the_fifth_of_the_next_unless_set_otherwise(settings):
    assert due_on(date(2026, 11, 1)) == date(2026, 12, 5)
    assert due_on(date(2026, 12, 1)) == date(2027, 1, 5)
    settings.SUBMIT_BY_DAY = 10
    assert due_on(date(2026, 2, 1)) == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-08-04", "To be submitted by 5 August."),
        ("2026-08-05", "It is to be submitted today, 5 August."),
        ("2026-08-06", "It was to be submitted by 5 August, 1 day ago."),
        ("2026-08-09", "It was to be submitted by 5 August, 4 days ago."),
    ],
)
def test_the_page_says_by_when(leader, team, now, said):
    make_report(team=team, month=JULY)

    with time_machine.travel(datetime.fromisoformat(f"{now}T12:00:00+08:00")):
        assert page_of(leader, team).context["due"] == said


def test_what_is_missing_stands_before_the_button(leader, team):
    report = make_report(team=team, month=JULY)
    make_log(report=report)
    ask_for(team)
    ask_for(team, state="resolved", closed_at=timezone.now())
    ask_for(make_team())
    make_visit_plan(team, starts_on=date(2026, 7, 1))
    make_visit_plan(team, starts_on=date(2026, 8, 20))

    answer = page_of(leader, team)

    assert (len(answer.context["requests"]), answer.context["overdue"]) == (1, 1)
    html = answer.content.decode()
    assert "1 request is without a service" in html
    assert "1 visit is overdue" in html


def test_a_leader_submits_where_the_month_is_shown(leader, team):
    report = make_report(team=team, month=JULY)
    make_log(report=report)

    answer = leader.post(f"{reverse('services:team_month', args=[team.pk])}?month=2026-07", {"version": report.version})

    assert answer.url == f"{reverse('services:team_month', args=[team.pk])}?month=2026-07"
    report.refresh_from_db()
    assert (report.state, report.submitted_by) == ("submitted", leader.user)


def test_a_month_without_services_is_submitted_as_a_nil_report_only(leader, team):
    report = make_report(team=team, month=JULY)
    address = f"{reverse('services:team_month', args=[team.pk])}?month=2026-07"

    refused = leader.post(address, {"version": report.version})
    assert refused.status_code == 422
    assert "There is no service in this month" in refused.content.decode()
    assert MonthlyReport.objects.get().state == "open"

    assert leader.post(address, {"version": report.version, "nil_confirmed": "on"}).status_code == 302
    assert MonthlyReport.objects.get(pk=report.pk).state == "submitted"


def test_a_month_that_has_not_ended_or_was_submitted_meanwhile_is_refused(leader, team):
    report = make_report(team=team, month=JULY)
    make_log(report=report)
    make_report(team=team, month=date(2026, 8, 1))
    address = reverse("services:team_month", args=[team.pk])
    seen = report.version

    assert "has not ended yet" in leader.post(f"{address}?month=2026-08", {"version": 0}).content.decode()
    submit_month(report, by=make_user())
    answer = leader.post(f"{address}?month=2026-07", {"version": seen})
    assert answer.status_code == 422
    assert "A reviewer can read or return it." in answer.content.decode()
    assert "was not active" in leader.post(f"{address}?month=2026-05", {"version": 0}).content.decode()


def test_a_returned_month_shows_the_remark_and_the_comments(leader, team):
    report = make_report(team=team, month=JULY)
    log = make_log(report=report)
    submit_month(report, by=make_user())
    reviewer = make_user(Role.REVIEWER)
    LogComment.objects.create(log=log, text="时间写错了？", by=reviewer)
    return_month(report, remark="看一下批注", by=reviewer)

    html = page_of(leader, team).content.decode()

    assert "看一下批注" in html
    assert "时间写错了？" in html


def test_other_months_to_finish_are_named_and_settled_ones_are_not(leader, team):
    make_report(team=team, month=date(2026, 5, 1), state="returned")
    make_report(team=team, month=date(2026, 6, 1))
    make_report(team=team, month=date(2025, 6, 1))
    RecognitionRound.objects.create(
        year=2025, state="scored", evidence_hash="0" * 64, scored_by=make_user(), scored_at=timezone.now()
    )

    rows = page_of(leader, team).context["unfinished"]

    assert [row["month"] for row in rows] == ["May 2026", "June 2026"]
    assert [leader.get(row["url"]).status_code for row in rows] == [200, 200]


def test_a_month_submitted_while_somebody_types_keeps_what_was_typed(client_of, team):
    report = make_report(team=team, month=JULY)
    make_log(report=report)
    submitter = make_user(Role.TOWNSHIP_STAFF, township=team.township, name="黄永琪")
    submit_month(report, by=submitter)
    client = client_of(leader_of(team))
    typed = {
        "key": str(uuid4()),
        "team": team.pk,
        "date": "2026-07-20",
        "starts": "08:00",
        "ends": "09:00",
        "category": make_log().category_id,
        "participants": list(team.memberships.values_list("volunteer", flat=True)),
        "recipient": "村民老陈",
        "content": "打扫院子，修好了门",
        "people_served": "1",
    }

    answer = client.post(reverse("services:log_create"), typed)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "July 2026 was submitted by 黄永琪 on 3 August 2026 12:00" in html
    assert "ask the reviewer to return the month, and save again" in html
    assert "打扫院子，修好了门" in html
    assert list(get_messages(answer.wsgi_request)) == []

    return_month(report, remark="请补", by=make_user(Role.REVIEWER))
    assert client.post(reverse("services:log_create"), typed).status_code == 302


@pytest.mark.parametrize("size", [1, 5])
def test_the_page_costs_the_same_at_any_size(leader, team, size, django_assert_max_num_queries):
    report = make_report(team=team, month=JULY)
    for number in range(size):
        log = make_log(report=report, on=date(2026, 7, 6 + number))
        Visit.objects.create(plan=make_visit_plan(team), log=log)
        ask_for(team)
        make_report(team=team, month=date(2026, 1 + number, 1))
        make_team(grid=make_grid(township=team.township))

    with django_assert_max_num_queries(19):
        page_of(leader, team)
