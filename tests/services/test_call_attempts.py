"""Members are called one after the other: the latest word counts, of the team that has the request now."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from common.rules import RuleBroken
from grids.models import Membership
from services.domain.call_attempt import latest_of, note_call, who_comes
from services.domain.pager import arrive
from services.forms.log import first_entry
from services.models import HelpRequest, RequestStep
from services.models.request import code_of
from tests.factories import make_category, make_request, make_team, make_volunteer

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-07-08T12:00:30+08:00")


@pytest.fixture(autouse=True)
def at():
    """Return ``at(minutes)``: so many minutes after noon from then on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield lambda minutes: traveller.move_to(NOON + timedelta(minutes=minutes))


@pytest.fixture
def asked(team):
    return make_request(team=team, place="3幢201", category=make_category())


def members(team):
    return [each.volunteer for each in Membership.objects.filter(team=team).order_by("id")]


def said(request):
    return list(request.call_attempts.order_by("id").values_list("volunteer", "result"))


def test_latest_word_of_a_member_counts(at, asked, team, leader):
    first, second, _third = members(team)
    for minutes, who, result in (
        (0, first, "no_answer"),
        (5, second, "comes"),
        (6, first, "comes"),
        (9, second, "cannot"),
    ):
        at(minutes)
        note_call(asked, who, result=result, by=leader.user)

    assert who_comes([asked]) == {asked.pk: [first]}
    assert {volunteer: each.result for (_request, volunteer), each in latest_of([asked]).items()} == {
        first.pk: "comes",
        second.pk: "cannot",
    }
    missed = asked.steps.filter(kind=RequestStep.Kind.CALL_MISSED)
    assert [step.text for step in missed] == [f"{first.name}: No answer", f"{second.name}: Cannot come"]


def test_same_word_sent_nine_times_is_one_attempt_and_a_later_call_another(at, asked, team, leader):
    member = members(team)[0]
    for _time in range(9):
        note_call(asked, member, result="no_answer", by=leader.user)
    assert len(said(asked)) == 1

    at(3)
    note_call(asked, member, result="no_answer", by=leader.user)
    assert len(said(asked)) == 2


@pytest.mark.parametrize("result", ["", "maybe", "comes "])
def test_unknown_result_is_refused(asked, team, leader, result):
    with pytest.raises(RuleBroken, match="Choose what came of the call"):
        note_call(asked, members(team)[0], result=result, by=leader.user)
    assert said(asked) == []


def test_who_is_not_in_the_team_is_refused(asked, team, leader):
    gone = members(team)[2]
    Membership.objects.filter(volunteer=gone).update(left_on=NOON.date() - timedelta(days=1))

    for stranger in (gone, make_volunteer(township=team.township)):
        with pytest.raises(RuleBroken, match="not in the team"):
            note_call(asked, stranger, result="comes", by=leader.user)
    assert said(asked) == []


def test_call_for_a_request_transferred_meanwhile_says_who_has_it(asked, team, leader):
    other = make_team(township=team.township)
    HelpRequest.objects.filter(pk=asked.pk).update(team=other)

    with pytest.raises(RuleBroken, match=f"{other.name} has this request now"):
        note_call(asked, members(team)[0], result="comes", by=leader.user)


def test_word_said_to_a_former_team_or_before_it_was_reopened_does_not_count(at, asked, team, leader):
    note_call(asked, members(team)[0], result="comes", by=leader.user)
    at(5)
    HelpRequest.objects.filter(pk=asked.pk).update(reopened_at=timezone.now(), times_reopened=1)
    assert who_comes([asked]) == {asked.pk: []}

    HelpRequest.objects.filter(pk=asked.pk).update(reopened_at=None, times_reopened=0)
    assert [each.pk for each in who_comes([asked])[asked.pk]] == [members(team)[0].pk]
    HelpRequest.objects.filter(pk=asked.pk).update(team=make_team(township=team.township), handed_at=timezone.now())
    asked.refresh_from_db()
    assert who_comes([asked]) == {asked.pk: []}


def test_log_opened_from_the_request_is_filled_in(at, asked, team, leader):
    first, second, _third = members(team)
    note_call(asked, second, result="comes", by=leader.user)
    note_call(asked, first, result="cannot", by=leader.user)
    at(20)
    arrive(asked, by=leader.user)
    at(65)

    begin = first_entry(leader.user, {"request": str(asked.pk)})

    assert begin == {
        "request": asked.pk,
        "team": team.pk,
        "recipient": asked.caller,
        "place": "3幢201",
        "category": asked.category_id,
        "participants": [second.pk],
        "date": NOON.date(),
        "starts": (NOON + timedelta(minutes=20)).replace(second=0).time(),
        "ends": (NOON + timedelta(minutes=65)).replace(second=0).time(),
        "next_day": False,
    }


@pytest.mark.parametrize(
    ("minutes", "ends", "next_day"), [(3, None, None), (13 * 60, "01:00:00", True), (17 * 60, None, None)]
)
def test_end_is_left_open_where_it_can_be_none(at, asked, leader, minutes, ends, next_day):
    arrive(asked, by=leader.user)
    at(minutes)

    begin = first_entry(leader.user, {"request": str(asked.pk)})

    assert (str(begin["starts"]), begin.get("next_day")) == ("12:00:00", next_day)
    assert (str(begin["ends"]) if "ends" in begin else None) == ends


def test_times_of_the_first_service_are_not_those_of_a_further_one(at, asked, leader):
    arrive(asked, by=leader.user)
    at(24 * 60)
    HelpRequest.objects.filter(pk=asked.pk).update(reopened_at=timezone.now(), times_reopened=1)
    at(25 * 60)

    begin = first_entry(leader.user, {"request": str(asked.pk)})

    assert (begin["date"], "starts" in begin, "ends" in begin) == (timezone.localdate(), False, False)


def test_form_as_it_is_filled_in_resolves_the_request(at, asked, team, leader):
    at(20)
    arrive(asked, by=leader.user)
    at(65)
    note_call(asked, members(team)[1], result="comes", by=leader.user)
    begin = first_entry(leader.user, {"request": str(asked.pk)})
    form_page = leader.get(f"/services/logs/new/?request={asked.pk}")
    form = form_page.context["form"]
    sent = {
        name: form[name].value()
        for name in ("request", "team", "category", "recipient", "place", "people_served", "key")
    }
    sent |= {
        "participants": begin["participants"],
        "content": "修好了水管",
        "date": "2026-07-08",
        "starts": "12:20",
        "ends": "13:05",
    }

    answer = leader.post("/services/logs/new/", sent)

    asked.refresh_from_db()
    assert (answer.status_code, asked.state) == (302, "resolved")
    assert asked.arrived_at == NOON + timedelta(minutes=20)  # the tap stands, not the form's minute


def test_resident_reads_no_name_of_who_was_called(asked, team, leader, client):
    member = members(team)[0]
    note_call(asked, member, result="cannot", by=leader.user)

    page = client.get(f"/ask/follow/{code_of(asked.key)}/").content.decode()

    assert member.name not in page
