"""Rows of paper logs: each saved on its own, refused at its cell, counted once, and never another account's."""

from datetime import date, datetime, time
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from accounts.rights import Role
from grids.models import Membership
from services.domain.report import submit_month
from services.models import Participation, ServiceLog
from tests.factories import make_log, make_report, make_team, make_user, make_volunteer

pytestmark = pytest.mark.django_db
ROWS, CHECK = "/services/logs/rows/", "/services/logs/rows/check/"
DAY = date(2026, 7, 6)


@pytest.fixture(autouse=True)
def _in_july():
    with time_machine.travel(datetime.fromisoformat("2026-07-08T12:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def team():
    return make_team(name="东岸村第3网格服务队")


@pytest.fixture
def staff(client_of, team):
    return client_of(Role.TOWNSHIP_STAFF, township=team.township)


def people(team):
    return list(Membership.objects.filter(team=team).order_by("id").values_list("volunteer__number", flat=True))


def typed(team, /, **changes):
    """Return what the script sends for one row."""
    return {
        "key": str(uuid4()),
        "team": team.name,
        "date": "7-6",
        "starts": "0830",
        "ends": "+60",
        "category": "qj",
        "people": f"{people(team)[0]} {people(team)[1]}:20",
        "recipient": "村民老陈",
        "content": "打扫院子",
        "people_served": "",
        "place": "",
        "inline": "1",
    } | changes


def test_row_is_saved_and_answers_with_its_number(staff, team):
    answer = staff.post(ROWS, typed(team))

    log = ServiceLog.objects.get()
    assert (log.team, log.date, log.minutes, log.category.code, log.recorded_by) == (
        team,
        DAY,
        60,
        "cleaning",
        staff.user,
    )
    assert sorted(log.participations.values_list("minutes", flat=True)) == [20, 60]
    assert answer.status_code == 200
    assert f"Saved as number {log.pk}" in answer.content.decode()
    assert f'href="{log.get_absolute_url()}"' in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_row_sent_twice_is_one_log_and_says_so(staff, team):
    row = typed(team)
    staff.post(ROWS, row)

    again = staff.post(ROWS, row)

    assert ServiceLog.objects.count() == 1
    assert "Saved before" in again.content.decode()


def test_row_sent_before_with_other_content_leads_to_what_was_saved(staff, team):
    row = typed(team)
    staff.post(ROWS, row)

    again = staff.post(ROWS, row | {"content": "别的事"})

    assert again.status_code == 422
    assert ServiceLog.objects.get().content == "打扫院子"
    assert ServiceLog.objects.get().get_absolute_url() in again.content.decode()


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"team": "没有的队"}, "team", "No team of yours"),
        ({"date": "7-32"}, "date", "year, month and day"),
        ({"date": "2026-07-09"}, "date", "has not come yet"),
        ({"starts": "26"}, "starts", "hours and minutes"),
        ({"ends": "0800"}, "ends", "after the start"),
        ({"ends": "+3"}, "ends", "5 minutes to 16 hours"),
        ({"category": "x"}, "category", "no category"),
        ({"people": "0"}, "people", "no place 0"),
        ({"people": ""}, "people", "Name who took part"),
        ({"recipient": " "}, "recipient", "whom it was for"),
        ({"content": "长" * 501}, "content", "At most 500"),
        ({"people_served": "-1"}, "people_served", "how many people"),
        ({"place": "长" * 101}, "place", "At most 100"),
    ],
)
def test_what_is_wrong_is_said_at_its_cell_with_the_rest_kept(staff, team, changes, field, says):
    answer = staff.post(ROWS, typed(team, **changes))

    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (422, [field])
    assert says in form.errors[field][0]
    assert answer["X-Row"] == "row"
    assert form["content"].value() == typed(team, **changes)["content"]
    assert ServiceLog.objects.count() == 0


def test_rules_of_the_domain_stand_at_their_cell(staff, team):
    make_log(team=team, on=DAY, starts=time(8), minutes=60)

    overlap = staff.post(ROWS, typed(team)).context["form"]
    month = ServiceLog.objects.get().report
    month.month = date(2026, 6, 1)
    settled = make_report(team=team, month=date(2026, 6, 1))
    submit_month(settled, nil_confirmed=True, by=make_user(township=team.township))
    late = staff.post(ROWS, typed(team, date="6-6")).context["form"]

    assert "was in another service at that time" in overlap.errors["people"][0]
    assert list(late.errors) == ["date"]


def test_end_past_midnight_is_the_next_day(staff, team):
    staff.post(ROWS, typed(team, date="7-5", starts="2230", ends="2530"))

    assert ServiceLog.objects.get().minutes == 180


def test_another_townships_team_and_number_are_refused_without_a_word_of_them(staff, team):
    foreign = make_team(name="远方服务队")
    stranger = make_volunteer(name="远方义工")

    first = staff.post(ROWS, typed(team, team=foreign.name))
    second = staff.post(ROWS, typed(team, people=f"{people(team)[0]} {stranger.number}"))

    assert first.context["form"].errors["team"]
    assert second.context["form"].errors["people"] == [f"Nobody of the township has the number {stranger.number}."]
    assert "远方义工" not in first.content.decode() + second.content.decode()
    assert ServiceLog.objects.count() == 0


def test_row_of_another_account_is_not_saved(staff, team):
    answer = staff.post(ROWS, typed(team, typed_by=str(make_user(township=team.township).pk)))

    assert (answer.status_code, ServiceLog.objects.count()) == (409, 0)
    assert "another account" in answer.content.decode()


def test_lost_session_is_told_by_the_status(team):
    answer = Client().post(ROWS, typed(team), headers={"Origin": "http://testserver"})

    assert answer.status_code == 401


def test_row_says_what_it_means_before_it_is_saved(staff, team):
    answer = staff.post(CHECK, typed(team, category="", content="", recipient="x"))

    meaning = answer.context["meaning"]
    assert (meaning["team"], meaning["minutes"], meaning["category"]) == (team.name, 60, "")
    assert [(one["minutes"], one["is_helper"]) for one in meaning["people"]] == [(None, False), (20, False)]
    assert [one["is_in"] for one in meaning["members"]] == [True, True, False]
    assert meaning["problems"] == []
    assert ServiceLog.objects.count() == 0


def test_doubts_are_told_of_what_is_typed_and_not_of_what_is_empty(staff, team):
    answer = staff.post(CHECK, {"key": str(uuid4()), "team": team.name, "starts": "99"})

    assert [problem.column for problem in answer.context["meaning"]["problems"]] == ["starts"]


@pytest.mark.parametrize("key", ["%s %(x)s", "\x00", "", "<b>", "9" * 40])
def test_damaged_key_is_refused_and_never_becomes_an_id(staff, team, key):
    answer = staff.post(ROWS, typed(team, key=key))

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["key"])
    assert staff.post(CHECK, typed(team, key=key)).status_code == 200
    assert "<b>" not in answer.content.decode().replace("<b>1</b>", "").replace("<b>2</b>", "").replace("<b>3</b>", "")


def test_without_script_one_row_a_page_with_team_day_and_people_carried_down(staff, team):
    row = typed(team)
    del row["inline"]

    answer = staff.post(ROWS, row)
    page = staff.get(answer["Location"])

    log = ServiceLog.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"{ROWS}?after={log.pk}")
    form = page.context["form"]
    assert (form["team"].value(), form["date"].value(), form["starts"].value()) == (team.name, "2026-07-06", None)
    assert sorted(form["people"].value().split()) == sorted([people(team)[0], f"{people(team)[1]}:20"])
    assert f"Saved as number {log.pk}" in page.content.decode()


def test_without_script_what_is_wrong_comes_back_on_the_page(staff, team):
    row = typed(team, ends="0700")
    del row["inline"]

    answer = staff.post(ROWS, row)

    assert answer.status_code == 422
    assert "<html" in answer.content.decode()
    assert answer.context["form"]["recipient"].value() == "村民老陈"


@pytest.mark.parametrize("after", ["x", "999999", "-1", "1" * 40, "%00"])
def test_rubbish_in_the_address_begins_an_empty_row(staff, team, after):
    assert staff.get(f"{ROWS}?after={after}").context["form"]["date"].value() is None


def test_leader_begins_with_the_only_team(client_of, team):
    leader = client_of(Role.TEAM_LEADER, township=team.township)
    chief = Membership.objects.get(team=team, role="leader").volunteer
    chief.user = leader.user
    chief.save()

    form = leader.get(ROWS).context["form"]
    answer = leader.post(ROWS, typed(team, people=". "))

    assert form["team"].value() == team.name
    assert (answer.status_code, Participation.objects.count()) == (200, 3)


def test_who_leads_no_team_is_told(client_of):
    assert "You lead no team" in client_of(Role.TEAM_LEADER).get(ROWS).content.decode()
