"""What two people do to one month at the same moment, with real transactions in parallel, on both databases."""

from datetime import date, time, timedelta
from time import sleep
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from accounts.rights import Role
from common.clean import moment
from common.rules import RuleBroken
from services.domain import report as report_module
from services.domain import rollup
from services.domain.log import record_service
from services.domain.month import report_of
from services.domain.report import read_month, read_plain_months, submit_month, submit_months
from services.models import MonthlyReport, Participation, ServiceCategory, ServiceLog, VolunteerYear
from tests.factories import make_log, make_report, make_team, make_township, make_user
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)


# SQLite's writers take turns from their first statement on, whatever is locked: there it cannot go wrong.
can_go_wrong = pytest.mark.postgresql


@pytest.fixture
def without_locks(monkeypatch):
    """Take the row locks away: what a race must show to be worth anything."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def without_triggers():
    """Take the triggers away that would still refuse what the locks keep from happening."""
    tables = [model._meta.db_table for model in (MonthlyReport, ServiceLog, Participation)]

    def all_of_them(what):
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} {what} TRIGGER USER")

    all_of_them("DISABLE")
    yield
    all_of_them("ENABLE")


def _submitted(township=None):
    report = make_report(team=make_team(**({"township": township} if township else {})))
    make_log(report=report)
    return submit_month(report, by=make_user())


def _read_by_two(report):
    """Let two reviewers read the month, the second one's first statement before the first one's commit."""
    reviewers = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]
    return in_parallel(*(lambda by=by: read_month(report, by=by) for by in reviewers))


def _slowly(monkeypatch, seconds=0.2):
    """Hold each transaction that marks months open for a moment, so that the other one meets it in the middle."""
    mark = report_module._mark_read

    def slow(*args, **kwargs):
        sleep(seconds)
        mark(*args, **kwargs)

    monkeypatch.setattr(report_module, "_mark_read", slow)


def test_two_reviewers_read_one_month_once(monkeypatch):
    _slowly(monkeypatch)
    report = _submitted()

    answers = _read_by_two(report)

    assert sorted(type(answer).__name__ for answer in answers) == ["MonthlyReport", "RuleBroken"]
    assert set(VolunteerYear.objects.values_list("minutes", "services")) == {(60, 1)}
    assert rollup.differences() == []


@can_go_wrong
def test_without_locks_two_reviewers_count_one_month_twice(monkeypatch, without_locks, without_triggers):
    _slowly(monkeypatch)
    report = _submitted()

    _read_by_two(report)

    assert rollup.differences() != []


@can_go_wrong
def test_without_locks_the_trigger_still_refuses_the_second_reader(monkeypatch, without_locks):
    _slowly(monkeypatch)
    report = _submitted()

    with pytest.raises(DatabaseError, match=r"(report|month)_is_read"):
        _read_by_two(report)

    assert rollup.differences() == []


def test_two_reviewers_wave_one_township_through_once(monkeypatch):
    _slowly(monkeypatch)
    township = make_township()
    for _ in range(3):
        _submitted(township)
    months = MonthlyReport.objects.filter(township=township)
    reviewers = [make_user(Role.REVIEWER), make_user(Role.REVIEWER)]

    answers = in_parallel(*(lambda by=by: read_plain_months(months, by=by) for by in reviewers))

    assert sorted(answer.read for answer in answers) == [0, 3]
    assert rollup.differences() == []
    assert Participation.objects.filter(counted=False).count() == 0


@pytest.mark.parametrize("attempt", range(6))
def test_log_written_while_the_month_is_read_is_counted_or_refused(attempt):
    report, staff, reviewer = make_report(), make_user(), make_user(Role.REVIEWER)
    make_log(report=report)

    _, answer = in_parallel(
        lambda: read_month(submit_month(report, by=staff), by=reviewer), lambda: _record(report.team, staff)
    )

    assert MonthlyReport.objects.get().state == "read"
    assert ServiceLog.objects.count() == (1 if isinstance(answer, RuleBroken) else 2)
    assert Participation.objects.filter(counted=False).count() == 0
    assert rollup.differences() == []


@can_go_wrong
def test_without_locks_a_log_slips_uncounted_into_a_read_month(without_locks, without_triggers):
    report, staff, reviewer = make_report(), make_user(), make_user(Role.REVIEWER)
    make_log(report=report)

    _, answer = in_parallel(
        lambda: read_month(submit_month(report, by=staff), by=reviewer), lambda: _write(report.team, seconds=0.5)
    )

    assert MonthlyReport.objects.get().state == "read"
    assert not isinstance(answer, RuleBroken)
    assert Participation.objects.filter(counted=False).count() == 3


def test_logs_and_the_submission_of_a_township_take_turns():
    township = make_township()
    staff = make_user(township=township)
    reports = [make_report(team=make_team(township=township)) for _ in range(4)]
    for report in reports:
        make_log(report=report)

    answers = in_parallel(
        lambda: submit_months(township, reports[0].month, by=staff),
        *(lambda report=report: _record(report.team, staff) for report in reports),
    )

    refused = sum(isinstance(answer, RuleBroken) for answer in answers)
    assert answers[0].submitted == 4
    assert ServiceLog.objects.count() == 8 - refused


def _record(team, by):
    starts_at = moment(date(2026, 7, 20), time(9))
    return record_service(
        key=uuid4(),
        team=team,
        date=date(2026, 7, 20),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        category=ServiceCategory.objects.first(),
        recipient="王阿婆",
        content="打扫院子",
        participants={membership.volunteer_id: None for membership in team.memberships.all()},
        by=by,
    )


@transaction.atomic
def _write(team, seconds):
    """Write a log as the domain does, but slowly: lock the month, look whether it takes logs, wait, write."""
    report = report_of(team, date(2026, 7, 20))
    if not report.takes_logs:
        raise RuleBroken("too late")
    sleep(seconds)
    return make_log(report=report, on=date(2026, 7, 20))
