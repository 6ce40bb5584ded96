"""What two people do to one round at the same moment, with real transactions in parallel, on both databases."""

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from accounts.rights import Role
from common.clean import moment
from common.rules import RuleBroken, SavedMeanwhile
from grids.models import Team
from services.domain import ballot, recognition
from services.domain.ballot import enter_votes
from services.domain.log import record_service
from services.domain.recognition import edit_round, open_round, score_round, verify_round
from services.models import BallotTally, RecognitionRound, ServiceLog
from tests.factories import make_category, make_log, make_read, make_team, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)
# SQLite's writers take turns from their first statement on, whatever is locked: there it cannot go wrong.
can_go_wrong = pytest.mark.postgresql
# Who waits for whom shows by PostgreSQL's lock_timeout.
row_locks = pytest.mark.postgresql

TABLES = ("services_recognitionround", "services_evidence", "services_ballottally")


@pytest.fixture
def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the row locks away: what a race must show to be worth anything."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())
    monkeypatch.setattr(RecognitionRound, "held", lambda years: list(_rounds_of(years)))


def _rounds_of(years: Iterable[int]) -> QuerySet[RecognitionRound]:
    return RecognitionRound.objects.filter(year__in=list(years)).order_by("pk")


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
        sleep(0.4)
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
        sleep(0.15)
        return enter_votes(voting, team.grid, counts, by=staff)

    return in_parallel(lambda: score_round(voting, accept_unread=True, accept_missing=True, by=runner), late_votes)


@pytest.mark.usefixtures("_slow_scoring")
def test_votes_that_come_in_while_scoring_are_refused() -> None:
    voting, team, counts = _a_year_with_votes()

    scored, late = _score_while_votes_come_in(voting, team, counts)

    assert isinstance(late, RuleBroken)
    assert BallotTally.objects.count() == 0
    assert verify_round(scored) == []


@can_go_wrong
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

    answers = in_parallel(
        *(lambda by=by: score_round(voting, accept_unread=True, accept_missing=True, by=by) for by in reviewers)
    )

    assert sorted(isinstance(answer, RuleBroken) for answer in answers) == [False, True]
    assert voting.evidence.count() == 3


def test_one_year_gets_one_round() -> None:
    reviewers = [make_user(Role.REVIEWER) for _ in range(4)]

    answers = in_parallel(*(lambda by=by: open_round(2025, by=by) for by in reviewers))

    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 3
    assert RecognitionRound.objects.count() == 1


def _log_a_service(team: Team) -> Any:
    starts_at = moment(date(2025, 6, 3), time(9))
    return record_service(
        key=uuid4(),
        team=team,
        date=date(2025, 6, 3),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        category=make_category(),
        recipient="王阿婆",
        content="打扫院子",
        participants={membership.volunteer_id: None for membership in team.memberships.all()},
        by=make_user(township=team.township),
    )


def _impatiently(act: Any) -> Any:
    """Run the act on a connection that gives up half a second after it began to wait for a lock."""

    def run() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        try:
            return act()
        except OperationalError as waited:
            return waited

    (answer,) = in_parallel(run)
    return answer


def _meanwhile(act: Any) -> Any:
    """Run the act while a log of the round's year is written and not yet committed."""
    team = make_team()
    with transaction.atomic():
        _log_a_service(team)
        return _impatiently(act)


@row_locks
def test_two_townships_write_logs_of_a_voting_year_without_waiting_for_each_other() -> None:
    open_round(2025, by=make_user(Role.REVIEWER))
    elsewhere = make_team()

    answer = _meanwhile(lambda: _log_a_service(elsewhere))

    assert not isinstance(answer, OperationalError), answer
    assert ServiceLog.objects.count() == 2


@row_locks
def test_with_an_exclusive_lock_two_townships_would_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        RecognitionRound, "held", lambda years: list(_rounds_of(years).select_for_update(no_key=True, of=("self",)))
    )
    open_round(2025, by=make_user(Role.REVIEWER))
    elsewhere = make_team()

    assert isinstance(_meanwhile(lambda: _log_a_service(elsewhere)), OperationalError)


@row_locks
def test_votes_come_in_while_logs_are_written() -> None:
    voting, team, counts = _a_year_with_votes()
    staff = make_user(township=team.township)

    answer = _meanwhile(lambda: enter_votes(voting, team.grid, counts, by=staff))

    assert not isinstance(answer, OperationalError), answer
    assert BallotTally.objects.count() == 3


@row_locks
@pytest.mark.parametrize("step", ["score", "edit"])
def test_scoring_and_editing_wait_for_a_log_that_is_being_written(step: str) -> None:
    voting, _team, _counts = _a_year_with_votes()
    runner = make_user(Role.REVIEWER)
    terms = {"min_minutes": 1, "min_services": 1, "min_satisfied_percent": 1}
    steps = {
        "score": lambda: score_round(voting, accept_unread=True, accept_missing=True, by=runner),
        "edit": lambda: edit_round(voting.pk, terms, version=None, by=runner),
    }

    assert isinstance(_meanwhile(steps[step]), OperationalError)
    voting.refresh_from_db()
    assert (voting.state, voting.min_minutes) == ("voting", 18_000)


def _enter_in_two_tabs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Save two vote pages that were opened at the same time, each holding the votes open before it writes them."""
    check = ballot._check

    def slow(*args: Any) -> None:
        sleep(0.2)
        check(*args)

    monkeypatch.setattr(ballot, "_check", slow)
    voting, team, counts = _a_year_with_votes()
    staff, version = make_user(township=team.township), ballot.votes_version([])
    pages = [counts, dict.fromkeys(counts, (1, 9, 0, 0))]
    return in_parallel(
        *(lambda page=page: enter_votes(voting, team.grid, page, version=version, by=staff) for page in pages)
    )


def test_of_two_vote_pages_saved_at_once_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _enter_in_two_tabs(monkeypatch)

    assert sorted(isinstance(answer, SavedMeanwhile) for answer in answers) == [False, True]
    assert BallotTally.objects.count() == 3


@can_go_wrong
@pytest.mark.usefixtures("without_locks")
def test_without_the_grids_lock_one_vote_page_silently_overwrites_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = _enter_in_two_tabs(monkeypatch)

    assert not any(isinstance(answer, RuleBroken) for answer in answers)
    assert BallotTally.objects.count() == 3
