"""Taps at the same moment: one of them counts; and a tap never lands on what has just gone to another team."""

import pytest

from common.rules import RuleBroken
from grids.models import Membership
from services.domain import pager as pager_module
from services.domain.call_attempt import note_call
from services.domain.pager import set_out
from services.models import HelpRequest
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


def without_a_lock(monkeypatch):
    """Let everybody act on the request as they saw it."""
    monkeypatch.setattr(pager_module.HelpRequest, "locked", classmethod(lambda cls, pk, **_: cls.objects.get(pk=pk)))


def test_tap_of_six_at_once_is_one_step(asked, user):
    answers = in_parallel(*[lambda: set_out(asked, by=user)] * AT_ONCE)

    assert {type(answer) for answer in answers} == {HelpRequest}
    assert asked.steps.filter(kind="set_out").count() == 1


def test_word_of_six_at_once_is_one_attempt(asked, user):
    who = Membership.objects.filter(team=asked.team).first().volunteer

    in_parallel(*[lambda: note_call(asked, who, result="comes", by=user)] * AT_ONCE)

    assert asked.call_attempts.count() == 1
