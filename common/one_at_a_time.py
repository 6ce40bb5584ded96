"""Numbers that run on are taken by one transaction at a time."""

from django.db import connection


def wait_for_turn(lock: int) -> None:
    """Let nobody else who waits for ``lock`` go on until this transaction ends; each concept has a number of its own.

    SQLite's transactions exclude each other anyhow.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
