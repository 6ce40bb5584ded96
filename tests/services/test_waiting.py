"""Waiting for the resident: the clocks stand still, say why, and run again by a tap or a word."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from common.rules import RuleBroken
from services.domain.follow import add_to_request
from services.domain.pager import answer_request, arrive, set_out
from services.domain.waiting import hold_request, resume_request
from services.models import HelpRequest, RequestStep
from tests.factories import make_request, make_user

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 8, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_deadlines_move_on_by_the_wait(team, clock):
    request, by = make_request(team=team), make_user(township=team.township)
    due = request.answer_due_at
    clock.shift(HOUR)
    held = hold_request(request, reason=" 周五才回来 ", version=request.version, by=by)
    assert (held.waiting_since, held.due_at) == (NOON + HOUR, None)
    assert not HelpRequest.objects.overdue(NOON + timedelta(days=30)).exists()

    clock.shift(2 * HOUR)
    went_on = resume_request(held, version=held.version, by=by)

    assert (went_on.waiting_since, went_on.waited_seconds) == (None, 7200)
    assert went_on.due_at == went_on.answer_due_at == due + 2 * HOUR
    steps = request.steps.filter(kind__in=("waiting", "resumed")).values_list("kind", "text", "by", "actor")
    assert list(steps) == [("waiting", "周五才回来", by.pk, "office"), ("resumed", "", by.pk, "office")]


@pytest.mark.parametrize("act", [answer_request, set_out, arrive])
def test_tap_of_the_team_ends_the_wait(team, clock, act):
    request, by = make_request(team=team), make_user(township=team.township)
    hold_request(request, reason="等照片", by=by)
    clock.shift(HOUR)

    act(request, by=by)

    request.refresh_from_db()
    assert (request.is_waiting, request.waited_seconds, request.answer_minutes) == (False, 3600, 0)
    assert request.due_at is not None


def test_word_of_the_resident_ends_the_wait(team, clock):
    request = hold_request(make_request(team=team), reason="等照片", by=make_user())
    clock.shift(HOUR)

    add_to_request(request, text="周五在家", form_key=uuid4())

    request.refresh_from_db()
    assert (request.is_waiting, request.waited_seconds) == (False, 3600)
    assert request.steps.filter(kind=RequestStep.Kind.RESUMED).count() == 1


@pytest.mark.parametrize(
    ("reason", "field", "advice"),
    [(" ", "reason", "Say what"), ("长" * 201, "reason", "At most 200")],
)
def test_waiting_says_for_what(team, reason, field, advice):
    request = make_request(team=team)
    with pytest.raises(RuleBroken, match=advice) as refused:
        hold_request(request, reason=reason, by=make_user())
    assert refused.value.field == field
    assert not HelpRequest.objects.get().is_waiting


def test_clocks_are_stopped_once_and_only_while_the_request_is_open(team):
    by = make_user()
    settled, running = make_request(team=team, state="resolved"), make_request(team=team)
    for act in (lambda: hold_request(settled, reason="等", by=by), lambda: resume_request(settled, by=by)):
        with pytest.raises(RuleBroken, match="logged for this request already"):
            act()
    with pytest.raises(RuleBroken, match="run already"):
        resume_request(running, by=by)
    held = hold_request(running, reason="等", by=by)
    with pytest.raises(RuleBroken, match="waited for already"):
        hold_request(held, reason="等", by=by)
    with pytest.raises(RuleBroken, match="Nothing was saved"):
        resume_request(held, version=held.version - 1, by=by)


# --- The page -------------------------------------------------------------------------------------------


def test_leader_stops_the_clocks_and_lets_them_run_again(team, leader):
    request = make_request(team=team, caller="陈阿婆")
    page = leader.get(request.get_absolute_url())
    assert "Stop the clocks" in page.content.decode()

    form = {"reason": "人在医院，周五回家", "version": page.context["asked"].version}
    answer = leader.post(reverse("services:request_hold", args=[request.pk]), form)
    assert answer.status_code == 302
    page = leader.get(request.get_absolute_url()).content.decode()
    assert "人在医院，周五回家" in page
    assert "stands still" in page
    assert "Stop the clocks" not in page

    leader.post(reverse("services:request_resume", args=[request.pk]))
    assert not HelpRequest.objects.get().is_waiting


def test_refused_reason_comes_back_as_typed(team, leader):
    request = make_request(team=team)
    form = {"reason": "人在医院", "version": request.version + 5}
    answer = leader.post(reverse("services:request_hold", args=[request.pk]), form)

    assert answer.status_code == 422
    assert "人在医院" in answer.content.decode()
    assert "Nothing was saved" in answer.content.decode()
    again = leader.post(
        reverse("services:request_hold", args=[request.pk]),
        {"reason": "人在医院", "version": answer.context["form"]["version"].value()},
    )
    assert again.status_code == 302


def test_clocks_say_what_they_measure_and_how_they_stand(team, staff, clock):
    asked = NOON - 6 * HOUR
    request = make_request(team=team, asked_at=asked, answered_at=asked + HOUR / 2)
    page = staff.get(request.get_absolute_url()).content.decode()

    assert "From the asking until somebody is at the door." in page
    assert "after 30 minutes, in time" in page
    assert "18 hours left" in page


def test_wait_that_lasts_too_long_is_shown(team, staff, clock, settings):
    request = make_request(team=team)
    hold_request(request, reason="等回信", by=make_user())
    assert "That is long" not in staff.get(request.get_absolute_url()).content.decode()

    clock.shift(timedelta(days=settings.REQUEST_WAITING_DAYS, minutes=1))
    staff.force_login(staff.user)

    assert "That is long" in staff.get(request.get_absolute_url()).content.decode()
