"""A hundred times the volunteers: the city's again and again, by SQL that asks no rule.

What is measured at this size is how the search bears a large province, not how it came about. Copies keep names, which
is harsher than life: each name is as frequent as in one city. They get keys, numbers and phones of their own, and
units that no other copy has. ``DJANGO_SETTINGS_MODULE`` and ``DATABASE_URL`` name the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.db import connection, models

COPIES = 99
INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = %s",
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes JOIN pg_index i ON i.indexrelid = indexname::regclass
        WHERE tablename = %s AND NOT indisunique
    """,
}


def main() -> None:
    """Copy the volunteers ninety-nine times."""
    from volunteers.models import Volunteer

    table, step = Volunteer._meta.db_table, Volunteer.objects.aggregate(top=models.Max("pk"))["top"] + 1
    with connection.cursor() as cursor, without_indexes(cursor, table):
        cursor.execute(f"CREATE TEMPORARY TABLE source AS SELECT * FROM {table}")
        for copy in range(1, COPIES + 1):
            cursor.execute(copied(Volunteer, f"(id + {copy * step})", copy))
        cursor.execute("DROP TABLE source")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            cursor.execute(f"VACUUM ANALYZE {table}, volunteers_searchtext, volunteers_searchentry")
        else:
            cursor.execute("ANALYZE")


def copied(model: type[models.Model], key: str, copy: int) -> str:
    """Return the statement that writes the ``copy``-th copy."""
    lpad = "lpad(CAST({0} AS text), {1}, '0')" if connection.vendor == "postgresql" else "printf('%0{1}d', {0})"
    number, eight = lpad.format(key, 7), lpad.format(f"({key} * 73939133 + 20101012) % 100000000", 8)
    own = {"id": key, "number": number, "phone": f"substr(phone, 1, 3) || {eight}", "unit": f"unit || '{copy}'"}
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = str(field.column)
        columns.append(column)
        is_alone = field.unique or column == "merged_into_id"
        values.append(own.get(column, "NULL" if is_alone else column))
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM source"


@contextmanager
def without_indexes(cursor, table: str) -> Iterator[None]:
    """Put the indexes aside, and build them again at the end."""
    cursor.execute(INDEXES[connection.vendor], [table])
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    if connection.vendor == "postgresql":
        cursor.execute("SET maintenance_work_mem = '1GB'")
    else:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.execute("PRAGMA cache_size = -1000000")
    yield
    for _, sql in indexes:
        cursor.execute(sql)


if __name__ == "__main__":
    django.setup()
    main()
