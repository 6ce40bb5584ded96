"""Work in the background: done once however often it is given out, revived if its worker is gone, told if it fails."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from common import jobs
from common.jobs import MOST_ATTEMPTS, STALE, carry_on, revive
from tests.factories import make_badge_print
from volunteers.models import BadgePrint

pytestmark = pytest.mark.django_db

State = BadgePrint.WorkState


@pytest.fixture
def done(monkeypatch):
    """Put a list of what was done in the place of printing."""
    found = []
    monkeypatch.setitem(jobs._doers, BadgePrint, lambda record, progress: found.append(record.pk))
    return found


def make_work(state=State.WAITING, age=timedelta(0), **fields):
    record = make_badge_print()
    BadgePrint.objects.filter(pk=record.pk).update(work_state=state, work_beat_at=timezone.now() - age, **fields)
    record.refresh_from_db()
    return record


def test_started_work_is_done_when_the_transaction_ends(done, django_capture_on_commit_callbacks):
    record = make_work(State.FAILED, work_attempts=3, work_reference="ABCD1234")
    with django_capture_on_commit_callbacks(execute=True):
        record.start_work()
        assert record.is_at_work
        assert done == []
    record.refresh_from_db()
    assert (done, record.work_state) == ([record.pk], State.DONE)
    assert (record.work_attempts, record.work_reference) == (1, "")


@pytest.mark.parametrize("state", [State.RUNNING, State.DONE, State.FAILED])
def test_what_the_queue_gives_out_twice_is_done_once(done, state):
    record = make_work(state)
    carry_on.call(record._meta.label, record.pk)
    record.refresh_from_db()
    assert (done, record.work_state) == ([], state)


def test_a_failure_is_told_with_a_reference_that_the_log_knows(monkeypatch, caplog):
    words = "Failing row contains (张三, 13800001234)"

    def fail(record, progress):
        raise ValueError(words)

    monkeypatch.setitem(jobs._doers, BadgePrint, fail)
    record = make_work()
    carry_on.call(record._meta.label, record.pk)
    record.refresh_from_db()
    assert record.work_state == State.FAILED
    assert record.work_reference
    assert [entry.reference for entry in caplog.records] == [record.work_reference]
    assert "ValueError" in caplog.text
    assert "in fail" in caplog.text
    assert "张三" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_progress_is_told_at_once_and_at_the_end_but_not_every_time(monkeypatch):
    told = []

    def do(record, progress):
        for step in range(4):
            progress(step, 3)
            told.append(BadgePrint.objects.get(pk=record.pk).work_done)

    monkeypatch.setitem(jobs._doers, BadgePrint, do)
    record = make_work()
    told.clear()
    carry_on.call(record._meta.label, record.pk)
    assert told == [0, 0, 0, 3]


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING])
def test_what_a_killed_worker_left_is_done_after_all(done, state, django_capture_on_commit_callbacks):
    record = make_work(state, age=STALE + timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert revive() == 1
    record.refresh_from_db()
    assert (done, record.work_state) == ([record.pk], State.DONE)


@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING])
def test_what_shows_signs_of_life_is_let_be(done, state):
    record = make_work(state, age=STALE - timedelta(seconds=5))
    assert revive() == 0
    record.refresh_from_db()
    assert (done, record.work_state) == ([], state)


def test_what_kills_its_workers_is_given_up(done):
    record = make_work(State.RUNNING, age=STALE + timedelta(seconds=1), work_attempts=MOST_ATTEMPTS)
    assert revive() == 0
    record.refresh_from_db()
    assert (done, record.work_state) == ([], State.FAILED)
    assert record.work_reference


def test_who_waits_long_is_told_that_a_worker_is_missing():
    assert not make_work().has_waited_long
    assert make_work(age=timedelta(minutes=1)).has_waited_long
    assert not make_work(State.RUNNING, age=timedelta(minutes=1)).has_waited_long


def test_every_kind_of_work_is_known_to_the_worker():
    assert set(jobs._doers) == {model for model in apps.get_models() if issubclass(model, jobs.Work)}
