"""A team's round of its grid: who is due, visits with one tap, and requests that are found on the way."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from common.rules import RuleBroken
from services.domain.log import RecordedDifferently
from services.domain.visit_round import free_time, miss_visit, open_found, round_of, seen_in, undo_visit, visit_now
from services.models import HelpRequest, MissedVisit, ServiceCategory, ServiceLog, Visit
from tests.factories import make_log, make_settings, make_team, make_user, make_visit_plan
from tests.races import in_parallel
from tests.services.test_home import leader_of

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-07-20T12:00:40+08:00")
TODAY = date(2026, 7, 20)


@pytest.fixture(autouse=True)
def traveller():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def leader(team):
    return leader_of(team)


def people_of(team):
    return list(team.memberships.order_by("id").values_list("volunteer", flat=True))


def tap(plan, by, **fields):
    told = {"key": uuid4(), "participants": people_of(plan.team)} | fields
    return visit_now(plan, **told, by=by)


def times(log):
    return f"{timezone.localtime(log.starts_at):%H:%M}–{timezone.localtime(log.ends_at):%H:%M}"


# --- who is due --------------------------------------------------------------------------------------------------


def test_the_round_goes_from_door_to_door_and_who_was_out_comes_last(team, leader):
    def plan(recipient, place, due):
        return make_visit_plan(team, recipient=recipient, place=place, starts_on=due)

    plan("十", "东街10号", TODAY)
    plan("二", "东街2号", TODAY - timedelta(days=9))
    out = plan("一", "东街1号", TODAY)
    plan("无", "", TODAY)
    plan("周", "东街3号", TODAY + timedelta(days=7))
    plan("远", "东街4号", TODAY + timedelta(days=8))
    make_visit_plan(make_team(), recipient="别队")
    miss_visit(out, by=leader)

    tour = round_of(team, TODAY)

    assert [stop.round.plan.recipient for stop in tour.due] == ["二", "十", "无", "一"]
    assert [stop.round.plan.recipient for stop in tour.soon] == ["周"]
    assert tour.later == 1


def test_households_are_counted_once_each_in_the_month(team, leader):
    visit = ServiceCategory.objects.get(code="visit")
    for recipient, day in (("王阿婆", 1), ("独居老人王阿婆", 8), ("李伯", 9)):
        make_log(team=team, on=date(2026, 7, day), category=visit, recipient=recipient)
    make_log(team=team, on=date(2026, 7, 10), recipient="张三")
    make_log(team=team, on=date(2026, 6, 30), category=visit, recipient="张三")

    seen = seen_in(team, TODAY)

    assert (seen.households, seen.visits, seen.of) == (2, 3, team.grid.households)


# --- one tap ------------------------------------------------------------------------------------------------------


def test_a_tap_logs_the_visit_of_the_last_half_hour(team, leader):
    plan = make_visit_plan(team, recipient="王阿婆", place="东街1号")

    log = tap(plan, leader).log

    assert (log.date, times(log), log.recipient, log.place) == (TODAY, "11:30–12:00", "王阿婆", "东街1号")
    assert (log.category.code, log.content, log.recorded_by) == ("visit", "Called on them by the visit plan.", leader)
    assert set(log.participations.values_list("volunteer", flat=True)) == set(people_of(team))
    assert log.visit.plan == plan
    assert round_of(team, TODAY).due == []


def test_taps_one_after_the_other_never_overlap(team, leader, traveller):
    plans = [make_visit_plan(team) for _ in range(4)]

    at_once = [times(tap(plan, leader).log) for plan in plans[:3]]
    traveller.shift(timedelta(minutes=12))
    later = times(tap(plans[3], leader, note="血压偏高").log)

    assert at_once == ["11:30–12:00", "11:00–11:30", "10:30–11:00"]
    assert later == "12:00–12:12"
    assert ServiceLog.objects.get(visit__plan=plans[3]).content == "血压偏高"


def test_a_gap_of_less_than_five_minutes_is_left_alone(team):
    make_log(team=team, on=TODAY, starts=time(11, 26), minutes=30)
    start, end = free_time(people_of(team), 20, timezone.now())
    assert (f"{timezone.localtime(start):%H:%M}", f"{timezone.localtime(end):%H:%M}") == ("11:06", "11:26")


def test_a_day_without_a_free_stretch_refuses_and_names_the_form(team, leader, traveller):
    traveller.move_to(datetime.fromisoformat("2026-07-20T00:04:00+08:00"))
    with pytest.raises(RuleBroken, match="Log this visit by the form"):
        tap(make_visit_plan(team), leader)
    assert not ServiceLog.objects.exists()


def test_a_double_tap_makes_one_visit(team, leader, traveller):
    plan, key = make_visit_plan(team), uuid4()
    first = tap(plan, leader, key=key)
    traveller.shift(timedelta(minutes=1))
    second = tap(plan, leader, key=key, note="后来想到的")

    assert (second.log, second.is_new) == (first.log, False)
    with pytest.raises(RecordedDifferently):
        tap(make_visit_plan(team), leader, key=key)


def test_two_phones_log_one_visit_a_day(team, leader):
    plan = make_visit_plan(team, recipient="王阿婆")
    tap(plan, leader)
    with pytest.raises(RuleBroken, match="王阿婆 was called on today already, at 11:30"):
        tap(plan, make_user(Role.TOWNSHIP_STAFF, township=team.township))
    assert Visit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_phones_at_the_same_moment_log_one_visit():
    team = make_team()
    leader, plan, people = leader_of(team), make_visit_plan(team), people_of(team)

    answers = in_parallel(*[lambda: visit_now(plan, key=uuid4(), participants=people, by=leader)] * 3)

    assert ServiceLog.objects.standing().count() == 1
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 2


def test_an_undone_visit_is_due_again_and_its_key_makes_no_second_one(team, leader):
    plan, key = make_visit_plan(team), uuid4()
    log = tap(plan, leader, key=key).log

    undo_visit(log, by=leader)

    log.refresh_from_db()
    assert log.is_withdrawn
    assert len(round_of(team, TODAY).due) == 1
    with pytest.raises(RuleBroken, match="tap once more"):
        tap(plan, leader, key=key)
    assert tap(plan, leader).is_new


def test_only_todays_visits_are_undone_with_a_tap(team, leader, traveller):
    log = tap(make_visit_plan(team), leader).log
    traveller.shift(timedelta(days=1))
    for other in (log, make_log(team=team, on=TODAY)):
        with pytest.raises(RuleBroken, match="on its own page"):
            undo_visit(other, by=leader)


@pytest.mark.parametrize("duty", ["uses_visit_plans", "uses_logs"])
def test_without_the_duty_nothing_is_tapped(team, leader, duty):
    plan = make_visit_plan(team)
    make_settings(team.township, **{duty: False})
    for act in (lambda: tap(plan, leader), lambda: miss_visit(plan, by=leader)):
        with pytest.raises(RuleBroken, match="at present"):
            act()
    assert not ServiceLog.objects.exists()
    assert not MissedVisit.objects.exists()


def test_what_is_no_visit_of_the_plan_is_refused(team, leader):
    plan = make_visit_plan(team)
    for wrong, message in (({"minutes": 31}, "how long"), ({"participants": []}, "Tick who goes along")):
        with pytest.raises(RuleBroken, match=message):
            tap(plan, leader, **wrong)
    plan.ended_on = TODAY
    plan.save()
    with pytest.raises(RuleBroken, match="This plan was ended"):
        tap(plan, leader)


def test_nobody_at_home_is_no_service_and_said_once_a_day(team, leader):
    plan = make_visit_plan(team)
    assert miss_visit(plan, by=leader) == miss_visit(plan, by=leader)
    assert not ServiceLog.objects.exists()

    tap(plan, leader)
    with pytest.raises(RuleBroken, match="called on today already"):
        miss_visit(plan, by=leader)


# --- what is found ------------------------------------------------------------------------------------------------


def test_a_request_found_on_a_visit_knows_who_where_and_on_which(team, leader):
    log = tap(make_visit_plan(team, recipient="王阿婆", place="东街1号"), leader).log

    request = open_found(log, key=uuid4(), content="屋顶漏水", by=leader).request

    assert (request.caller, request.place, request.channel) == ("王阿婆", "东街1号", HelpRequest.Channel.VISIT)
    assert (request.team, request.grid, request.found_on) == (team, team.grid, log)


def test_only_a_standing_visit_finds_requests(team, leader):
    withdrawn = tap(make_visit_plan(team), leader).log
    undo_visit(withdrawn, by=leader)
    withdrawn.refresh_from_db()
    errand = make_log(team=team, on=TODAY, category=ServiceCategory.objects.get(code="errand"))
    for log, message in ((withdrawn, "was withdrawn"), (errand, "was no visit")):
        with pytest.raises(RuleBroken, match=message):
            open_found(log, key=uuid4(), content="屋顶漏水", by=leader)
    assert not HelpRequest.objects.exists()


# --- the pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def client(client_of, leader):
    return client_of(leader)


def page_of(client, team):
    return client.get(reverse("services:visit_round", args=[team.pk]))


def form_of(page, **pressed):
    """Return what the page's form sends when one presses a button."""
    form = page.context["form"]
    data = {name: form[name].value() for name in form.fields}
    data["participants"] = [str(pk) for pk in data["participants"] or ()]
    return {name: value for name, value in data.items() if value is not None} | pressed


def test_the_page_remembers_who_goes_along_and_logs_with_a_tap(client, team):
    first, second = make_visit_plan(team, recipient="王阿婆"), make_visit_plan(team, recipient="李伯")
    people = people_of(team)
    address = reverse("services:visit_round", args=[team.pk])

    sent = form_of(page_of(client, team), participants=people[:2], minutes="20", visit=first.pk)
    answer = client.post(address, sent, follow=True)

    html = answer.content.decode()
    assert "王阿婆: visit logged, 11:40–12:00." in html
    assert [row["log"].recipient for row in answer.context["visited"]] == ["王阿婆"]
    assert [row["plan"] for row in answer.context["due"]] == [second]
    assert answer.context["form"]["participants"].value() == people[:2]

    client.post(address, sent)  # the same page once more
    assert ServiceLog.objects.count() == 1


def test_enter_in_a_note_logs_nothing_and_remembers(client, team):
    plan = make_visit_plan(team)
    sent = form_of(page_of(client, team), participants=people_of(team)[:1]) | {f"note_{plan.pk}": "量血压"}
    answer = client.post(reverse("services:visit_round", args=[team.pk]), sent, follow=True)
    assert answer.context["form"]["participants"].value() == people_of(team)[:1]
    assert not ServiceLog.objects.exists()


def test_minutes_that_are_none_come_back_to_be_chosen(client, team):
    plan = make_visit_plan(team)
    sent = form_of(page_of(client, team), participants=people_of(team)[:1], minutes="'><script>", visit=plan.pk)
    answer = client.post(reverse("services:visit_round", args=[team.pk]), sent)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"minutes"})


def test_nobody_ticked_comes_back_with_the_note_and_says_what_to_do(client, team):
    plan = make_visit_plan(team)
    sent = form_of(page_of(client, team), participants=[], visit=plan.pk) | {f"note_{plan.pk}": "量血压"}
    answer = client.post(reverse("services:visit_round", args=[team.pk]), sent)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Tick who goes along" in html
    assert "量血压" in html


@pytest.mark.parametrize("key", ["999999", "x", "9" * 30])
def test_another_teams_plan_is_not_there(client, team, key):
    make_visit_plan(team)
    foreign = make_visit_plan(make_team(township=team.township), recipient="别队的人")
    page = page_of(client, team)
    assert "别队的人" not in page.content.decode()
    for pressed in ({"visit": key}, {"away": foreign.pk}, {"visit": foreign.pk}):
        answer = client.post(reverse("services:visit_round", args=[team.pk]), form_of(page, **pressed))
        assert answer.status_code == 404
    assert not ServiceLog.objects.exists()


def test_found_undone_and_out_from_the_page(client, team, leader):
    plan, other = make_visit_plan(team, recipient="王阿婆"), make_visit_plan(team)
    log = tap(plan, leader).log
    address = reverse("services:visit_round", args=[team.pk])

    client.post(address, form_of(page_of(client, team), away=other.pk))
    found = reverse("services:visit_found", args=[log.pk])
    sent = {"key": uuid4(), "content": "屋顶漏水", "urgency": "normal"}
    asked = client.post(found, sent, follow=True)
    assert log.get_absolute_url() in asked.content.decode()
    (row,) = page_of(client, team).context["visited"]
    assert [request.content for request in row["found"]] == ["屋顶漏水"]
    page = client.get(log.get_absolute_url())
    assert "屋顶漏水" in page.content.decode()
    assert [(step["what"], step["changes"]) for step in page.context["history"]] == [
        ("Logged a visit with one tap", [])
    ]

    client.post(reverse("services:visit_undo", args=[log.pk]))
    page = page_of(client, team)
    assert [row["was_out"] for row in page.context["due"]] == [False, True]


def test_the_rounds_queries_do_not_grow_with_it(client, team, leader, django_assert_max_num_queries):
    for _ in range(2):
        make_visit_plan(team)
    page_of(client, team)
    with django_assert_max_num_queries(22):
        page_of(client, team)
    for _ in range(6):
        tap(make_visit_plan(team), leader)
        make_visit_plan(team)
    with django_assert_max_num_queries(22):
        page_of(client, team)
