"""Ten times the logs: the city's read months again, two years earlier each time, by SQL that asks no rule.

What is measured at this size is how pages and saves bear a long history, not how it came about: the copies keep
teams, people and words, and get keys, months and days of their own. ``DJANGO_SETTINGS_MODULE`` and ``DATABASE_URL``
name the database: ``python -m bench.tenfold``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.db import connection, models

COPIES, YEARS_APART = 9, 2


def main() -> None:
    """Copy the read months, their logs and participations nine times."""
    from services.models import MonthlyReport, Participation, ServiceLog

    read = "SELECT id FROM services_monthlyreport WHERE state = 'read'"
    tables = (
        (MonthlyReport, "state = 'read'", {}),
        (ServiceLog, f"report_id IN ({read})", {"report_id": MonthlyReport}),
        (
            Participation,
            f"log_id IN (SELECT id FROM services_servicelog WHERE report_id IN ({read}))",
            {"log_id": ServiceLog},
        ),
    )
    with connection.cursor() as cursor, without_rules(cursor):
        for model, which, moved in tables:
            cursor.execute(f"CREATE TEMPORARY TABLE source AS SELECT * FROM {model._meta.db_table} WHERE {which}")
            for copy in range(1, COPIES + 1):
                cursor.execute(copied(model, moved, copy))
            cursor.execute("DROP TABLE source")
        if connection.vendor == "postgresql":
            for model, _, _ in tables:
                table = model._meta.db_table
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def copied(model: type[models.Model], moved: dict[str, type[models.Model]], copy: int) -> str:
    """Return the statement that writes the ``copy``-th copy; ``moved`` are the keys that point at copied rows."""
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        columns.append(column)
        if field.primary_key or column in moved:
            values.append(f"{column} + {copy * offset(moved.get(column, model))}")
        elif isinstance(field, models.UUIDField):
            values.append("gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))")
        elif isinstance(field, models.DateField):  # of days and of moments
            values.append(earlier(column, copy * YEARS_APART, is_moment=isinstance(field, models.DateTimeField)))
        else:
            values.append(column)
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM source"


def earlier(column: str, years: int, *, is_moment: bool) -> str:
    """Return the column's value so many years earlier, as the database at hand writes it."""
    if connection.vendor == "postgresql":
        return f"({column} - interval '{years} years'){'' if is_moment else '::date'}"
    return f"{'datetime' if is_moment else 'date'}({column}, '-{years} years')"


_offsets: dict[type[models.Model], int] = {}


def offset(model: type[models.Model]) -> int:
    """Return by how much the keys of one copy lie above those of the one before."""
    if model not in _offsets:
        _offsets[model] = model._base_manager.aggregate(top=models.Max("pk"))["top"] + 1
    return _offsets[model]


@contextmanager
def without_rules(cursor) -> Iterator[None]:
    """Put triggers and the costliest constraint aside, and build them again at the end."""
    if connection.vendor == "postgresql":
        rule = "participations_never_overlap"
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [rule])
        (definition,) = cursor.fetchone()
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"ALTER TABLE services_participation DROP CONSTRAINT {rule}")
        yield
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute(f"ALTER TABLE services_participation ADD CONSTRAINT {rule} {definition}")
        cursor.execute("SET session_replication_role = DEFAULT")
        return
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.execute("PRAGMA synchronous = OFF")
    cursor.execute("PRAGMA cache_size = -1000000")
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'services_%'")
    triggers = cursor.fetchall()
    for name, _ in triggers:
        cursor.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in triggers:
        cursor.execute(sql)


if __name__ == "__main__":
    django.setup()
    main()
