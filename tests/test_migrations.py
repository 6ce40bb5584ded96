"""The migrations say what the models say, and what they do by hand can be undone and done again."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from common.migrations_sql import VendorSQL

TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
    "postgresql": """
        SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x' ORDER BY 1, 2
    """,
}


def triggers():
    """Return the triggers and exclusion constraints that the database holds."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        return cursor.fetchall()


def before_vendor_sql():
    """Return the last migration of each app before its first vendor SQL, the uppermost app first."""
    loader = MigrationLoader(connection)
    first = {}
    for app, name in sorted(loader.graph.nodes):
        if any(isinstance(each, VendorSQL) for each in loader.get_migration(app, name).operations):
            first.setdefault(app, loader.get_migration(app, name).dependencies)
    order = ("services", "grids", "volunteers", "accounts", "areas")
    return [(app, name) for app in order for dependency_app, name in first.get(app, []) if dependency_app == app]


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_vendor_sql_can_be_undone_and_done_again():
    there = triggers()
    for app, name in before_vendor_sql():
        call_command("migrate", app, name, verbosity=0)
    undone = triggers()
    call_command("migrate", verbosity=0)

    assert undone == []
    assert triggers() == there != []
