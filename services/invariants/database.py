"""Whether the database still holds the rules that its migrations gave it: a restore or a hand may have lost some."""

import re
from functools import lru_cache

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from common.migrations_sql import VendorSQL

# What a statement of ``VendorSQL`` makes, by kind and name. A trigger and its function may share their name.
MADE = re.compile(r"\b(?:CREATE (TRIGGER|FUNCTION) |CREATE (?:UNIQUE )?INDEX |ADD CONSTRAINT )(\w+)")
CONSTRAINT = re.compile(r'\bCONSTRAINT "?(\w+)')
# PostgreSQL cuts longer names off.
LONGEST_NAME = 63
# kind, name, and the text that names the constraints of a table
HELD = {
    "sqlite": "SELECT CASE type WHEN 'trigger' THEN type ELSE '' END, name, sql FROM sqlite_master"
    " WHERE sql IS NOT NULL",
    # Triggers that are switched off and constraints that were never validated hold nothing.
    "postgresql": """
        SELECT 'trigger', tgname, '' FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'
        UNION ALL SELECT '', conname, '' FROM pg_constraint WHERE convalidated
        UNION ALL SELECT '', c.relname, '' FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indisvalid
        UNION ALL SELECT 'function', p.proname, '' FROM pg_proc p WHERE p.pronamespace = CURRENT_SCHEMA()::regnamespace
    """,
}


def missing_rules() -> list[str]:
    """Return what should be there and is not, by kind (nothing for constraints and indexes) and name."""
    return sorted(_expected(connection.vendor) - _held())


@lru_cache
def _expected(vendor: str) -> frozenset[str]:
    """Return what the migrations make by hand, and the models' constraints and indexes."""
    made: set[str] = set()
    loader = MigrationLoader(None)
    for migration in loader.disk_migrations.values():
        for operation in migration.operations:
            if isinstance(operation, VendorSQL):
                for statement in getattr(operation, vendor):
                    made.update(_named(kind.lower(), name) for kind, name in MADE.findall(statement))
    for model in apps.get_models():
        if model._meta.managed and not model._meta.swapped:
            made.update(_named("", rule.name) for rule in (*model._meta.constraints, *model._meta.indexes))
    return frozenset(made)


def _held() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(HELD[connection.vendor])
        rows = cursor.fetchall()
    return {_named(kind, name) for kind, name, _ in rows} | {
        _named("", name) for _, _, sql in rows for name in CONSTRAINT.findall(sql)
    }


def _named(kind: str, name: str) -> str:
    return f"{kind} {name[:LONGEST_NAME]}".strip()
