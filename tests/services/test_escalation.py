"""A missed deadline is told to the township, then to the city, once each, until it is met."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command

from accounts.models import AuditEntry, Reminder
from accounts.rights import Role
from common import each_minute
from services.domain.deadline import Minutes
from services.domain.escalation import Escalated, escalate_late
from services.domain.pager import answer_request
from services.domain.request import withdraw_request
from services.domain.request_notices import Notice, notice_key
from services.domain.waiting import hold_request
from services.models import HelpRequest, RequestStep
from tests.factories import make_deadline, make_request, make_township, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 8, 4, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOTHING = Escalated()


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def people(team):
    """The township's office, another township's and the city's."""
    return {
        "office": make_user(Role.TOWNSHIP_STAFF, township=team.township),
        "elsewhere": make_user(Role.TOWNSHIP_STAFF, township=make_township()),
        "city": make_user(Role.ADMIN),
    }


def waiting(request):
    """Return who waits for a late request, by its notice."""
    keys = {notice_key(request, notice): notice for notice in (Notice.ESCALATED_TOWNSHIP, Notice.ESCALATED_CITY)}
    found = Reminder.objects.unseen().filter(key__in=keys).order_by("id").values_list("user", "key")
    return [(user, keys[key]) for user, key in found]


def escalation(request):
    request.refresh_from_db()
    return request.escalation


# Urgent: to be answered within 30 minutes; the township is told 10 minutes later, the city 60.


def test_township_is_told_then_the_city_once_each(team, people, clock):
    request = make_request(team=team, urgency="urgent", recorded_by=people["office"])
    clock.shift(40 * MINUTE)
    assert escalate_late() == NOTHING

    clock.shift(MINUTE)
    assert [escalate_late(), escalate_late()] == [Escalated(township=1), NOTHING]
    assert waiting(request) == [(people["office"].pk, Notice.ESCALATED_TOWNSHIP)]

    clock.shift(50 * MINUTE)
    assert [escalate_late(), escalate_late()] == [Escalated(city=1), NOTHING]
    assert waiting(request)[1:] == [(people["city"].pk, Notice.ESCALATED_CITY)]
    assert escalation(request) == HelpRequest.Escalation.CITY
    steps = request.steps.filter(kind=RequestStep.Kind.ESCALATED).values_list("text", "actor", "at")
    assert list(steps) == [("The township", "system", NOON + 41 * MINUTE), ("The city", "system", NOON + 91 * MINUTE)]
    assert AuditEntry.objects.filter(event="escalate_request", actor=None).exists()


def test_after_an_outage_both_are_told(team, people, clock):
    request = make_request(team=team, urgency="urgent", asked_at=NOON - 24 * HOUR, recorded_by=people["office"])
    assert escalate_late() == Escalated(township=1, city=1)
    assert {user for user, _notice in waiting(request)} == {people["office"].pk, people["city"].pk}


def test_each_township_is_told_after_its_own_time(team, people, clock):
    make_deadline(minutes=Minutes(30, 120, 1440, 0, 30))
    make_deadline(township=team.township, minutes=Minutes(30, 120, 1440, 20, 60))
    own, other = make_request(team=team, urgency="urgent"), make_request(urgency="urgent")
    normal = make_request(team=team)

    clock.shift(31 * MINUTE)
    escalate_late()
    assert [escalation(each) for each in (own, other, normal)] == [0, 1, 0]
    clock.shift(20 * MINUTE)
    escalate_late()
    assert [escalation(each) for each in (own, other, normal)] == [1, 1, 0]


def test_met_deadline_settles_the_reminders_and_the_next_is_told_anew(team, people, clock):
    request = make_request(team=team, urgency="urgent")
    clock.shift(HOUR)
    escalate_late()
    assert waiting(request)

    answer_request(request, by=people["office"])
    assert escalate_late() == Escalated(met=1)
    assert (waiting(request), escalation(request)) == ([], 0)

    clock.shift(2 * HOUR)
    assert escalate_late().township == 1
    assert waiting(request)


def test_nobody_waits_for_what_is_settled_or_waits_for_the_resident(team, people, clock):
    held, taken = (make_request(team=team, urgency="urgent") for _ in range(2))
    clock.shift(HOUR)
    escalate_late()
    hold_request(held, reason="等", by=people["office"])
    withdraw_request(taken, by=people["office"])

    escalate_late()

    assert (waiting(held), waiting(taken)) == ([], [])
    clock.shift(24 * HOUR)
    assert escalate_late() == NOTHING


def test_escalation_leaves_forms_that_are_open_alone(team, people, clock):
    request = make_request(team=team, urgency="urgent", asked_at=NOON - HOUR)
    version = request.version
    escalate_late()

    hold_request(request, reason="等", version=version, by=people["office"])

    assert escalation(request) == 1


def test_commands_look_at_the_deadlines(team, people, clock):
    make_request(team=team, urgency="urgent", asked_at=NOON - HOUR)
    out = StringIO()
    call_command("watch_requests", stdout=out)
    assert "1 late requests told to townships" in out.getvalue()

    make_request(team=team, urgency="urgent", asked_at=NOON - HOUR)
    out = StringIO()
    call_command("nightly", stdout=out)
    assert "1 late requests told to townships, 0 to the city" in out.getvalue()

    make_request(team=team, urgency="urgent", asked_at=NOON - HOUR)
    done = each_minute.do_each_minute()
    assert done["services.domain.escalation.escalate_late"] == Escalated(township=1)
    assert "services.domain.request_notices.warn_of_deadlines" in done


def test_what_fails_each_minute_hinders_nothing_else():
    def fails():
        raise ValueError("broken")

    each_minute.each_minute(fails)
    try:
        done = each_minute.do_each_minute()
    finally:
        each_minute._acts.pop(f"{fails.__module__}.{fails.__qualname__}")
    assert "services.domain.escalation.escalate_late" in done


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_an_office_once(team, people):
    request = make_request(team=team, urgency="urgent", asked_at=datetime.now(UTC) - HOUR)

    answers = in_parallel(escalate_late, escalate_late, escalate_late)

    assert sorted(answer.township for answer in answers) == [0, 0, 1]
    assert request.steps.filter(kind=RequestStep.Kind.ESCALATED).count() == 1
