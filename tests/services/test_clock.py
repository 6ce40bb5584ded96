"""The three clocks: met once, in order, stopped while the resident is waited for."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from services.domain.clock import Clock, go_on, hold, is_met, meet, start
from services.domain.deadline import minutes_for
from services.models import HelpRequest
from tests.factories import make_request

pytestmark = pytest.mark.django_db
ASKED = datetime.fromisoformat("2026-07-06T08:00+08:00")


@pytest.fixture
def asked():
    return make_request(asked_at=ASKED)


def after(minutes):
    return ASKED + timedelta(minutes=minutes)


def measured(request):
    return [getattr(request, f"{clock}_minutes") for clock in Clock]


def test_new_request_is_due_when_it_is_to_be_answered(asked):
    minutes = minutes_for(asked.township_id, asked.urgency)

    assert asked.due_at == asked.answer_due_at == after(minutes.answer)
    assert (asked.arrive_due_at, asked.resolve_due_at) == (after(minutes.arrive), after(minutes.resolve))
    assert measured(asked) == [None, None, None]


def test_urgent_request_is_due_sooner():
    urgent, low = (make_request(asked_at=ASKED, urgency=urgency) for urgency in ("urgent", "low"))

    assert urgent.due_at < low.due_at


def test_clock_that_was_met_leaves_the_next_one_due(asked):
    meet(asked, Clock.ANSWER, after(12))

    assert (asked.answered_at, measured(asked)) == (after(12), [12, None, None])
    assert asked.due_at == asked.arrive_due_at


def test_first_time_counts(asked):
    meet(asked, Clock.ANSWER, after(12))
    meet(asked, Clock.ANSWER, after(40))

    assert (asked.answered_at, asked.answer_minutes) == (after(12), 12)


def test_who_arrives_has_answered(asked):
    meet(asked, Clock.ARRIVE, after(30))

    assert asked.answered_at == asked.arrived_at == after(30)
    assert measured(asked) == [30, 30, None]


def test_nothing_was_met_before_it_was_asked_nor_out_of_order(asked):
    meet(asked, Clock.ANSWER, after(20))
    meet(asked, Clock.ARRIVE, after(-10))

    assert asked.answered_at == asked.arrived_at == after(20)


def test_clocks_stand_still_while_the_resident_is_waited_for(asked):
    meet(asked, Clock.ANSWER, after(10))
    before = asked.arrive_due_at
    hold(asked, after(20))
    assert (asked.is_waiting, asked.due_at) == (True, None)

    go_on(asked, after(80))
    meet(asked, Clock.ARRIVE, after(90))

    assert asked.arrive_due_at == before + timedelta(minutes=60)
    assert asked.waited_seconds == 60 * 60
    assert measured(asked) == [10, 30, None]


def test_who_acts_waits_no_longer(asked):
    hold(asked, after(5))
    meet(asked, Clock.ANSWER, after(25))

    assert (asked.is_waiting, asked.answer_minutes) == (False, 5)


def test_holding_twice_counts_from_the_first(asked):
    hold(asked, after(5))
    hold(asked, after(15))
    go_on(asked, after(25))

    assert asked.waited_seconds == 20 * 60


def test_other_urgency_sets_only_what_is_still_to_be_met(asked):
    meet(asked, Clock.ANSWER, after(10))
    answer_due = asked.answer_due_at
    asked.urgency = HelpRequest.Urgency.URGENT
    start(asked)

    assert asked.answer_due_at == answer_due
    assert asked.due_at == after(minutes_for(asked.township_id, "urgent").arrive)
    assert [is_met(asked, clock) for clock in Clock] == [True, False, False]


def test_overdue_is_what_is_past_its_next_deadline(asked):
    waiting = make_request(asked_at=ASKED)
    hold(waiting, after(1))
    waiting.save()
    done = make_request(asked_at=ASKED, state="withdrawn")
    make_request()

    assert list(HelpRequest.objects.overdue()) == [asked]
    assert not HelpRequest.objects.overdue(asked.due_at).exists()
    assert done.due_at is None


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"due_at": None}, "request_open_is_due_or_waits"),
        ({"state": "resolved", "closed_at": timezone.now(), "due_at": None}, "request_outcome_known"),
        ({"state": "referred", "closed_at": timezone.now(), "due_at": None}, "request_outcome_known"),
        ({"state": "unsolved", "closed_at": timezone.now(), "due_at": None}, "request_outcome_known"),
        ({"answered_at": ASKED - timedelta(minutes=1), "answer_minutes": 0}, "request_clocks_in_order"),
        ({"arrived_at": ASKED, "arrive_minutes": 0}, "request_clocks_in_order"),
        ({"answer_minutes": 3}, "request_minutes_with_clocks"),
        ({"rating": "satisfied"}, "request_rating_known"),
        ({"urgency": "soon"}, "request_urgency_known"),
        ({"escalation": 3}, "request_escalation_known"),
        ({"team": None}, "request_team_has_it_since"),
    ],
)
def test_database_refuses_what_cannot_be(asked, fields, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        HelpRequest.objects.filter(pk=asked.pk).update(**fields)
