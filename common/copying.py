"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. Constraints and triggers stay on; signals are not sent.

Values are what the database reads as text: keys, numbers, texts, ISO dates, ``stamp``s, JSON as text, bytes.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, models

CHUNK = 5_000


def take_keys(model: type[models.Model], count: int) -> range | list[int]:
    """Return ``count`` primary keys that nobody else gets; on SQLite as long as this transaction lasts."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0] or 0
        return range(last + 1, last + 1 + count)


def stamp(moment: datetime) -> str:
    """Return a moment as the database at hand writes it."""
    return str(connection.ops.adapt_datetimefield_value(moment))


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows with the values of the fields ``names`` (attnames); every other field gets its default."""
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.generated}
    # A key that is not given is the database's to give.
    rest = [field for name, field in fields.items() if name not in names and not field.primary_key]
    constants = tuple(_plain(field.get_db_prep_save(field.get_default(), connection)) for field in rest)
    columns = [str(field.column) for field in (*(fields[name] for name in names), *rest)]
    stream = iter(rows)
    for chunk in iter(lambda: list(islice(stream, CHUNK)), []):
        write(model._meta.db_table, columns, [(*row, *constants) for row in chunk] if constants else chunk)


def write(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of the table's ``columns``."""
    listed = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines = "\n".join(["\t".join(map(_copied, row)) for row in rows])
            cursor.copy_expert(f'COPY "{table}" ({listed}) FROM STDIN', io.StringIO(lines + "\n"))
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', rows)  # noqa: S608


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write the fields ``names`` of rows that are there; the first value of each row is its primary key."""
    table = model._meta.db_table
    fields = {field.attname: field for field in model._meta.concrete_fields}
    columns = [str(fields[name].column) for name in names]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            given = ", ".join(f'"{column}"' for column in ("id", *columns))
            cursor.execute(f'CREATE TEMP TABLE changed_rows ON COMMIT DROP AS SELECT {given} FROM "{table}" LIMIT 0')  # noqa: S608
            write("changed_rows", ("id", *columns), rows)
            assigned = ", ".join(f'"{column}" = changed_rows."{column}"' for column in columns)
            cursor.execute(f'UPDATE "{table}" SET {assigned} FROM changed_rows WHERE "{table}".id = changed_rows.id')  # noqa: S608
            cursor.execute("DROP TABLE changed_rows")
        else:
            assigned = ", ".join(f'"{column}" = %s' for column in columns)
            cursor.executemany(
                f'UPDATE "{table}" SET {assigned} WHERE id = %s',  # noqa: S608
                [(*row[1:], row[0]) for row in rows],
            )


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _copied(value: Any) -> str:
    """Write a value as COPY reads it."""
    if type(value) is str:
        # What COPY would take for the beginning of a sign, the end of a value, or of a row.
        if "\\" in value:
            value = value.replace("\\", "\\\\")
        if "\n" in value or "\t" in value or "\r" in value:
            value = value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        return value
    if value is None:
        return "\\N"
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)
