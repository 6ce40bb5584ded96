"""Attempts are counted for all processes together, and nobody can be told from the counters."""

from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine

from common.models import Attempts
from common.throttle import Limit, forget_attempts
from tests.races import in_parallel

AT = datetime(2026, 7, 6, 4, 10, tzinfo=UTC)
GUESSES = Limit("guess", most=3)


@pytest.fixture(autouse=True)
def _at_ten_past():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.mark.django_db
def test_limit_lets_so_many_through_and_no_more():
    assert [GUESSES.take("192.0.2.1") for _ in range(5)] == [True, True, True, False, False]
    assert GUESSES.is_spent("192.0.2.1")


@pytest.mark.django_db
def test_others_and_other_scopes_are_counted_apart():
    for _ in range(4):
        GUESSES.take("192.0.2.1")

    assert GUESSES.take("192.0.2.2")
    assert Limit("another", most=3).take("192.0.2.1")
    assert GUESSES.take()  # everybody together, without an address


@pytest.mark.django_db
def test_asking_counts_nothing():
    assert not GUESSES.is_spent("192.0.2.1")
    assert Attempts.objects.count() == 0


@pytest.mark.django_db
def test_next_window_begins_anew():
    for _ in range(4):
        GUESSES.take("192.0.2.1")

    assert GUESSES.over_at == datetime(2026, 7, 6, 5, tzinfo=UTC)
    with time_machine.travel(GUESSES.over_at, tick=False):
        assert GUESSES.take("192.0.2.1")


@pytest.mark.django_db
def test_honest_attempt_is_given_back():
    for _ in range(9):
        assert GUESSES.take("192.0.2.1")
        GUESSES.give_back("192.0.2.1")

    GUESSES.give_back("192.0.2.1")
    assert [GUESSES.take("192.0.2.1") for _ in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_counters_name_nobody_and_link_nothing_between_windows():
    GUESSES.take("192.0.2.1")
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        GUESSES.take("192.0.2.1")

    rows = list(Attempts.objects.values_list("who", flat=True))
    assert len(set(rows)) == 2
    assert all(len(who) == 64 and "192" not in who[:3] for who in rows)


@pytest.mark.django_db
def test_nothing_is_kept_longer_than_a_day():
    GUESSES.take("192.0.2.1")
    with time_machine.travel(AT + timedelta(hours=23), tick=False):
        assert forget_attempts() == 0
    with time_machine.travel(AT + timedelta(hours=25), tick=False):
        GUESSES.take("192.0.2.1")
        assert forget_attempts() == 1
    assert Attempts.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_attempts_of_one_moment_do_not_slip_through():
    GUESSES.take("198.51.100.1")  # the table is warm: no thread waits for another's first statement

    allowed = in_parallel(*[lambda: GUESSES.take("192.0.2.1")] * 8)

    assert sorted(allowed) == [False] * 5 + [True] * 3


@pytest.mark.django_db(transaction=True)
def test_looking_before_counting_would_let_them_slip_through():
    """The negative control: as one would write it without the one statement."""
    everybody_looked = Barrier(8)

    def look_then_count():
        is_spent = GUESSES.is_spent("192.0.2.1")
        everybody_looked.wait(timeout=10)
        GUESSES.take("192.0.2.1")
        return not is_spent

    assert sum(in_parallel(*[look_then_count] * 8)) == 8 > GUESSES.most
