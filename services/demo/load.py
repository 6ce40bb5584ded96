"""Writes the demo's rows straight into tables (``common.copying``), and lets keys and planner follow."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from common import copying

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
    """Write ``rows`` as ``copying.insert`` does, and return how many they were."""
    written = 0

    def counted() -> Iterator[Sequence[Any]]:
        nonlocal written
        for row in rows:
            written += 1
            yield row

    copying.insert(model, names, counted())
    return written


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
