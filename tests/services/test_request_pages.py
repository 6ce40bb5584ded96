"""The pages of requests: noting, finding, closing, the way to the log; and the form that is request and log in one."""

from datetime import datetime, time
from uuid import uuid4

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from grids.models import Membership
from services.domain.request import fail_request
from services.models import HelpRequest, ServiceLog
from tests.factories import make_category, make_log, make_request, make_team

pytestmark = pytest.mark.django_db
CALL, LIST = "/services/logs/call/", "/services/requests/"


@pytest.fixture(autouse=True)
def _in_july():
    """Let it be the 8th of July 2026, noon in Shanghai."""
    with time_machine.travel(datetime.fromisoformat("2026-07-08T12:00:30+08:00"), tick=False):
        yield


def members(team):
    return list(Membership.objects.filter(team=team).order_by("id").values_list("volunteer", flat=True))


def call(team, **changes):
    """Return what a browser sends for a call that took half an hour."""
    return {
        "key": str(uuid4()),
        "team": team.pk,
        "date": "2026-07-08",
        "starts": "",
        "ends": "12:00",
        "duration": "30",
        "category": make_category().pk,
        "participants": members(team),
        "recipient": "陈阿婆",
        "phone": "139 0000 1111",
        "channel": "phone",
        "content": "修水管",
        "people_served": "1",
    } | changes


def told(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


# --- the call -----------------------------------------------------------------------------------------


def test_call_begins_with_team_day_people_and_now(leader, team):
    last = Membership.objects.get(team=team, volunteer=members(team)[1]).volunteer
    make_log(team=team, participants=[last], recorded_by=leader.user)

    form = leader.get(CALL).context["form"]

    assert (form.chosen_team, form["date"].value().isoformat(), form["ends"].value()) == (team, "2026-07-08", time(12))
    assert (form["participants"].value(), form["channel"].value()) == ([last.pk], "phone")
    assert "next" not in leader.get(CALL).content.decode().split("form-actions")[1]


@pytest.mark.parametrize("who", ["staff", "leader"])
def test_call_is_saved_as_request_and_log(request, team, who):
    client = request.getfixturevalue(who)

    answer = client.post(CALL, call(team))

    log = ServiceLog.objects.get()
    assert (answer.status_code, log.minutes, log.recipient) == (302, 30, "陈阿婆")
    assert (log.request.state, log.request.phone, log.request.caller) == ("resolved", "13900001111", "陈阿婆")
    assert log.request.get_absolute_url() in client.get(log.get_absolute_url()).content.decode()
    assert log.get_absolute_url() in client.get(log.request.get_absolute_url()).content.decode()


def test_call_sent_twice_is_one(leader, team):
    said = call(team)

    answers = [leader.post(CALL, said) for _time in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert (ServiceLog.objects.count(), HelpRequest.objects.count()) == (1, 1)


def test_call_sent_again_with_another_phone_leads_to_what_was_saved(leader, team):
    said = call(team)
    leader.post(CALL, said)

    answer = leader.post(CALL, said | {"phone": "13900002222"})

    assert (answer.status_code, answer.context["stored"]) == (422, ServiceLog.objects.get())
    assert HelpRequest.objects.get().phone == "13900001111"


@pytest.mark.parametrize(
    ("typed", "minutes", "day"),
    [
        ({"duration": "45"}, 45, "2026-07-08"),
        ({"duration": "", "starts": "11:10"}, 50, "2026-07-08"),
        ({"duration": "30", "starts": "11:10"}, 50, "2026-07-08"),  # what was typed is more exact than what was tapped
        ({"duration": "60", "ends": "00:20"}, 60, "2026-07-07"),  # it began the day before
    ],
)
def test_start_is_typed_or_counted_back(leader, team, typed, minutes, day):
    leader.post(CALL, call(team, **typed))

    log = ServiceLog.objects.get()
    assert (log.minutes, log.date.isoformat()) == (minutes, day)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"duration": ""}, "duration"),
        ({"duration": "7"}, "duration"),
        ({"ends": ""}, "ends"),
        ({"starts": "25:00"}, "starts"),
        ({"recipient": " "}, "recipient"),
        ({"content": ""}, "content"),
        ({"phone": "123"}, "phone"),
        ({"channel": "pigeon"}, "channel"),
        ({"participants": []}, "participants"),
        ({"ends": "13:00"}, "ends"),  # it has not ended yet
    ],
)
def test_what_is_wrong_comes_back_at_its_field_and_nothing_is_kept(leader, team, typed, field):
    answer = leader.post(CALL, call(team, **typed))

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert answer.context["form"]["content"].value() == typed.get("content", "修水管")
    assert (ServiceLog.objects.count(), HelpRequest.objects.count()) == (0, 0)


def test_another_teams_people_are_shown_without_judging(staff, team):
    other = make_team(township=team.township)

    answer = staff.post(CALL, call(other, reload="1", ticked_for=str(team.pk), duration=""))

    form = answer.context["form"]
    assert (answer.status_code, form.errors, form["recipient"].value()) == (200, {}, "陈阿婆")
    assert [member.volunteer_id for member in form.members] == members(other)


# --- a request that waits -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"陈阿婆", "李伯"}),
        ({"q": "阿婆"}, {"陈阿婆"}),
        ({"q": "电灯"}, {"李伯"}),
        ({"state": "open"}, {"陈阿婆"}),
        ({"state": "unsolved"}, {"李伯"}),
        ({"state": "resolved"}, set()),
    ],
)
def test_list_is_narrowed_by_words_and_state(staff, team, query, found):
    make_request(team=team, caller="陈阿婆", content="水管漏了")
    make_request(team=team, caller="李伯", content="电灯坏了", state="unsolved", outcome="邻居修好了")
    make_request(caller="远方的人")

    page = staff.get(LIST, query).context["page"]

    assert {row["caller"] for row in page.rows} == found


def test_list_is_narrowed_by_team(staff, team):
    other = make_team(township=team.township)
    make_request(team=team, caller="陈阿婆")
    make_request(team=other, caller="李伯")

    assert [row["caller"] for row in staff.get(LIST, {"team": other.pk}).context["page"].rows] == ["李伯"]


def test_leader_sees_the_own_teams_requests_only(leader, team):
    make_request(team=team, caller="陈阿婆")
    make_request(team=make_team(township=team.township), caller="李伯")

    assert [row["caller"] for row in leader.get(LIST).context["page"].rows] == ["陈阿婆"]


# --- answered and closed ------------------------------------------------------------------------------


def log_for(request, team, **changes):
    said = call(team, starts="11:00", request=request.pk, **changes)
    return {name: value for name, value in said.items() if name not in ("duration", "phone", "channel")}


def test_request_leads_to_a_log_that_is_filled_from_it(leader, team):
    request = make_request(team=team, caller="陈阿婆")
    page = leader.get(request.get_absolute_url()).content.decode()
    address = f"{reverse('services:log_create')}?request={request.pk}"

    form = leader.get(address).context["form"]

    assert address in page
    assert (form.answered, form.chosen_team, form["recipient"].value()) == (request, team, "陈阿婆")
    assert request.phone not in leader.get(address).content.decode()


def test_log_from_a_request_resolves_it(leader, team):
    request = make_request(team=team)

    answer = leader.post(reverse("services:log_create"), log_for(request, team))

    request.refresh_from_db()
    assert (request.state, request.logs.get().recipient) == ("resolved", "陈阿婆")
    assert answer.url == reverse("services:pager")  # the next one may wait there
    assert "Log the service" not in leader.get(request.get_absolute_url()).content.decode()


def test_log_for_a_request_that_was_closed_meanwhile_says_so(leader, team):
    request = make_request(team=team)
    fail_request(request, reason="不用了", by=leader.user)

    answer = leader.post(reverse("services:log_create"), log_for(request, team))

    assert (answer.status_code, ServiceLog.objects.count()) == (422, 0)
    assert "could not be solved" in answer.content.decode()
    assert f"?team={team.pk}" in answer.content.decode()  # the way on without the request


@pytest.mark.parametrize("pk", ["elsewhere", "0", "abc", "9" * 30])
def test_request_of_elsewhere_is_not_answered(leader, team, pk):
    foreign = make_request()
    typed = log_for(foreign, team) | ({} if pk == "elsewhere" else {"request": pk})

    answer = leader.post(reverse("services:log_create"), typed)

    foreign.refresh_from_db()
    assert (answer.status_code, foreign.state, ServiceLog.objects.count()) == (422, "open", 0)
    assert foreign.caller not in answer.content.decode()


@pytest.mark.parametrize("pk", ["elsewhere", "abc", "0"])
def test_form_for_a_request_of_elsewhere_is_an_ordinary_one(leader, pk):
    foreign = make_request()

    page = leader.get(reverse("services:log_create"), {"request": foreign.pk if pk == "elsewhere" else pk})

    assert (page.status_code, page.context["form"].answered) == (200, None)
    assert foreign.caller not in page.content.decode()


def test_request_is_closed_with_a_reason(staff, team):
    request = make_request(team=team)

    answer = staff.post(f"{request.get_absolute_url()}fail/", {"reason": "邻居修好了", "version": request.version})

    request.refresh_from_db()
    assert (answer.status_code, request.state, request.outcome) == (302, "unsolved", "邻居修好了")
    assert "邻居修好了" in staff.get(request.get_absolute_url()).content.decode()


def test_closing_without_a_reason_comes_back_open(staff, team):
    request = make_request(team=team)

    answer = staff.post(f"{request.get_absolute_url()}fail/", {"reason": "", "version": request.version})

    request.refresh_from_db()
    assert (answer.status_code, request.state) == (422, "open")
    assert '<details class="action" id="act-fail" open>' in answer.content.decode()


def test_closing_what_was_answered_meanwhile_says_so(staff, team):
    request = make_request(team=team)
    logged = staff.post(reverse("services:log_create"), log_for(request, team))

    answer = staff.post(f"{request.get_absolute_url()}fail/", {"reason": "不用了", "version": request.version})

    assert logged.url == request.get_absolute_url()
    assert answer.status_code == 422
    assert any("logged for this request already" in message for message in told(answer))


# --- home ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["staff", "leader"])
def test_home_leads_to_the_call_and_to_what_waits(request, team, who):
    client = request.getfixturevalue(who)
    waiting = make_request(team=team)
    make_request(team=team, state="unsolved", outcome="不用了")

    page = client.get(reverse("home"))

    task = page.context["tasks"][0]
    assert (task.count, client.get(task.url).context["page"].count.number) == (1, 1)
    rows = page.context["requests"] if who == "staff" else page.context["pager"]["rows"]
    leads_to = waiting.get_absolute_url() if who == "staff" else f"{reverse('services:pager')}#request-{waiting.pk}"
    assert [row["url"] for row in rows] == [leads_to]
    assert CALL in page.content.decode()
    assert waiting.phone not in page.content.decode()
