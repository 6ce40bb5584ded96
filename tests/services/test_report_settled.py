"""A read month is settled on every path: the database itself refuses what would change it."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.rights import Role
from services.domain.report import reopen_month
from services.models import MonthlyReport, RecognitionRound
from tests.factories import make_log, make_read, make_report, make_user

pytestmark = pytest.mark.django_db


def _sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _refused(statement, rule):
    before = list(MonthlyReport.objects.values())
    with pytest.raises(DatabaseError, match=rule), transaction.atomic():
        _sql(statement)
    assert list(MonthlyReport.objects.values()) == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE services_monthlyreport SET state = 'open'",
        "UPDATE services_monthlyreport SET state = 'submitted'",
        "UPDATE services_monthlyreport SET state = 'returned'",  # without a reason
        "UPDATE services_monthlyreport SET state = 'returned', remark = '改', month = '2026-06-01'",
        "UPDATE services_monthlyreport SET reviewed_at = '2020-01-01'",
        "UPDATE services_monthlyreport SET month = '2026-06-01'",
        "DELETE FROM services_monthlyreport",
    ],
)
def test_read_report_changes_by_reopening_only(change):
    make_report(state="read")

    _refused(change, "report_is_read")


def test_reopening_a_read_report_is_let_through():
    report = make_report()
    make_log(report=report)
    make_read(report)

    reopen_month(report, reason="漏记一次", by=make_user(Role.REVIEWER))

    assert MonthlyReport.objects.get().state == "returned"


@pytest.mark.parametrize("state", MonthlyReport.State.values)
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE services_monthlyreport SET state = 'returned', remark = '改'",
        "UPDATE services_monthlyreport SET remark = '改'",
        "DELETE FROM services_monthlyreport",
    ],
)
def test_no_report_of_a_scored_year_changes(state, change):
    make_report(state=state)
    _score(2026)

    _refused(change, "report_year_is_frozen")


def test_reports_of_other_years_and_of_a_year_that_votes_change():
    report = make_report(state="read")
    _score(2025)
    RecognitionRound.objects.create(year=2026)

    _sql("UPDATE services_monthlyreport SET state = 'returned', remark = '改'")

    report.refresh_from_db()
    assert report.state == "returned"


def _score(year):
    RecognitionRound.objects.create(
        year=year, state="scored", evidence_hash="0" * 64, scored_by=make_user(Role.REVIEWER), scored_at=timezone.now()
    )
