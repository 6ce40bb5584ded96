"""Each duty on and off, as each role: what goes, what stays, and what becomes of months that are open."""

from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Reminder
from accounts.rights import Right, Role
from areas.models.settings import NAMES
from common.rules import RuleBroken
from grids.domain.team import activate_team
from grids.domain.township import consequences, set_township
from grids.models import Team
from services.domain.desk import desk_of, progress_of
from services.domain.figures import silent_teams
from services.domain.home import tasks_of
from services.domain.log import record_service, withdraw_service
from services.domain.month import open_missing_months
from services.domain.recognition import unread_months
from services.domain.reminders import write_reminders
from services.domain.report import submit_month, submit_months
from services.domain.visit_plan import add_visit_plan, end_visit_plan, overdue_by_team
from services.models import MonthlyReport, ServiceCategory
from tests.factories import (
    make_badge,
    make_log,
    make_report,
    make_request,
    make_settings,
    make_team,
    make_township,
    make_user,
    make_village,
    make_visit_plan,
    make_volunteer,
)
from volunteers.badge_filters import needing
from volunteers.domain.badge import issue_badge, issue_badges, reissue_badge, report_lost, revoke_badge
from volunteers.domain.badge_print import print_badges
from volunteers.models import Badge, Volunteer

pytestmark = pytest.mark.django_db
TODAY = date(2026, 8, 12)
SHANGHAI = ZoneInfo("Asia/Shanghai")
JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
TURN_ON = "turned on in the township's settings by: Administrator."


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-08-12T02:00:00Z", tick=False):
        yield


@pytest.fixture
def township():
    return make_township()


@pytest.fixture
def team(township):
    return make_team(township=township)


@pytest.fixture
def staff(township):
    return make_user(Role.TOWNSHIP_STAFF, township=township)


@pytest.fixture
def leader(team):
    user = make_user(Role.TEAM_LEADER, township=team.township)
    Volunteer.objects.filter(memberships__team=team, memberships__role="leader").update(user=user)
    return user


@pytest.fixture
def admin():
    return make_user(Role.ADMIN)


def record(team, by, *, on=date(2026, 8, 11)):
    moment = datetime(on.year, on.month, on.day, 9, tzinfo=SHANGHAI)
    member = team.memberships.current().order_by("id").first().volunteer_id
    return record_service(
        key=uuid4(),
        team=team,
        date=on,
        starts_at=moment,
        ends_at=moment + timedelta(hours=1),
        category=ServiceCategory.objects.order_by("id").first(),
        recipient="王大爷",
        content="打扫院子",
        participants={member: None},
        by=by,
    ).log


def turn(township, by, *, version=0, **values):
    township = type(township).objects.get(pk=township.pk)
    return set_township(township, dict.fromkeys(NAMES) | values, reason="试点", version=version, by=by)


def addresses(client):
    return {entry.url for entry in client.get("/").context["navigation"]}


# --- Service logs and monthly reports -----------------------------------------------------------------


@pytest.mark.parametrize("who", ["staff", "leader"])
def test_without_logs_menu_buttons_and_pages_for_new_ones_are_gone(client_of, request, township, team, who):
    client = client_of(request.getfixturevalue(who))
    new = [reverse(f"services:{name}") for name in ("log_create", "call_create", "log_rows", "import_create")]
    lists = {reverse("services:log_list"), reverse("services:report_list")}
    assert lists < addresses(client)
    assert new[0] in client.get("/").content.decode()

    make_settings(township, uses_logs=False)

    assert not lists & addresses(client)
    home = client.get("/").content.decode()
    assert not [address for address in new if address in home]
    for address in new:
        answer = client.get(address)
        assert answer.status_code == 403
        assert "does not keep service logs and monthly reports" in answer.content.decode()
        assert TURN_ON in answer.content.decode().replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("role", "is_bound"),
    [
        (Role.TOWNSHIP_STAFF, True),
        (Role.REVIEWER, True),
        (Role.REVIEWER, False),
        (Role.ADMIN, False),
        (Role.AUDITOR, False),
    ],
)
def test_without_logs_what_was_recorded_is_read_by_everybody(client_of, township, team, role, is_bound):
    log = make_log(team=team, on=date(2026, 7, 10))
    make_settings(township, uses_logs=False)
    client = client_of(role, **({"township": township} if is_bound else {}))
    for address in (
        reverse("services:log_list"),
        log.get_absolute_url(),
        log.report.get_absolute_url(),
        reverse("services:report_list"),
    ):
        assert client.get(address).status_code == 200


def test_without_logs_no_new_one_is_taken_on_any_way(client_of, township, team, leader, staff):
    make_settings(township, uses_logs=False)
    with pytest.raises(RuleBroken, match="does not keep service logs"):
        record(team, staff)
    assert not team.logs.exists()
    page = client_of(leader).get(reverse("services:outbox"))
    assert page.status_code == 200  # what waits on a phone is not lost without a word


def test_without_logs_requests_are_still_noted_and_closed(client_of, township, team, staff):
    asked = make_request(team=team)
    make_settings(township, uses_logs=False)
    client = client_of(staff)
    assert client.get(reverse("services:request_create")).status_code == 200
    page = client.get(asked.get_absolute_url()).content.decode()
    assert reverse("services:request_withdraw", args=[asked.pk]) in page
    assert reverse("services:log_create") not in page


def test_what_becomes_of_open_months_is_said_before(township, team):
    make_log(team=team, on=date(2026, 7, 10))
    for month in (JULY, AUGUST):
        make_report(team=make_team(township=township), month=month)
    make_report(team=team, month=date(2026, 6, 1), state="submitted")
    [said] = consequences(township)["uses_logs"]
    assert "1 month holds services and is not handed in: it still can be" in said
    assert "1 month waits for its reviewer" in said
    assert "2 months without services are not expected any more" in said
    assert "3 active teams" in said


def test_turning_logs_off_waives_empty_months_and_keeps_the_others(township, team, admin, staff):
    served = make_log(team=team, on=date(2026, 7, 10)).report
    empty = make_report(team=make_team(township=township), month=JULY)
    elsewhere = make_report(team=make_team(), month=JULY)
    turn(township, admin, uses_logs=False)
    for report in (served, empty, elsewhere):
        report.refresh_from_db()
    assert (served.waived_on, empty.waived_on, elsewhere.waived_on) == (None, TODAY, None)
    assert submit_month(served, by=staff).state == MonthlyReport.State.SUBMITTED


def test_nobody_waits_for_a_waived_month(client_of, township, team, admin, staff, leader):
    report = make_report(team=team, month=JULY)
    reviewer = make_user(Role.REVIEWER, township=township)
    assert [task.count for task in tasks_of(staff, TODAY) if "2026" in str(task.text) and "submit" in str(task.text)]
    turn(township, admin, uses_logs=False)

    assert not [task for task in tasks_of(staff, TODAY) if "submit" in str(task.text)]
    write_reminders()
    assert not Reminder.objects.filter(kind__in=("month_due", "silent")).exists()
    desk = desk_of(township, JULY, by=reviewer)
    assert not any(desk.parts().values())
    assert progress_of(JULY, by=make_user(Role.REVIEWER)) == []
    assert unread_months(2026) == 0
    assert submit_months(township, JULY, by=staff).nil == 0
    page = client_of(leader).get(report.get_absolute_url()).content.decode()
    assert "Not expected" in page
    assert "before anything was recorded for this month" in page


def test_without_logs_nobody_is_silent_and_no_month_is_opened(client_of, township, team, admin):
    other = make_team()
    assert set(silent_teams(Team.objects.all(), TODAY)) == {team, other}
    turn(township, admin, uses_logs=False)
    assert set(silent_teams(Team.objects.all(), TODAY)) == {other}
    open_missing_months()
    assert not MonthlyReport.objects.filter(team=team).exists()
    assert MonthlyReport.objects.filter(team=other).count() == 2

    page = client_of(Role.AUDITOR).get(reverse("services:dashboard"))
    silent = next(figure for figure in page.context["standing"] if figure["label"] == "Silent teams")
    assert silent["number"] == 1
    assert silent["note"] == "of 1 of 2 townships, which keep logs"
    rows = client_of(Role.AUDITOR).get(silent["url"]).context["page"].rows
    assert len(rows) == 1
    assert "which keep logs" in page.content.decode()


def test_a_team_that_becomes_active_without_logs_gets_no_month(township, admin):
    team = make_team(township=township, state=Team.State.FORMING, activated_on=None)
    turn(township, admin, uses_logs=False)
    activate_team(team, by=admin)
    assert not MonthlyReport.objects.filter(team=team).exists()


def test_taking_logs_up_again_expects_this_month_and_not_those_between(township, team, admin):
    june = make_report(team=team, month=date(2026, 6, 1))
    with time_machine.travel("2026-06-10T02:00:00Z", tick=False):
        turn(township, admin, uses_logs=False)
    turn(township, admin, version=1)
    june.refresh_from_db()
    assert june.waived_on == date(2026, 6, 10)
    open_missing_months()
    months = MonthlyReport.objects.filter(team=team).expected().values_list("month", flat=True)
    assert list(months) == [AUGUST]


def test_turned_off_and_on_within_a_month_it_is_expected_again(township, team, admin, staff):
    report = make_report(team=team, month=AUGUST)
    turn(township, admin, uses_logs=False)
    turn(township, admin, version=1)
    report.refresh_from_db()
    assert report.is_expected
    record(team, staff, on=date(2026, 8, 11))
    assert MonthlyReport.objects.filter(team=team).count() == 1


def test_a_service_in_a_waived_month_makes_it_expected(township, team, admin, staff):
    report = make_report(team=team, month=JULY)
    turn(township, admin, uses_logs=False)
    turn(township, admin, version=1)
    report.refresh_from_db()
    assert not report.is_expected
    record(team, staff, on=date(2026, 7, 12))
    report.refresh_from_db()
    assert report.is_expected


def test_a_nil_report_may_still_be_handed_in_for_a_waived_month(township, team, admin, staff):
    report = make_report(team=team, month=JULY)
    turn(township, admin, uses_logs=False)
    report = submit_month(report, nil_confirmed=True, by=staff)
    assert (report.state, report.waived_on) == (MonthlyReport.State.SUBMITTED, None)


def test_a_month_whose_services_were_withdrawn_is_empty(township, team, admin, staff):
    log = make_log(team=team, on=date(2026, 7, 10), recorded_by=staff)
    withdraw_service(log, reason="重复", by=staff)
    turn(township, admin, uses_logs=False)
    log.report.refresh_from_db()
    assert not log.report.is_expected


# --- Visit plans ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [{"uses_visit_plans": False}, {"uses_logs": False}])
@pytest.mark.parametrize("who", ["staff", "leader"])
def test_without_visit_plans_they_rest(client_of, request, township, team, off, who):
    user = request.getfixturevalue(who)
    plan = make_visit_plan(team, starts_on=TODAY - timedelta(days=20))
    client = client_of(user)
    create = reverse("services:visit_plan_create", args=[team.pk])
    month = reverse("services:team_month", args=[team.pk])
    assert overdue_by_team(TODAY) == {team.pk: 1}
    assert create in client.get(month).content.decode()

    make_settings(township, **off)

    assert overdue_by_team(TODAY) == {}
    assert create not in client.get(month).content.decode()
    answer = client.get(create)
    assert answer.status_code == 403
    assert "does not keep visit plans" in answer.content.decode()
    with pytest.raises(RuleBroken, match="does not keep visit plans"):
        add_visit_plan(team, recipient="王大爷", every_days=7, starts_on=TODAY, by=user)
    assert end_visit_plan(plan, by=user).ended_on == TODAY


# --- Badges ---------------------------------------------------------------------------------------------


def test_without_badges_none_is_issued_or_printed(client_of, township, staff, admin):
    volunteer = make_volunteer(village=make_village(township=township))
    badge = make_badge(volunteer=make_volunteer(village=make_village(township=township)))
    make_settings(township, uses_badges=False)
    for by in (staff, admin):
        for act in (
            lambda by=by: issue_badge(volunteer, by=by),
            lambda by=by: reissue_badge(badge, reason="破损", by=by),
            lambda by=by: print_badges([badge.pk], layout="sheets", by=by),
        ):
            with pytest.raises(RuleBroken, match="does not issue badges"):
                act()
        assert issue_badges([volunteer.pk], by=by) == []
    assert not needing(Volunteer.objects.all()).exists()
    client = client_of(staff)
    for name, args in (("badge_issue", [volunteer.pk]), ("badge_reissue", [badge.pk]), ("badge_print", [])):
        answer = client.post(reverse(f"volunteers:{name}", args=args))
        assert answer.status_code == 403
        assert "does not issue badges" in answer.content.decode()
    page = client.get(badge.volunteer.get_absolute_url()).content.decode()
    assert reverse("volunteers:badge_reissue", args=[badge.pk]) not in page
    assert badge.number in page


@pytest.mark.parametrize("end", [report_lost, revoke_badge])
def test_without_badges_those_that_are_out_can_still_be_ended(client_of, township, staff, end):
    badge = make_badge(volunteer=make_volunteer(village=make_village(township=township)))
    make_settings(township, uses_badges=False)
    page = client_of(staff).get(badge.volunteer.get_absolute_url()).content.decode()
    assert reverse("volunteers:badge_lost", args=[badge.pk]) in page
    assert end(badge, reason="丢了", by=staff).state != Badge.State.ISSUED


def test_many_badges_leave_out_townships_without_them(township, admin):
    without, other = (make_volunteer(village=make_village(township=each)) for each in (township, make_township()))
    make_settings(township, uses_badges=False)
    [badge] = issue_badges([without.pk, other.pk], by=admin)
    assert badge.volunteer == other


# --- Deadlines ------------------------------------------------------------------------------------------


def test_silence_goes_by_each_townships_days(client_of, township, team, staff):
    make_log(team=team, on=TODAY - timedelta(days=15))
    assert not silent_teams(Team.objects.filter(pk=team.pk), TODAY).exists()
    make_settings(township, silent_after_days=10)
    assert silent_teams(Team.objects.filter(pk=team.pk), TODAY).exists()
    assert "teams without a service in 10 days" in [str(task.text) for task in tasks_of(staff, TODAY)]
    client = client_of(staff)
    page = client.get(reverse("services:silent_list"))
    assert [row["name"] for row in page.context["page"].rows] == [team.name]
    assert "for 10 days" in page.content.decode()
    city = client_of(Role.AUDITOR).get(reverse("services:silent_list")).content.decode()
    assert "as each township has it" in city
    labels = [str(task.text) for task in tasks_of(make_user(Role.REVIEWER), TODAY)]
    assert "teams without a service for as long as their township has it" in labels


def test_late_entries_go_by_each_townships_days(township, team, staff):
    quick = record(team, staff, on=date(2026, 8, 3))
    assert not quick.flags.filter(rule="late").exists()
    make_settings(township, late_entry_days=5)
    slow = record(team, staff, on=date(2026, 8, 4))
    assert slow.flags.filter(rule="late").exists()
    assert set(type(slow).objects.late()) == {quick, slow}


def test_rights_of_the_city_level_do_not_depend_on_a_township(township, admin):
    make_settings(township, uses_badges=False, uses_logs=False)
    assert admin.may(Right.ISSUE_BADGES)
