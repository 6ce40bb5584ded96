"""The taps of the pager: each counts once, is taken back within minutes, and is refused to whoever has it no longer."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEntry
from common.rules import RuleBroken
from services.domain.pager import answer_request, arrive, next_tap, revocable, set_out, take_tap_back, tap
from services.domain.request import withdraw_request
from services.models import HelpRequest
from tests.factories import make_request, make_team, make_user

pytestmark = pytest.mark.django_db
NOON = datetime.fromisoformat("2026-07-08T12:00:00+08:00")


@pytest.fixture
def at():
    """Return ``at(minutes)``: so many minutes after noon from then on."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield lambda minutes: traveller.move_to(NOON + timedelta(minutes=minutes))


@pytest.fixture
def leader_user(leader):
    return leader.user


def minute(moment):
    return None if moment is None else int((moment - NOON).total_seconds()) // 60


def stands(request):
    """Return when it was answered, somebody set out and arrived, in minutes after noon."""
    request.refresh_from_db()
    return minute(request.answered_at), minute(request.set_out_at), minute(request.arrived_at)


def kinds(request):
    return list(request.steps.order_by("id").values_list("kind", flat=True))


def test_each_tap_puts_down_its_moment_and_a_step(at, team, leader_user):
    asked = make_request(team=team)
    for minutes, act in ((5, answer_request), (20, set_out), (45, arrive)):
        at(minutes)
        act(asked, by=leader_user)

    assert stands(asked) == (5, 20, 45)
    assert (asked.answer_minutes, asked.arrive_minutes, next_tap(asked)) == (5, 45, "resolve")
    assert kinds(asked)[-3:] == ["answered", "set_out", "arrived"]
    assert asked.steps.last().by == leader_user
    assert AuditEntry.objects.filter(event="arrive", actor=leader_user).exists()


def test_tap_that_comes_again_changes_nothing(at, team, leader_user):
    asked = make_request(team=team)
    at(5)
    set_out(asked, by=leader_user)
    before = stands(asked), kinds(asked), asked.version
    at(7)
    for again in (set_out, answer_request, set_out):
        again(asked, by=leader_user)

    assert (stands(asked), kinds(asked), asked.version) == before


def test_later_tap_says_the_earlier_ones(at, team, leader_user):
    asked = make_request(team=team)
    at(30)
    arrive(asked, by=leader_user)

    assert stands(asked) == (30, None, 30)
    at(31)
    set_out(asked, by=leader_user)  # a page that was open since before
    assert stands(asked) == (30, None, 30)


def test_tap_lets_standing_clocks_run_again(at, team, leader_user):
    asked = make_request(team=team, waiting_since=NOON, due_at=None)
    at(60)
    set_out(asked, by=leader_user)

    asked.refresh_from_db()
    assert (asked.waiting_since, asked.waited_seconds, asked.answer_minutes) == (None, 3600, 0)


def test_tap_is_taken_back_with_what_it_said_besides(at, team, leader_user):
    asked = make_request(team=team)
    due = asked.due_at
    at(5)
    arrive(asked, by=leader_user)
    at(8)
    take_tap_back(asked, "arrive", by=leader_user)
    take_tap_back(asked, "arrive", by=leader_user)  # pressed twice

    assert stands(asked) == (None, None, None)
    assert (asked.answer_minutes, asked.arrive_minutes, asked.due_at) == (None, None, due)
    assert kinds(asked)[-2:] == ["arrived", "changed"]


def test_taking_back_leaves_the_tap_before_it(at, team, leader_user):
    asked = make_request(team=team)
    at(5)
    answer_request(asked, by=leader_user)
    at(9)
    set_out(asked, by=leader_user)
    take_tap_back(asked, "set_out", by=leader_user)
    take_tap_back(asked, "set_out", by=leader_user)

    assert stands(asked) == (5, None, None)


@pytest.mark.parametrize(("minutes", "name"), [(16, "set_out"), (6, "answer"), (6, "resolve")])
def test_only_the_last_tap_is_taken_back_and_only_for_minutes(at, team, leader_user, minutes, name):
    asked = make_request(team=team)
    at(1)
    answer_request(asked, by=leader_user)
    at(5)
    set_out(asked, by=leader_user)
    at(minutes)

    with pytest.raises(RuleBroken, match=r"can be taken back, within 10 minutes|Choose one of the buttons"):
        take_tap_back(asked, name, by=leader_user)
    assert stands(asked) == (1, 5, None)


def test_what_a_former_team_said_is_not_taken_back(at, team, leader_user):
    asked = make_request(team=team)
    at(5)
    answer_request(asked, by=leader_user)
    at(6)
    asked.refresh_from_db()
    assert revocable(asked, timezone.now()) == "answer"
    HelpRequest.objects.filter(pk=asked.pk).update(team=make_team(township=team.township), handed_at=timezone.now())
    asked.refresh_from_db()

    assert revocable(asked, timezone.now()) == ""


@pytest.mark.parametrize("act", [answer_request, set_out, arrive])
def test_tap_on_a_request_transferred_meanwhile_says_who_has_it(team, leader_user, act):
    asked, other = make_request(team=team), make_team(township=team.township)
    HelpRequest.objects.filter(pk=asked.pk).update(team=other)

    with pytest.raises(RuleBroken, match=f"{other.name} has this request now"):
        act(asked, by=leader_user)
    assert stands(asked) == (None, None, None)


def test_tap_on_a_request_given_back_says_that_the_office_has_it(team, leader_user):
    asked = make_request(team=team)
    HelpRequest.objects.filter(pk=asked.pk).update(team=None, handed_at=None)

    with pytest.raises(RuleBroken, match=f"office of {team.township.name} has this request now"):
        arrive(asked, by=leader_user)


def test_tap_on_what_no_team_has_is_refused(team):
    asked = make_request(team=team)
    HelpRequest.objects.filter(pk=asked.pk).update(team=None, handed_at=None)
    asked.refresh_from_db()

    with pytest.raises(RuleBroken, match="Give it to a team first"):
        answer_request(asked, by=make_user(township=team.township))


def test_tap_on_a_settled_request_says_how_it_stands(team, leader_user):
    asked = make_request(team=team)
    withdraw_request(asked, reason="邻居已经帮忙", by=leader_user)

    with pytest.raises(RuleBroken, match="was withdrawn"):
        arrive(asked, by=leader_user)
    assert stands(asked)[2] is None


@pytest.mark.parametrize(("name", "said"), [("resolve", "by a service log, never without one"), ("fly", "buttons")])
def test_resolved_is_no_tap(team, leader_user, name, said):
    asked = make_request(team=team)

    with pytest.raises(RuleBroken, match=said):
        tap(asked, name, by=leader_user)
    asked.refresh_from_db()
    assert asked.is_open
