"""What several people log at the same moment, with real transactions in parallel, on both databases.

Each race is run again without what keeps it in order: then the rule must break, or the race shows nothing.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, datetime
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.models import QuerySet

from common.rules import RuleBroken
from services.domain import log as log_module
from services.domain import participants as participants_module
from services.domain.log import Recorded, record_service
from services.models import Participation, ServiceLog
from tests.factories import make_category, make_team, make_user, make_volunteer
from tests.races import copied_to

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8
DAY = date(2026, 7, 6)
CONSTRAINT = {
    "sqlite": ["DROP TRIGGER participations_never_overlap_insert"],
    "postgresql": ["ALTER TABLE services_participation DROP CONSTRAINT participations_never_overlap"],
}
RESTORED = {
    "sqlite": [],  # it was dropped in the file of this test only
    "postgresql": [
        "DELETE FROM services_participation",
        "ALTER TABLE services_participation ADD CONSTRAINT participations_never_overlap EXCLUDE USING gist"
        " (volunteer_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (NOT is_withdrawn)",
    ],
}


def on_a_connection_of_its_own(act: Callable[[], Any]) -> Any:
    """Run the act in another thread, which opens a connection; a broken rule is an answer too."""

    def run() -> Any:
        try:
            return act()
        except RuleBroken as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


def in_parallel(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts on connections of their own, all from the same moment."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait(timeout=20)
        return on_a_connection_of_its_own(act)

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.fixture
def shared(monkeypatch, tmp_path) -> Iterator[Callable[[], None]]:
    """Return a function that hands what was made so far to the other connections.

    PostgreSQL shares it anyway. SQLite's memory belongs to one connection: the others get a file, as in production.
    """

    with ExitStack() as kept:

        def share() -> None:
            if connection.vendor == "sqlite":
                path = str(tmp_path / "shared.sqlite3")
                kept.enter_context(copied_to(path))
                monkeypatch.setitem(connections.settings["default"], "NAME", path)

        yield share


@pytest.fixture
def without_check(monkeypatch):
    """Take the check in the code away, as a race does that it loses."""
    monkeypatch.setattr(participants_module, "_refuse_conflicts", lambda *args, **kwargs: None)


@pytest.fixture
def without_locks(monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


def same_helper_everywhere():
    """Return acts that log the same volunteer, at the same time, with as many teams of one township."""
    first = make_team()
    teams = [first, *(make_team(township=first.township) for _ in range(AT_ONCE - 1))]
    staff = make_user(township=first.township)
    helper = make_volunteer(village=first.grid.village)
    category = make_category()
    leaders = [team.memberships.get(role="leader").volunteer_id for team in teams]
    return [
        lambda team=team, leader=leader: _log(team, {leader: None, helper.pk: None}, staff, category, uuid4())
        for team, leader in zip(teams, leaders, strict=True)
    ]


def same_form_often():
    """Return acts that send one form."""
    team = make_team()
    staff, category, key = make_user(township=team.township), make_category(), uuid4()
    people = dict.fromkeys(team.memberships.values_list("volunteer", flat=True))
    return [lambda: _log(team, people, staff, category, key)] * AT_ONCE


def _log(team, participants, by, category, key):
    return record_service(
        key=key,
        team=team,
        date=DAY,
        starts_at=datetime.fromisoformat("2026-07-06T08:00+08:00"),
        ends_at=datetime.fromisoformat("2026-07-06T09:00+08:00"),
        category=category,
        recipient="老陈",
        content="修水管",
        participants=participants,
        by=by,
    )


def stored():
    """Return how many logs, and how many participations, everybody sees."""
    return on_a_connection_of_its_own(lambda: (ServiceLog.objects.count(), Participation.objects.count()))


def test_volunteer_logged_everywhere_at_once_is_in_one_place(shared):
    acts = same_helper_everywhere()
    shared()

    answers = in_parallel(*acts)

    assert sorted(type(answer).__name__ for answer in answers) == ["Recorded"] + ["RuleBroken"] * (AT_ONCE - 1)
    assert {answer.field for answer in answers if isinstance(answer, RuleBroken)} == {"participants"}
    assert stored() == (1, 2)


def test_without_check_and_locks_the_database_keeps_one(shared, without_check, without_locks):
    acts = same_helper_everywhere()
    shared()

    answers = in_parallel(*acts)

    assert sorted(type(answer).__name__ for answer in answers) == ["Recorded"] + ["RuleBroken"] * (AT_ONCE - 1)
    assert stored() == (1, 2)


def test_without_check_and_constraint_the_volunteer_is_everywhere(shared, without_check):
    acts = same_helper_everywhere()
    shared()
    on_a_connection_of_its_own(lambda: _execute(CONSTRAINT))
    try:
        answers = in_parallel(*acts)
        seen = stored()
    finally:
        on_a_connection_of_its_own(lambda: _execute(RESTORED))

    assert {type(answer) for answer in answers} == {Recorded}
    assert seen == (AT_ONCE, 2 * AT_ONCE)


@pytest.mark.parametrize("attempt", range(3))
def test_one_form_sent_by_eight_at_once_is_one_log_and_eight_equal_answers(shared, attempt):
    acts = same_form_often()
    shared()

    answers = in_parallel(*acts)

    assert {type(answer) for answer in answers} == {Recorded}
    assert len({answer.log.pk for answer in answers}) == 1
    assert [answer.is_new for answer in answers].count(True) == 1
    assert stored() == (1, 3)


def test_without_the_second_look_honest_retries_are_told_that_they_overlap(shared, monkeypatch):
    monkeypatch.setattr(log_module, "_stored", lambda key, fingerprint: None)
    acts = same_form_often()
    shared()

    answers = in_parallel(*acts)

    assert sum(isinstance(answer, RuleBroken) for answer in answers) == AT_ONCE - 1


def _execute(statements):
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
