"""What the night reminds of: each rule at its edge, to whom, and once."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone, translation

from accounts.domain.reminder import see_reminder
from accounts.models import Reminder
from accounts.rights import Role
from grids.models import Membership
from services.domain.reminders import RULES, write_reminders
from services.domain.report import return_month, submit_month
from services.models import RecognitionRound
from tests.factories import (
    make_badge,
    make_feedback,
    make_grid,
    make_log,
    make_page_request,
    make_report,
    make_team,
    make_township,
    make_user,
    make_visit_plan,
    make_volunteer,
)
from tests.services.test_home import leader_of

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


@pytest.fixture
def team():
    """A team that serves, so that it is not silent too."""
    return make_team(activated_on=date(2026, 8, 1))


@pytest.fixture
def leader(team):
    return leader_of(team)


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


def night(day):
    """Run the rules on a day, and return what waits for each person then, in words."""
    with time_machine.travel(datetime.fromisoformat(f"{day}T00:30:00+08:00"), tick=False):
        write_reminders()
    waiting = Reminder.objects.unseen().select_related("user").order_by("id")
    return [(each.user, each.in_words()) for each in waiting]


def texts_for(user, day):
    return [text for who, text in night(day) if who == user]


# --- a month is due -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "to_leader", "to_staff"),
    [
        ("2026-08-01", [], []),
        ("2026-08-02", ["is to be submitted by 5 August."], ["is to be submitted by 5 August. Teams"]),
        ("2026-08-04", ["is to be submitted by 5 August."], ["is to be submitted by 5 August. Teams"]),
        ("2026-08-05", ["is to be submitted today."], ["is to be submitted today. Teams"]),
        ("2026-08-06", ["was to be submitted by 5 August."], ["was to be submitted by 5 August. Teams"]),
        ("2026-09-01", ["was to be submitted by 5 August."], ["was to be submitted by 5 August. Teams"]),
    ],
)
def test_a_month_is_reminded_of_from_three_days_before_it_is_due(team, leader, staff, day, to_leader, to_staff):
    make_report(team=team, month=JULY)
    make_report(team=make_team(township=team.township, activated_on=date(2026, 8, 1)), month=JULY)
    make_report(team=team, month=date(2026, 6, 1), state="submitted")
    make_report(team=team, month=date(2026, 8, 1), state="read")

    def due(user):
        return [text for text in texts_for(user, day) if "submitted" in text]

    assert due(leader) == [f"July 2026 of {team.name} {text}" for text in to_leader]
    assert due(staff) == [f"July 2026 {text} that have not submitted it: 2." for text in to_staff]


def test_the_due_day_follows_the_setting(team, leader, settings):
    settings.SUBMIT_BY_DAY = 8
    make_report(team=team, month=JULY)

    assert texts_for(leader, "2026-08-04") == []
    assert texts_for(leader, "2026-08-05") == [f"July 2026 of {team.name} is to be submitted by 8 August."]


def test_one_reminder_of_a_month_waits_at_a_time_and_none_once_it_is_submitted(team, leader):
    report = make_report(team=team, month=JULY)
    for day in ("2026-08-02", "2026-08-03", "2026-08-05"):
        night(day)
    assert texts_for(leader, "2026-08-07") == [f"July 2026 of {team.name} was to be submitted by 5 August."]
    assert Reminder.objects.filter(user=leader).count() == 3

    with time_machine.travel("2026-08-07T04:00:00Z"):
        submit_month(report, nil_confirmed=True, by=make_user())
    assert not Reminder.objects.unseen().filter(user=leader).exists()  # at once, not only by night
    assert texts_for(leader, "2026-08-08") == []


def test_the_office_is_reminded_of_an_overdue_month_again_each_week(team, staff):
    make_report(team=team, month=JULY)
    for day in range(6, 20):
        night(f"2026-08-{day:02}")

    keys = Reminder.objects.filter(user=staff, kind="month_due").order_by("id").values_list("key", flat=True)
    assert [key.rpartition(":")[2] for key in keys] == ["2026-W32", "2026-W33", "2026-W34"]


def test_a_scored_year_is_reminded_of_no_more(team, leader):
    make_report(team=team, month=date(2025, 7, 1))
    RecognitionRound.objects.create(
        year=2025, state="scored", evidence_hash="0" * 64, scored_by=make_user(), scored_at=timezone.now()
    )

    assert texts_for(leader, "2026-08-02") == []


# --- a month came back, or waits -----------------------------------------------------------------------------


def test_a_returned_month_goes_to_its_submitter_and_the_leader(team, leader, staff):
    make_user(Role.TOWNSHIP_STAFF, township=team.township)
    report = make_report(team=team, month=JULY)
    said = f"July 2026 of {team.name} was returned. Read the remark, put it right and submit it again."
    for day in (3, 6):
        with time_machine.travel(datetime.fromisoformat(f"2026-08-{day:02}T10:00:00+08:00")):
            submit_month(report, nil_confirmed=True, by=staff)
            return_month(report, remark="?", by=make_user(Role.REVIEWER))
        assert night(f"2026-08-{day + 1:02}") == [(leader, said), (staff, said)]
        Reminder.objects.update(seen_at=timezone.now())

    assert night("2026-08-08") == []


def test_a_returned_month_of_nobody_goes_to_the_townships_staff(team, staff):
    gone = make_user(Role.TOWNSHIP_STAFF, township=team.township, is_active=False)
    make_report(team=team, month=JULY, state="returned", submitted_by=gone, submitted_at=timezone.now())

    assert [user for user, _ in night("2026-08-03")] == [staff]


def test_reviewers_are_reminded_once_a_week_after_the_due_date(team):
    reviewer = make_user(Role.REVIEWER, township=team.township)
    city, elsewhere = make_user(Role.REVIEWER), make_user(Role.REVIEWER, township=make_township())
    submitted = datetime.fromisoformat("2026-08-02T10:00:00+08:00")
    for each in (team, make_team(activated_on=date(2026, 8, 1))):
        make_report(team=each, month=JULY, state="submitted", submitted_by=make_user(), submitted_at=submitted)

    assert night("2026-08-05") == []
    assert night("2026-08-06") == [
        (reviewer, "Months that wait for review: 1. The first has waited since 2 August."),
        (city, "Months that wait for review: 2. The first has waited since 2 August."),
    ]
    for day in ("2026-08-07", "2026-08-09"):
        assert len(night(day)) == 2
    assert len(night("2026-08-10")) == 2  # Monday: last week's wait no more
    assert Reminder.objects.filter(user=reviewer).count() == 2
    assert not Reminder.objects.filter(user=elsewhere).exists()


# --- silence, gaps, visits ------------------------------------------------------------------------------------


def test_a_leader_hears_of_the_silence_once_and_the_office_each_week():
    team = make_team()
    leader, staff = leader_of(team), make_user(Role.TOWNSHIP_STAFF, township=team.township)
    make_log(team=team, on=date(2026, 7, 10), report=make_report(team=team, month=JULY, state="returned"))

    def silent(day):
        return [(user, text) for user, text in night(day) if user in (leader, staff) and "returned" not in text]

    assert silent("2026-08-08") == []
    assert silent("2026-08-09") == [
        (leader, f"{team.name} has not logged a service since 10 July. If it served, log it now."),
        (staff, "Teams without a service for 30 days: 1."),
    ]
    for reminder in Reminder.objects.filter(kind="silent"):
        see_reminder(reminder)
    assert silent("2026-08-09") == []
    assert [user for user, _ in silent("2026-08-10")] == [staff]

    make_log(team=team, on=date(2026, 8, 10), report=make_report(team=team, month=date(2026, 8, 1)))
    assert silent("2026-08-11") == []


def test_a_team_that_never_served_is_told_so(team, leader):
    assert texts_for(leader, "2026-08-30") == []
    assert texts_for(leader, "2026-08-31") == [f"{team.name} has not logged a service yet. If it served, log it now."]


def test_staff_hear_of_uncovered_grids_of_their_township_each_week(team, staff):
    for _ in range(2):
        make_grid(township=team.township)
    make_grid()

    assert night("2026-08-05") == [(staff, "Grids without an active team: 2.")]


def test_a_leader_hears_of_overdue_visits_each_week(team, leader, staff):
    for day in (1, 1, 6):
        make_visit_plan(team, starts_on=date(2026, 8, day), recipient=f"老人{day}{make_user().pk}")
    make_visit_plan(make_team(activated_on=date(2026, 8, 1)), starts_on=date(2026, 8, 1))

    assert night("2026-08-01") == []
    assert night("2026-08-03") == [(leader, f"{team.name} has visits that are overdue: 2.")]
    assert night("2026-08-09") == [(leader, f"{team.name} has visits that are overdue: 2.")]
    assert night("2026-08-10") == [(leader, f"{team.name} has visits that are overdue: 3.")]


# --- to whom, and once -----------------------------------------------------------------------------------------


def everything(township):
    team = make_team(township=township)
    leader_of(team)
    make_report(team=team, month=JULY)
    make_report(team=team, month=date(2026, 6, 1), state="returned")
    make_report(team=team, month=date(2026, 5, 1), state="submitted")
    make_grid(township=township)
    make_visit_plan(team, starts_on=date(2026, 8, 1))
    make_feedback(make_badge(make_volunteer(township=township)), made_at=datetime(2026, 7, 1, tzinfo=UTC))
    Reminder.objects.filter(kind="feedback").delete()  # was written at once: here the night finds it
    for role in (Role.TOWNSHIP_STAFF, Role.REVIEWER):
        make_user(role, township=township)
    make_page_request(village=team.grid.village)
    Reminder.objects.filter(kind="request").delete()  # was written at once, too
    return team


def test_a_second_run_of_the_day_writes_nothing():
    everything(make_township())
    with time_machine.travel("2026-08-06T01:00:00Z", tick=False):
        first, second = write_reminders(), write_reminders()

    assert set(Reminder.objects.values_list("kind", flat=True)) == set(RULES)
    assert first.written == Reminder.objects.count() > 5
    assert (second.written, second.settled) == (0, 0)


def test_nobody_hears_of_another_township_and_admins_and_closed_accounts_of_nothing():
    here, there = make_township(), make_township()
    everything(here)
    named = everything(there).name
    closed = make_user(Role.TOWNSHIP_STAFF, township=here, is_active=False)
    admin, auditor = make_user(Role.ADMIN), make_user(Role.AUDITOR)

    reminders = night("2026-08-06")

    assert not [text for user, text in reminders if user.township == here and named in text]
    assert {closed, admin, auditor}.isdisjoint(user for user, _ in reminders)
    assert [text for user, text in reminders if user.township == there and named in text]


def test_who_leads_no_more_is_reminded_no_more(team, leader):
    make_report(team=team, month=JULY)
    assert len(texts_for(leader, "2026-08-05")) == 1

    Membership.objects.filter(team=team, role="leader").update(left_on=date(2026, 8, 5))

    assert texts_for(leader, "2026-08-06") == []


def test_texts_and_links_fit_and_lead_somewhere(client_of):
    team = everything(make_township())
    night("2026-08-06")

    for reminder in Reminder.objects.select_related("user"):
        with translation.override("zh-hans"):
            assert "%(" not in reminder.in_words()
        assert client_of(reminder.user).get(reminder.url).status_code == 200
    assert team.name


@pytest.mark.parametrize("size", [1, 4])
def test_the_rules_cost_the_same_at_any_size(size, django_assert_max_num_queries):
    for _ in range(size):
        everything(make_township())

    with time_machine.travel("2026-08-06T01:00:00Z", tick=False), django_assert_max_num_queries(22):
        write_reminders()


@time_machine.travel("2026-08-06T01:00:00Z", tick=False)
def test_nightly_says_how_many_and_forgets_the_old():
    everything(make_township())
    out = StringIO()
    call_command("nightly", stdout=out)
    assert f"{Reminder.objects.count()} reminders written, 0 settled" in out.getvalue()

    Reminder.objects.update(created_at=timezone.now() - timedelta(days=181))
    out = StringIO()
    call_command("nightly", stdout=out)
    assert "reminders forgotten" in out.getvalue()
