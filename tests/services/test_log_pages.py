"""The pages of service logs: writing, correcting, withdrawing and finding them; what is typed wrongly."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.rights import Role
from grids.models import Membership
from services.domain.log import record_service
from services.domain.report import submit_month
from services.models import LogComment, MonthlyReport, Participation, ServiceLog
from tests.factories import (
    make_category,
    make_log,
    make_membership,
    make_read,
    make_report,
    make_team,
    make_user,
    make_volunteer,
)

pytestmark = pytest.mark.django_db
CREATE = "/services/logs/new/"
LIST = "/services/logs/"
DAY = date(2026, 7, 6)


@pytest.fixture(autouse=True)
def _in_july():
    """Let it be the 8th of July 2026, noon in Shanghai."""
    with time_machine.travel(datetime.fromisoformat("2026-07-08T12:00:00+08:00"), tick=False):
        yield


def members(team):
    return list(Membership.objects.filter(team=team).order_by("id").values_list("volunteer", flat=True))


def typed(team, **changes):
    """Return what a browser would send for an hour of service by the whole team."""
    return {
        "key": str(uuid4()),
        "team": team.pk,
        "date": "2026-07-06",
        "starts": "08:00",
        "ends": "09:00",
        "category": make_category().pk,
        "participants": members(team),
        "recipient": "村民老陈",
        "content": "打扫院子",
        "people_served": "1",
        "place": "",
    } | changes


def told(answer):
    """Return the messages of an answer."""
    return [(message.level_tag, str(message)) for message in get_messages(answer.wsgi_request)]


# --- writing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["staff", "leader"])
def test_service_is_logged(request, team, who):
    client = request.getfixturevalue(who)

    answer = client.post(CREATE, typed(team))

    log = ServiceLog.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert (log.team, log.minutes, log.recorded_by, log.participations.count()) == (team, 60, client.user, 3)
    assert log.get_absolute_url() in told(answer)[0][1]


def test_leader_finds_the_own_team_and_today_chosen(leader, team):
    form = leader.get(CREATE).context["form"]
    assert (form.chosen_team, form.chosen_date) == (team, date(2026, 7, 8))
    assert form.members[0].volunteer_id == members(team)[0]


def test_next_keeps_team_date_and_people(staff, team):
    answer = staff.post(CREATE, typed(team, participants=members(team)[:2]) | {"next": "1"})
    form = staff.get(answer["Location"]).context["form"]

    assert (form["team"].value(), form["date"].value(), form["starts"].value()) == (team.pk, DAY, time(9))
    assert sorted(form["participants"].value()) == members(team)[:2]
    assert form["content"].value() is None


def test_people_of_the_last_log_are_ticked(staff, team):
    last = Membership.objects.filter(team=team).latest("id").volunteer
    make_log(team=team, participants=[last], recorded_by=staff.user)
    form = staff.get(CREATE).context["form"]
    assert (form.chosen_team, form["participants"].value()) == (team, [last.pk])


def test_reload_shows_the_people_of_another_team_and_keeps_the_rest(staff, team):
    other = make_team(township=team.township)
    data = typed(team, ticked_for=team.pk, reload="1") | {"team": other.pk, "content": "写到一半"}

    answer = staff.post(CREATE, data)

    form = answer.context["form"]
    assert answer.status_code == 200
    assert [member.volunteer_id for member in form.members] == members(other)
    assert form["content"].value() == "写到一半"
    assert not form.errors
    assert ServiceLog.objects.count() == 0


def test_member_who_left_the_team_is_offered_for_the_days_before(staff, team):
    gone = make_membership(team, left_on=DAY).volunteer
    for day, is_offered in (("2026-07-06", True), ("2026-07-07", False)):
        form = staff.get(CREATE, {"team": team.pk, "date": day}).context["form"]
        assert (gone.pk in [member.volunteer_id for member in form.members]) == is_offered


def test_minutes_of_one_person_are_kept(staff, team):
    first = members(team)[0]
    staff.post(CREATE, typed(team) | {f"minutes_{first}": "２０"})
    assert Participation.objects.get(volunteer=first).minutes == 20
    assert set(Participation.objects.exclude(volunteer=first).values_list("minutes", flat=True)) == {60}


def test_helpers_by_tick_and_by_number(staff, team):
    ticked, numbered = make_volunteer(village=team.grid.village), make_volunteer(village=team.grid.village)
    staff.post(CREATE, typed(team, helpers=[ticked.pk], helper_numbers=numbered.number))
    helpers = set(Participation.objects.filter(is_helper=True).values_list("volunteer", flat=True))
    assert helpers == {ticked.pk, numbered.pk}


def test_late_entry_is_said_softly(staff, team):
    answer = staff.post(CREATE, typed(team, date="2026-06-23"))
    assert [level for level, _ in told(answer)] == ["success", "warning"]
    assert ServiceLog.objects.count() == 1


def test_double_tap_makes_one_log(staff, team):
    data = typed(team)
    assert [staff.post(CREATE, data).status_code for _ in range(2)] == [302, 302]
    assert ServiceLog.objects.count() == 1


def test_same_form_with_other_content_links_what_was_saved(staff, team):
    data = typed(team)
    staff.post(CREATE, data)
    answer = staff.post(CREATE, data | {"content": "别的"})
    assert answer.status_code == 422
    assert answer.context["stored"] == ServiceLog.objects.get()
    assert ServiceLog.objects.get().get_absolute_url() in answer.content.decode()


def test_across_midnight_by_its_tick(staff, team):
    staff.post(CREATE, typed(team, starts="23:00", ends="01:00", next_day="on"))
    assert ServiceLog.objects.get().minutes == 120


def test_midnight_as_the_end(staff, team):
    staff.post(CREATE, typed(team, starts="23:00", ends="24:00"))
    assert ServiceLog.objects.get().minutes == 60


# --- bad input ----------------------------------------------------------------------------------------

BAD = [
    ("recipient", ""),
    ("recipient", "陈" * 61),
    ("recipient", "\x07"),
    ("content", ""),
    ("content", "写" * 501),
    ("content", "a\x00b"),
    ("place", "村" * 101),
    ("people_served", "0"),
    ("people_served", "many"),
    ("people_served", "9" * 30),
    ("date", ""),
    ("date", "2025-02-29"),
    ("date", "0202-07-06"),
    ("date", "2026-07-09"),
    ("date", "昨天"),
    ("date", "2019-12-31"),
    ("starts", ""),
    ("starts", "25:00"),
    ("ends", ""),
    ("ends", "07:00"),
    ("ends", "08:00"),
    ("ends", "08:04"),
    ("category", ""),
    ("category", "999999"),
    ("category", "x"),
    ("team", ""),
    ("team", "999999"),
    ("team", "9" * 40),
    ("participants", []),
    ("participants", ["x"]),
    ("participants", ["999999"]),
    ("helpers", ["999999"]),
    ("helper_numbers", "9999999"),
    ("key", "x"),
    ("key", ""),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_bad_input_gets_a_message_at_its_field_and_saves_nothing(staff, team, field, value):
    data = typed(team) | {field: value}

    answer = staff.post(CREATE, data)

    form = answer.context["form"]
    expected = "participants" if (field, value) == ("date", "2019-12-31") else field
    assert answer.status_code == 422
    assert list(form.errors) == [expected]
    assert all(form[name].value() == data[name] for name in ("recipient", "content", "starts") if name != field)
    assert (ServiceLog.objects.count(), Participation.objects.count(), MonthlyReport.objects.count()) == (0, 0, 0)


GOOD = [
    ("date", "２０２６年７月６日"),
    ("date", "20260706"),
    ("starts", "8：00"),
    ("ends", "0900"),
    ("content", "修好了👍"),
    ("people_served", "３"),
    ("recipient", "阿·买提"),
]


@pytest.mark.parametrize(("field", "value"), GOOD)
def test_what_people_really_type_is_understood(staff, team, field, value):
    assert staff.post(CREATE, typed(team) | {field: value}).status_code == 302


def test_ticked_person_who_had_left_the_team_is_refused_by_name_of_the_day(staff, team):
    gone = make_membership(team, left_on=DAY - timedelta(days=1)).volunteer
    answer = staff.post(CREATE, typed(team, participants=[*members(team), gone.pk]))
    assert list(answer.context["form"].errors) == ["participants"]
    assert ServiceLog.objects.count() == 0


def test_foreign_team_is_refused_like_a_missing_one(leader, team):
    other = make_team(township=team.township)
    errors = [
        leader.post(CREATE, typed(team) | {"team": pk}).context["form"].errors["team"] for pk in (other.pk, 999_999)
    ]
    assert errors[0] == errors[1]
    assert ServiceLog.objects.count() == 0


def test_foreign_volunteers_are_not_named(staff, team):
    foreign = make_volunteer(name="金丝雀")
    for data in ({"helpers": [foreign.pk]}, {"participants": [foreign.pk]}, {"helper_numbers": foreign.number}):
        answer = staff.post(CREATE, typed(team) | data)
        assert answer.status_code == 422
        assert "金丝雀" not in answer.content.decode()


def test_month_read_meanwhile_keeps_what_was_typed(staff, team):
    make_read(make_report(team=team, month=date(2026, 6, 1)))
    answer = staff.post(CREATE, typed(team, date="2026-06-06"))
    assert list(answer.context["form"].errors) == ["date"]
    assert answer.context["form"]["content"].value() == "打扫院子"


# --- correcting and withdrawing -----------------------------------------------------------------------


def edited(log, **changes):
    """Return what the correction's form would send unchanged, and the changes."""
    return {
        "version": log.version,
        "date": "2026-07-06",
        "starts": "08:00",
        "ends": "09:00",
        "category": log.category_id,
        "participants": members(log.team),
        "recipient": log.recipient,
        "content": log.content,
        "people_served": "1",
    } | changes


def test_log_is_corrected(leader, team):
    log = make_log(team=team)
    answer = leader.post(f"{LIST}{log.pk}/edit/", edited(log, content="改正"))
    log.refresh_from_db()
    assert (answer.status_code, log.content) == (302, "改正")


def test_correction_form_shows_what_is_stored(staff, team):
    helper = make_volunteer(village=team.grid.village)
    everybody = Membership.objects.filter(team=team)
    log = make_log(team=team, participants={each.volunteer: 30 for each in everybody}, helpers=[helper])

    form = staff.get(f"{LIST}{log.pk}/edit/").context["form"]

    assert sorted(form["participants"].value()) == members(team)
    assert form["helpers"].value() == [helper.pk]
    assert (form["starts"].value(), form["ends"].value()) == (time(8), time(9))
    assert form[f"minutes_{members(team)[0]}"].value() == 30


def test_stale_correction_comes_back_and_then_succeeds(staff, team):
    log = make_log(team=team)
    stale = edited(log, content="我的")
    staff.post(f"{LIST}{log.pk}/edit/", edited(log, content="别人的"))

    answer = staff.post(f"{LIST}{log.pk}/edit/", stale)
    again = staff.post(f"{LIST}{log.pk}/edit/", stale | {"version": answer.context["form"]["version"].value()})

    assert (answer.status_code, again.status_code) == (422, 302)
    assert ServiceLog.objects.get().content == "我的"


def test_correction_of_a_month_submitted_meanwhile_is_refused(staff, team):
    log = make_log(team=team, on=date(2026, 6, 6))
    submit_month(log.report, by=make_user())
    answer = staff.post(f"{LIST}{log.pk}/edit/", edited(log, date="2026-06-06", content="改正"))
    opened = staff.get(f"{LIST}{log.pk}/edit/")
    assert list(answer.context["form"].errors) == ["date"]
    assert (opened.status_code, opened["Location"]) == (302, f"{LIST}{log.pk}/")


def test_log_is_withdrawn_with_a_reason(staff, team):
    log = make_log(team=team)
    refused = staff.post(f"{LIST}{log.pk}/withdraw/", {"reason": " ", "version": 0})
    done = staff.post(f"{LIST}{log.pk}/withdraw/", {"reason": "重复", "version": 0})
    log.refresh_from_db()
    assert (refused.status_code, done.status_code) == (422, 302)
    assert (log.is_withdrawn, log.withdrawn_reason) == (True, "重复")


def test_withdrawing_from_a_page_of_before_keeps_the_reason(staff, team):
    log = make_log(team=team, version=3)

    response = staff.post(f"{LIST}{log.pk}/withdraw/", {"reason": "重复登记", "version": 2})

    assert response.status_code == 422
    assert response.context["withdraw_form"]["version"].value() == "3"
    assert "重复登记" in response.content.decode()


def test_withdrawing_from_a_month_submitted_meanwhile_is_answered_in_words(staff, team):
    log = make_log(team=team, on=date(2026, 6, 6))
    submit_month(log.report, by=make_user())

    response = staff.post(f"{LIST}{log.pk}/withdraw/", {"reason": "重复", "version": 0})

    assert response.status_code == 422
    assert "This month has been submitted. A reviewer can read or return it." in response.content.decode()


@pytest.mark.parametrize("step", ["", "edit/", "withdraw/"])
def test_log_of_another_team_is_not_there(leader, team, step):
    log = make_log(team=make_team(township=team.township))
    client = leader.post if step == "withdraw/" else leader.get
    assert client(f"{LIST}{log.pk}/{step}").status_code == 404


def test_detail_shows_people_comments_and_history(staff, team):
    record_service(
        key=uuid4(),
        team=team,
        date=DAY,
        starts_at=datetime.fromisoformat("2026-07-06T08:00+08:00"),
        ends_at=datetime.fromisoformat("2026-07-06T09:00+08:00"),
        category=make_category(),
        recipient="老陈",
        content="修水管",
        participants=dict.fromkeys(members(team)),
        by=staff.user,
    )
    log = ServiceLog.objects.get()
    LogComment.objects.create(log=log, text="写清楚地点", by=make_user(Role.REVIEWER))
    staff.post(f"{LIST}{log.pk}/edit/", edited(log, content="修好水管"))

    page = staff.get(f"{LIST}{log.pk}/")

    assert [step["changes"] != [] for step in page.context["history"]] == [True, False]
    assert all(text in page.content.decode() for text in ("修水管", "修好水管", "写清楚地点", staff.user.name))


# --- finding ------------------------------------------------------------------------------------------


def found(client, **query):
    """Return the recipients that the list shows, in its order."""
    answer = client.get(LIST, query)
    assert answer.status_code == 200
    return [row["recipient"] for row in answer.context["page"].rows]


def test_list_shows_the_latest_first_and_only_what_is_ones_own(staff, leader, team):
    make_log(team=team, on=DAY, recipient="甲")
    make_log(team=team, on=DAY + timedelta(days=1), recipient="乙")
    make_log(team=make_team(township=team.township), on=DAY, recipient="邻队")
    make_log(on=DAY, recipient="外乡")

    assert found(staff) == ["乙", "邻队", "甲"]
    assert found(leader) == ["乙", "甲"]


def test_list_is_narrowed_by_each_filter(staff, team):
    late = datetime.fromisoformat("2026-06-30T08:00+08:00")
    make_log(team=team, on=date(2026, 6, 1), recipient="六月", recorded_at=late)
    read = make_log(team=make_team(township=team.township), on=date(2026, 5, 1), recipient="五月", content="找牛")
    make_read(read.report)
    make_log(team=team, recipient="撤回", is_withdrawn=True, withdrawn_reason="重复", starts=time(11))
    volunteer = read.participations.first().volunteer_id

    assert found(staff, q="牛") == ["五月"]
    assert found(staff, month="2026-06") == ["六月"]
    assert found(staff, since="2026-05-01", until="2026-06-01") == ["六月", "五月"]
    assert found(staff, team=read.team_id) == ["五月"]
    assert found(staff, volunteer=volunteer) == ["五月"]
    assert found(staff, state="counted") == ["五月"]
    assert found(staff, state="waiting") == ["六月"]
    assert found(staff, state="withdrawn") == ["撤回"]
    assert found(staff, state="standing") == ["六月", "五月"]
    assert found(staff, late="on") == ["六月"]
    assert found(staff, category=read.category_id) == ["撤回", "六月", "五月"]


@pytest.mark.parametrize(
    "query", ["team=x", "month=2026-13", "since=0202-30-99", "state=%00", "volunteer=-1", "after=x"]
)
def test_rubbish_in_the_address_is_a_message(staff, team, query):
    make_log(team=team)
    answer = staff.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    assert answer.context["page"].problems


def test_hours_stand_above_for_one_team(staff, team):
    make_log(team=team, minutes=90)
    assert staff.get(LIST, {"team": team.pk}).context["hours"] == "4.5"


@pytest.mark.parametrize("size", [3, 30])
def test_list_costs_the_same_at_any_size(staff, team, size, django_assert_max_num_queries):
    for number in range(size):
        make_log(team=team, starts=time(number % 12), on=DAY - timedelta(days=number // 12))
    staff.get(LIST)
    with django_assert_max_num_queries(11):
        staff.get(LIST)


@pytest.mark.parametrize("size", [3, 10])
def test_form_and_detail_cost_the_same_for_any_team(client_of, size, django_assert_max_num_queries):
    team = make_team(members=size)
    client = client_of(Role.TOWNSHIP_STAFF, township=team.township)
    log = make_log(team=team)
    client.get(CREATE)
    with django_assert_max_num_queries(15):
        client.get(CREATE, {"team": team.pk})
    with django_assert_max_num_queries(18):
        client.get(f"{LIST}{log.pk}/")
    with django_assert_max_num_queries(36):
        client.post(CREATE, typed(team, starts="10:00", ends="11:00"))


# --- helpers ------------------------------------------------------------------------------------------


def test_helpers_are_suggested_by_name_initials_and_number_within_the_township(leader, team):
    near = make_volunteer(village=team.grid.village, name="林小燕", name_initials="lxy", number="7654321")
    make_volunteer(name="林小外", name_initials="lxw", number="7654322")
    make_volunteer(village=team.grid.village, name="林小退", name_initials="lxt", status="suspended")
    for text in ("小", "LX", "76543"):
        answer = leader.get(reverse("services:helper_suggest"), {"helper_search": text})
        assert [helper.pk for helper in answer.context["helpers"]] == [near.pk]
        assert near.phone not in answer.content.decode()


@pytest.mark.parametrize("text", ["", "\x00", "%", "_", "x" * 5000])
def test_odd_searches_suggest_nobody(leader, team, text):
    assert list(leader.get(reverse("services:helper_suggest"), {"helper_search": text}).context["helpers"]) == []
