"""Several people at the same moment, with real transactions in parallel, on both databases."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Barrier
from typing import Any

from django.db import connection, connections

from common.rules import RuleBroken


def in_parallel(*acts: Callable[[], Any]) -> list[Any]:
    """Run each act on a connection of its own, all from the same moment; a broken rule is an answer too."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return act()
        except RuleBroken as refused:
            return refused
        finally:
            connection.close()

    with _shared(), ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@contextmanager
def copied_to(path: str) -> Iterator[sqlite3.Connection]:
    """Copy SQLite's memory to a file that several connections may open at once, and keep it open meanwhile.

    A copy has a rollback journal. Connections that change that at the same moment do not wait for each other, as they
    do for a write: they are told that the database is locked. So it is changed before there are any.
    """
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [path])
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        yield file


@contextmanager
def _shared() -> Iterator[None]:
    """Let other connections see what was made so far, and this one what they make of it.

    PostgreSQL shares it anyway. SQLite's memory belongs to one connection: the others get a file, as in production,
    which is read back afterwards.
    """
    if connection.vendor != "sqlite":
        yield
        return
    settings = connections.settings["default"]
    memory = settings["NAME"]
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "shared.sqlite3")
        with copied_to(path) as file:
            settings["NAME"] = path
            try:
                yield
            finally:
                settings["NAME"] = memory
                file.backup(connection.connection)
