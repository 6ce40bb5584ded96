"""The triggers of the reports go away and come back with their migration."""

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)


def _triggers() -> set[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'report%'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname = 'services_settled_report'")
        return {name for (name,) in cursor.fetchall()}


def test_settled_reports_migrate_backwards_and_forwards():
    before = _triggers()
    assert before

    call_command("migrate", "services", "0001", verbosity=0)
    try:
        assert _triggers() == set()
    finally:
        call_command("migrate", verbosity=0)

    assert _triggers() == before
