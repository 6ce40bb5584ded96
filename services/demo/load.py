"""Writes rows straight into tables: COPY on PostgreSQL, executemany on SQLite; constraints and triggers stay on."""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

CHUNK = 20_000
# Asia/Shanghai has been eight hours ahead of UTC without summer time since 1991.
SHANGHAI = timedelta(hours=8)


def stamp(day: date, minute: int) -> str:
    """Return the moment ``minute`` minutes after midnight of ``day`` in Shanghai, as the database at hand writes it."""
    moment = datetime(day.year, day.month, day.day) + timedelta(minutes=minute) - SHANGHAI  # noqa: DTZ001
    return f"{moment}+00" if connection.vendor == "postgresql" else str(moment)


def first_pk(model: type[models.Model]) -> int:
    """Return the first key that is free in the table of ``model``."""
    return (model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1


def write(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write ``rows`` with the values of the fields ``names``; every other field gets its default. Return how many.

    Values are keys, whole numbers (0 and 1 for booleans), texts, ISO dates and ``stamp``s; texts hold no control
    characters and no backslash: they come from the tables of this package.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    rest = [field for name, field in fields.items() if name not in names]
    constants = tuple(_plain(field.get_db_prep_save(field.get_default(), connection)) for field in rest)
    columns = [str(field.column) for field in [*(fields[name] for name in names), *rest]]
    stream = iter(rows)
    written = 0
    for chunk in iter(lambda: list(islice(stream, CHUNK)), []):
        _write_chunk(model._meta.db_table, columns, [(*row, *constants) for row in chunk])
        written += len(chunk)
    return written


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _write_chunk(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    listed = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines = "\n".join("\t".join(map(_copied, row)) for row in rows)
            cursor.copy_expert(f"COPY {table} ({listed}) FROM STDIN", io.StringIO(lines + "\n"))
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)  # noqa: S608


def _copied(value: Any) -> str:
    """Write a value as COPY reads it."""
    if value is None:
        return "\\N"
    return f"\\\\x{value.hex()}" if isinstance(value, bytes) else str(value)


def chunks(keys: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """Cut ``keys`` into pieces that fit into one statement."""
    for place in range(0, len(keys), size):
        yield keys[place : place + size]


def go_on_counting(written: Sequence[type[models.Model]]) -> None:
    """Let the keys of new rows follow the written ones, and let the planner know the tables."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), written):
            cursor.execute(statement)
        for model in written:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def show_to_planner(model: type[models.Model]) -> None:
    """Let PostgreSQL see how much a table holds by now: its triggers would go on reading the once empty one whole."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {model._meta.db_table}")
