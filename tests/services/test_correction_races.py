"""Two reviewers decide at the same moment, and a log is asked about twice: with real transactions in parallel."""

from uuid import uuid4

import pytest
from django.db.models import QuerySet

from accounts.rights import Role
from common.rules import RuleBroken
from services.domain import correction as domain
from services.domain.correction import ask_strike, grant_correction, refuse_correction
from services.domain.report import reopen_month
from services.domain.rollup import differences
from services.models import Correction, ServiceLog
from tests.factories import make_correction, make_read_log, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


def decisions(number=2):
    """Return acts by which as many reviewers decide on one correction, and the correction."""
    correction = make_correction(make_read_log())
    reviewers = [make_user(Role.REVIEWER) for _ in range(number)]
    return correction, [lambda one=one: grant_correction(correction, by=one) for one in reviewers]


def test_two_who_grant_at_once_make_one_correction():
    correction, acts = decisions(4)

    answers = in_parallel(*acts)

    assert [isinstance(answer, RuleBroken) for answer in answers].count(False) == 1
    assert ServiceLog.objects.filter(corrects=correction.log).count() == 1
    assert differences() == []


def test_granting_and_refusing_at_once_is_one_of_them():
    correction, acts = decisions(1)
    other = make_user(Role.REVIEWER)

    answers = in_parallel(*acts, lambda: refuse_correction(correction, answer="不", by=other))

    assert [isinstance(answer, RuleBroken) for answer in answers].count(True) == 1
    state = Correction.objects.get().state
    assert ServiceLog.objects.filter(is_withdrawn=True).exists() is (state == "granted")


def test_reopening_and_granting_at_once_leave_no_window():
    correction, acts = decisions(1)
    report, other = correction.log.report, make_user(Role.REVIEWER)

    in_parallel(*acts, lambda: reopen_month(report, reason="核对", by=other))

    found = Correction.objects.get()
    assert found.state in ("granted", "refused")
    assert found.is_applied is (found.state == "granted")
    assert differences() == []


def test_one_log_asked_about_by_several_is_asked_once():
    log = make_read_log()
    people = [make_user(township=log.township) for _ in range(4)]

    answers = in_parallel(*(lambda one=one: ask_strike(log, key=uuid4(), reason="没去", by=one) for one in people))

    assert [isinstance(answer, RuleBroken) for answer in answers].count(False) == 1
    assert Correction.objects.count() == 1


def test_without_locks_the_database_still_keeps_one(monkeypatch):
    """Without the locks somebody fails in the middle; what stands is one correction, whole or not at all."""
    correction, acts = decisions(4)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())

    def guarded(act):
        try:
            return act()
        except Exception as error:
            return error

    in_parallel(*(lambda act=act: guarded(act) for act in acts))

    assert Correction.objects.filter(state="granted", is_applied=True).count() <= 1
    assert ServiceLog.objects.filter(corrects=correction.log).count() <= 1
    assert differences() == []


def test_without_the_check_asking_twice_is_stopped_by_the_database(monkeypatch):
    monkeypatch.setattr(domain, "_refuse_unless_standing", lambda *args: None)
    log = make_read_log()
    ask_strike(log, key=uuid4(), reason="没去", by=make_user(township=log.township))

    with pytest.raises(Exception, match=r"asked for already|correction_append_only|correction_one_asked"):
        ask_strike(log, key=uuid4(), reason="没去", by=make_user(township=log.township))
