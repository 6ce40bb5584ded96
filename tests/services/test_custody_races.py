"""A thing is taken while its request is being closed, with real transactions, and the same without the lock."""

from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from common.rules import RuleBroken
from services.domain import custody as custody_module
from services.domain.custody import take_item
from services.domain.request import withdraw_request
from services.models import CustodyItem
from tests.factories import make_request, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def taken_and_closed_at_once():
    """Take a thing for a request and withdraw that, from the same moment; return the answers and whether both stand."""
    asked = make_request()
    staff = make_user(township=asked.township)

    def take():
        return take_item(
            asked,
            key=uuid4(),
            kind="papers",
            what="身份证1张",
            from_whom="陈阿婆",
            received_at=timezone.now(),
            by=staff,
        )

    answers = in_parallel(take, lambda: withdraw_request(asked, by=staff))
    asked.refresh_from_db()
    return answers, asked.custody.out().exists() and not asked.is_open


@pytest.mark.parametrize("attempt", range(5))
def test_nothing_is_out_of_a_request_that_was_closed_at_the_same_moment(attempt):
    answers, is_broken = taken_and_closed_at_once()

    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 1
    assert not is_broken


def test_without_lock_and_second_look_a_closed_request_has_something_out(monkeypatch):
    """SQLite lets one writer in at a time anyway: there the looks under the lock are what is taken away."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    monkeypatch.setattr("services.domain.request.refuse_while_out", lambda *args, **kwargs: None)
    monkeypatch.setattr(custody_module, "_refuse_settled", lambda request: None)

    answers, is_broken = taken_and_closed_at_once()

    assert not any(isinstance(answer, RuleBroken) for answer in answers)
    assert is_broken


def test_same_form_sent_by_six_at_once_is_one_thing():
    asked = make_request()
    staff = make_user(township=asked.township)
    form = {"key": uuid4(), "kind": "papers", "what": "身份证1张", "from_whom": "陈阿婆", "received_at": timezone.now()}

    answers = in_parallel(*[lambda: take_item(asked, **form, by=staff)] * AT_ONCE)

    assert {answer.pk for answer in answers} == {CustodyItem.objects.get().pk}
