"""Two people at one request at the same moment, with real transactions, and the same without the lock."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone

from common.rules import RuleBroken
from services.domain import intake as intake_module
from services.domain import log as log_module
from services.domain import request as request_module
from services.domain.call import serve_call
from services.domain.intake import call_again
from services.domain.log import Recorded, record_service
from services.domain.request import Opened, fail_request, open_request
from services.models import HelpRequest, ServiceLog
from tests.factories import make_category, make_report, make_request, make_team, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def said(team):
    """What everybody says about one service of this morning; its month is open already."""
    day = timezone.localdate() - timedelta(days=1)
    start = timezone.now() - timedelta(days=1, hours=1)
    start = start.replace(hour=2, minute=0, second=0, microsecond=0)
    day = timezone.localdate(start)
    make_report(team=team, month=day.replace(day=1))
    return {
        "key": uuid4(),
        "team": team,
        "date": day,
        "starts_at": start,
        "ends_at": start + timedelta(hours=1),
        "category": make_category(),
        "recipient": "陈阿婆",
        "content": "修水管",
        "participants": dict.fromkeys(team.memberships.values_list("volunteer", flat=True)),
        "by": make_user(township=team.township),
    }


@pytest.mark.parametrize("attempt", range(3))
def test_call_sent_by_six_at_once_is_one_request_and_one_log(said, attempt):
    answers = in_parallel(*[lambda: serve_call(**said, phone="13900001111")] * AT_ONCE)

    assert {type(answer) for answer in answers} == {Recorded}
    assert [answer.is_new for answer in answers].count(True) == 1
    assert (HelpRequest.objects.count(), ServiceLog.objects.count()) == (1, 1)


def test_call_sent_at_once_without_the_second_look_is_refused_though_honest(said, monkeypatch):
    monkeypatch.setattr(log_module, "_stored", lambda key, fingerprint: None)

    answers = in_parallel(*[lambda: serve_call(**said)] * AT_ONCE)

    assert sum(isinstance(answer, RuleBroken) for answer in answers) == AT_ONCE - 1


def test_request_sent_by_six_at_once_is_one(team):
    staff, key = make_user(township=team.township), uuid4()

    answers = in_parallel(
        *[lambda: open_request(key=key, team=team, caller="陈阿婆", content="水管漏了", by=staff)] * AT_ONCE
    )

    assert {type(answer) for answer in answers} == {Opened}
    assert ([answer.is_new for answer in answers].count(True), HelpRequest.objects.count()) == (1, 1)


def test_request_sent_at_once_without_the_second_look_fails(team, monkeypatch):
    monkeypatch.setattr(request_module, "_stored", lambda asked: None)
    staff, key = make_user(township=team.township), uuid4()

    with pytest.raises(IntegrityError):
        in_parallel(*[lambda: open_request(key=key, team=team, caller="陈阿婆", content="水管漏了", by=staff)] * 2)


def served_and_closed_at_once(said):
    """Log the service of a request and close it without one, from the same moment; return what is left."""
    request = make_request(team=said["team"])

    def or_what_the_database_says(act):
        try:
            return act()
        except IntegrityError as refused:
            return refused

    answers = in_parallel(
        lambda: or_what_the_database_says(lambda: record_service(**said, request=request)),
        lambda: or_what_the_database_says(lambda: fail_request(request, reason="不用了", by=said["by"])),
    )
    request.refresh_from_db()
    return answers, request


@pytest.mark.parametrize("attempt", range(5))
def test_request_is_either_answered_or_closed(said, attempt):
    answers, request = served_and_closed_at_once(said)

    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 1
    assert request.logs.count() == (request.state == "resolved")


def test_without_the_lock_nobody_is_told(said, monkeypatch):
    """SQLite lets one writer in at a time anyway: there the second look at the state is what is taken away."""
    monkeypatch.setattr(request_module, "refuse_settled", lambda request: None)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())

    answers, request = served_and_closed_at_once(said)

    # Both at once, or the last defence, the constraint on what was closed with a reason, fails one of them.
    assert not any(isinstance(answer, RuleBroken) for answer in answers)
    assert request.logs.exists() or any(isinstance(answer, IntegrityError) for answer in answers)


def attached_at_once(team):
    """Attach the same call by six forms at once, and return how many steps that made."""
    asked, staff = make_request(team=team), make_user(township=team.township)
    answers = in_parallel(*[lambda: call_again(asked, words="水流到楼下了", by=staff)] * AT_ONCE)
    assert {type(answer) for answer in answers} == {HelpRequest}
    return asked.steps.filter(kind="called_again").count()


def test_call_attached_by_six_at_once_is_one_step(team):
    assert attached_at_once(team) == 1


def test_call_attached_by_six_at_once_without_a_look_at_the_steps_is_six(team, monkeypatch):
    monkeypatch.setattr(intake_module, "SAME_FORM", timedelta(0))

    assert attached_at_once(team) == AT_ONCE
