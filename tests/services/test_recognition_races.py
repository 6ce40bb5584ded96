"""What two people do to one round at the same moment, with real transactions in parallel."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from accounts.rights import Role
from common.rules import RuleBroken
from grids.models import Team
from services.domain import recognition
from services.domain.ballot import enter_votes
from services.domain.recognition import open_round, score_round, verify_round
from services.models import BallotTally, RecognitionRound
from tests.factories import make_log, make_read, make_team, make_user
from tests.services.test_report_races import in_parallel

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

TABLES = ("services_recognitionround", "services_evidence", "services_ballottally")


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the row locks away: what a race must show to be worth anything."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def without_triggers() -> Iterator[None]:
    """Take the triggers away that would still refuse what the locks keep from happening."""

    def all_of_them(what: str) -> None:
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} {what} TRIGGER USER")

    all_of_them("DISABLE")
    yield
    all_of_them("ENABLE")


@pytest.fixture
def _slow_scoring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the scoring between its evidence and its hash, so that the other transaction meets it in the middle."""
    rows_of = recognition.canonical_rows

    def slow(round: RecognitionRound) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.4)")
        return rows_of(round)

    monkeypatch.setattr(recognition, "canonical_rows", slow)


def _a_year_with_votes() -> tuple[RecognitionRound, Team, dict[int, Any]]:
    team = make_team()
    make_read(make_log(team=team, on=date(2025, 3, 1)).report)
    voting = open_round(2025, by=make_user(Role.REVIEWER))
    counts = dict.fromkeys(team.memberships.values_list("volunteer", flat=True), (9, 1, 0, 0))
    return voting, team, counts


def _score_while_votes_come_in(voting: RecognitionRound, team: Team, counts: dict[int, Any]) -> list[Any]:
    runner, staff = make_user(Role.REVIEWER), make_user(township=team.township)

    def late_votes() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.15)")
        return enter_votes(voting, team, counts, by=staff)

    return in_parallel(lambda: score_round(voting, accept_unread=True, by=runner), late_votes)


@pytest.mark.usefixtures("_slow_scoring")
def test_votes_that_come_in_while_scoring_are_refused() -> None:
    voting, team, counts = _a_year_with_votes()

    scored, late = _score_while_votes_come_in(voting, team, counts)

    assert isinstance(late, RuleBroken)
    assert BallotTally.objects.count() == 0
    assert verify_round(scored) == []


@pytest.mark.usefixtures("_slow_scoring", "without_locks", "without_triggers")
def test_without_lock_and_trigger_votes_get_into_a_scored_round() -> None:
    voting, team, counts = _a_year_with_votes()

    scored, _late = _score_while_votes_come_in(voting, team, counts)

    assert BallotTally.objects.count() == 3
    assert len(verify_round(scored)) == 3


@pytest.mark.usefixtures("_slow_scoring")
def test_two_reviewers_score_a_round_once() -> None:
    voting, _team, _counts = _a_year_with_votes()
    reviewers = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]

    answers = in_parallel(*(lambda by=by: score_round(voting, accept_unread=True, by=by) for by in reviewers))

    assert sorted(isinstance(answer, RuleBroken) for answer in answers) == [False, True]
    assert voting.evidence.count() == 3


def test_one_year_gets_one_round() -> None:
    reviewers = [make_user(Role.REVIEWER) for _ in range(4)]

    answers = in_parallel(*(lambda by=by: open_round(2025, by=by) for by in reviewers))

    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 3
    assert RecognitionRound.objects.count() == 1
