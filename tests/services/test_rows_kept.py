"""Rows that are settled are not replaced or emptied away either: by ways that no trigger for deletion sees.

On SQLite ``OR REPLACE`` deletes what stands in the way, on PostgreSQL TRUNCATE deletes everything. Asked by raw SQL.
"""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from services.domain.confirmation import answer_confirmation, issue_slips
from services.domain.correction import grant_correction
from services.models import (
    Award,
    BallotTally,
    Confirmation,
    Correction,
    Evidence,
    LogPhoto,
    MonthlyReport,
    Participation,
    RecognitionRound,
    ReportContributor,
    Sample,
    SampledReport,
    ServiceLog,
)
from tests.factories import make_correction, make_log, make_read, make_sampled, make_team, make_user
from tests.pictures import make_photo

pytestmark = pytest.mark.django_db

# What is forged in each table: a column and its new value.
SETTLED = {
    AuditEntry: ("event", "'forged'"),
    ServiceLog: ("content", "'forged'"),
    Participation: ("minutes", "1"),
    LogPhoto: ("sha256", "'forged'"),
    Confirmation: ("remark", "'forged'"),
    MonthlyReport: ("remark", "'forged'"),
    ReportContributor: ("user_id", "user_id"),
    Evidence: ("minutes", "1"),
    BallotTally: ("satisfied", "1"),
    RecognitionRound: ("min_minutes", "1"),
    Award: ("chosen_by_id", "chosen_by_id"),
    Correction: ("reason", "'forged'"),
    Sample: ("percent", "1"),
    SampledReport: ("remark", "'forged'"),
}
# Noting a contributor twice is ignored, and an entry of the trail has no other key.
WITH_ANOTHER_KEY = [model for model in SETTLED if model not in (AuditEntry, ReportContributor)]


@pytest.fixture
def settled():
    """Make one row of each model that does not change any more."""
    reviewer = make_user(Role.REVIEWER)
    log = make_log()
    make_photo(log)
    answer_confirmation(issue_slips([log], by=log.recorded_by)[0], answer="yes")
    make_read(log.report, by=reviewer)
    make_correction(log)
    make_sampled(log.report)
    volunteer = log.participations.first().volunteer
    round_ = RecognitionRound.objects.create(year=2026)
    counts = {"satisfied": 9, "fairly_satisfied": 0, "dissatisfied": 0, "unknown": 0}
    BallotTally.objects.create(round=round_, grid=log.team.grid, volunteer=volunteer, **counts)
    figures = {"minutes": 60, "services": 1, "satisfied_votes": 9, "valid_votes": 9, "is_eligible": True}
    Evidence.objects.create(round=round_, volunteer=volunteer, team=log.team, township=log.township, **figures)
    signed = {"evidence_hash": "0" * 64, "scored_by": reviewer, "scored_at": timezone.now()}
    RecognitionRound.objects.update(state="scored", **signed)
    Award.objects.create(round=round_, volunteer=volunteer, chosen_by=reviewer)
    RecognitionRound.objects.update(state="published")


def execute(*statements):
    """Run raw SQL, in a transaction of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def forging(model, *, key="id"):
    """Return the statements that put a forged row in the place of the last one, found by its key or another one."""
    table, (column, value) = model._meta.db_table, SETTLED[model]
    if connection.vendor == "postgresql":
        return ["SET CONSTRAINTS ALL IMMEDIATE", f"TRUNCATE {table} CASCADE"]
    return [
        f"CREATE TEMP TABLE forged AS SELECT * FROM {table} ORDER BY id DESC LIMIT 1",
        f"UPDATE forged SET {column} = {value}, id = {key}",
        f"INSERT OR REPLACE INTO {table} SELECT * FROM forged",
    ]


def _refused(model, statements):
    before = list(model.objects.order_by("pk").values())
    assert before
    with pytest.raises(DatabaseError, match=r"append_only|answer_stands|is_read|is_frozen|is_published|rows_are_kept"):
        execute(*statements)
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("model", SETTLED)
def test_settled_row_is_not_replaced_by_its_key(settled, model):
    _refused(model, forging(model))


@pytest.mark.parametrize("model", WITH_ANOTHER_KEY)
def test_settled_row_is_not_replaced_by_its_other_key(settled, model):
    _refused(model, forging(model, key="id + 1000"))


def test_settled_log_is_not_pushed_aside_by_a_change_of_another(settled):
    read = ServiceLog.objects.get()
    other = make_log(team=make_team(), participants=[])
    statements = {
        "sqlite": [f"UPDATE OR REPLACE services_servicelog SET key = '{read.key.hex}' WHERE id = {other.pk}"],
        "postgresql": forging(ServiceLog),
    }[connection.vendor]

    _refused(ServiceLog, statements)


def test_corrected_log_is_not_pushed_aside_by_another_that_corrects_the_same(settled):
    correction = Correction.objects.get()
    grant_correction(correction, by=make_user(Role.REVIEWER, township=correction.log.township))
    other = make_log(team=make_team(), participants=[])
    pushed = f"UPDATE{{}} services_servicelog SET corrects_id = {correction.log_id} WHERE id = {other.pk}"
    before = list(ServiceLog.objects.order_by("pk").values())

    with pytest.raises(DatabaseError, match=r"is_read|log_corrected_once"):
        execute(pushed.format(" OR REPLACE" if connection.vendor == "sqlite" else ""))

    assert list(ServiceLog.objects.order_by("pk").values()) == before


def test_without_its_trigger_an_entry_of_the_trail_is_replaced(settled):
    execute(
        {
            "sqlite": "DROP TRIGGER accounts_auditentry_kept_insert",
            "postgresql": "DROP TRIGGER accounts_auditentry_kept ON accounts_auditentry",
        }[connection.vendor]
    )
    before = list(AuditEntry.objects.order_by("pk").values())

    execute(*forging(AuditEntry))

    assert list(AuditEntry.objects.order_by("pk").values()) != before
