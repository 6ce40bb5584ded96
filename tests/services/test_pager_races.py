"""Taps at the same moment: one of them counts."""

from threading import Barrier

import pytest

from grids.models import Membership
from services.domain import call_attempt as call_module
from services.domain.call_attempt import note_call
from services.domain.pager import set_out
from services.models import CallAttempt, HelpRequest
from tests.factories import make_request, make_team, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


@pytest.fixture
def asked():
    return make_request(team=make_team())


@pytest.fixture
def user(asked):
    return make_user(township=asked.township)


@pytest.fixture
def member(asked):
    return Membership.objects.filter(team=asked.team).first().volunteer


def test_tap_of_six_at_once_is_one_step(asked, user):
    answers = in_parallel(*[lambda: set_out(asked, by=user)] * AT_ONCE)

    assert {type(answer) for answer in answers} == {HelpRequest}
    assert asked.steps.filter(kind="set_out").count() == 1


def test_word_of_six_at_once_is_one_attempt(asked, user, member):
    in_parallel(*[lambda: note_call(asked, member, result="comes", by=user)] * AT_ONCE)

    assert asked.call_attempts.count() == 1


@pytest.mark.postgresql  # SQLite lets one writer in at a time anyway
def test_word_of_six_at_once_without_the_lock_is_six_attempts(asked, user, member, monkeypatch):
    everybody_looked, create = Barrier(AT_ONCE), CallAttempt.objects.create

    def create_after_all_looked(**said):
        everybody_looked.wait(timeout=60)
        return create(**said)

    monkeypatch.setattr(call_module, "held_by_team", lambda seen: HelpRequest.objects.get(pk=seen.pk))
    monkeypatch.setattr(CallAttempt.objects, "create", create_after_all_looked)
    in_parallel(*[lambda: note_call(asked, member, result="comes", by=user)] * AT_ONCE)

    assert asked.call_attempts.count() == AT_ONCE
