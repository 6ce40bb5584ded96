import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import AuditEntry
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET event = 'forged'", "DELETE FROM accounts_auditentry"]
)
def test_audit_trail_is_append_only(statement):
    make_user()
    before = list(AuditEntry.objects.values())

    with pytest.raises(DatabaseError, match="audit_append_only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert list(AuditEntry.objects.values()) == before != []


@pytest.mark.django_db(transaction=True)
def test_flush_after_a_transactional_test_keeps_the_triggers():
    make_user()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["DELETE FROM accounts_auditentry"])
def test_audit_trail_is_append_only_after_a_flush(statement):
    make_user()

    with pytest.raises(DatabaseError, match="audit_append_only"), connection.cursor() as cursor:
        cursor.execute(statement)
