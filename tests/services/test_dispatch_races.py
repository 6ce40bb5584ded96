"""Two people dispatch one request at the same moment, with real transactions in parallel, on both databases."""

import pytest
from django.db.models import QuerySet

from common.rules import RuleBroken
from services.domain import dispatch
from services.domain.dispatch import hand_back, transfer_request
from services.domain.holder import HasItNow
from services.models import HelpRequest
from tests.factories import make_request, make_team, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


def transferred_at_once():
    """Transfer a request to two teams from the same moment; return the answers and how often it changed hands."""
    team = make_team()
    teams = [make_team(township=team.township) for _ in range(2)]
    staff, request = make_user(township=team.township), make_request(team=team)
    answers = in_parallel(
        *(lambda to=to: transfer_request(request, team=to, reason="去不了", by=staff) for to in teams)
    )
    return answers, HelpRequest.objects.get(), request.steps.filter(kind="transferred").count()


def test_of_two_who_transfer_it_at_once_one_is_told_who_has_it():
    answers, request, times = transferred_at_once()

    (told,) = [answer for answer in answers if isinstance(answer, RuleBroken)]
    assert (type(told), times) == (HasItNow, 1)
    assert told.message.startswith(f"{request.team} has this request now")


def test_without_lock_and_second_look_it_is_transferred_twice(monkeypatch):
    """SQLite lets one writer in at a time anyway: there the second look is what is taken away."""
    monkeypatch.setattr(dispatch, "locked_open", lambda seen, version: HelpRequest.objects.get(pk=seen.pk))
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())

    answers, _request, times = transferred_at_once()

    assert not any(isinstance(answer, RuleBroken) for answer in answers)
    assert times == 2


def test_team_gives_it_back_while_the_office_transfers_it():
    team = make_team()
    other = make_team(township=team.township)
    staff, request = make_user(township=team.township), make_request(team=team)

    answers = in_parallel(
        lambda: hand_back(request, reason="去不了", by=staff),
        lambda: transfer_request(request, team=other, reason="去不了", by=staff),
    )

    assert sum(isinstance(answer, HasItNow) for answer in answers) == 1
    after = HelpRequest.objects.get()
    last = after.steps.order_by("-at", "-id")[0].kind
    assert (after.team, last) in [(None, "handed_back"), (other, "transferred")]
