"""The roll-ups: added to when months are read, subtracted from when one is reopened, rebuilt and proved.

Each is one ``GROUP BY`` over the counted participations or logs of reports. The same SELECT feeds the statement that
adds, the one that subtracts, the one that rebuilds and the proof, so that they cannot drift apart. SQL that runs on
SQLite (3.35 and later) and PostgreSQL alike; only "the year of a date" is spelled differently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from services.models import TownshipMonth, VolunteerMonth, VolunteerYear

COUNTED = """
    FROM services_participation p
    JOIN services_servicelog l ON l.id = p.log_id
    JOIN services_monthlyreport r ON r.id = l.report_id
    WHERE p.counted"""

YEAR_OF_MONTH = {
    "sqlite": "CAST(substr(r.month, 1, 4) AS integer)",
    "postgresql": "CAST(EXTRACT(YEAR FROM r.month) AS integer)",
}


@dataclass(frozen=True)
class Rollup:
    """One roll-up: its table, what identifies a row, what is summed, and the SELECT over the records.

    In ``select``, ``{reports}`` stands for the restriction to some reports and ``{year}`` for the report's year.
    """

    model: type[models.Model]
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    select: str

    @property
    def table(self) -> str:
        """The table that the roll-up lives in."""
        return self.model._meta.db_table

    def rows(self, report_pks: Sequence[int] | None = None) -> str:
        """Return the SELECT over the records of the reports (all without), its rows in the order of the keys.

        The order keeps two people who mark months at once from waiting for each other in a circle.
        """
        # The keys are integers of our own, never typed text: in the SQL they need no parameter per report.
        which = "" if report_pks is None else f"AND r.id IN ({', '.join(str(int(pk)) for pk in report_pks)})"
        order = ", ".join(str(place + 1) for place in range(len(self.keys)))
        select = self.select.format(reports=which, year=YEAR_OF_MONTH[connection.vendor])
        return f"{select} ORDER BY {order}"


ROLLUPS = (
    Rollup(
        VolunteerMonth,
        keys=("volunteer_id", "month", "team_id"),
        sums=("minutes", "services"),
        select="SELECT p.volunteer_id AS volunteer_id, r.month AS month, p.team_id AS team_id,"
        " SUM(p.minutes) AS minutes, COUNT(*) AS services"
        f" {COUNTED} {{reports}} GROUP BY p.volunteer_id, r.month, p.team_id",
    ),
    Rollup(
        VolunteerYear,
        keys=("volunteer_id", "year", "team_id"),
        sums=("minutes", "services"),
        select="SELECT p.volunteer_id AS volunteer_id, {year} AS year, p.team_id AS team_id,"
        " SUM(p.minutes) AS minutes, COUNT(*) AS services"
        f" {COUNTED} {{reports}} GROUP BY p.volunteer_id, {{year}}, p.team_id",
    ),
    # First one row a log, then one a category: people served would be counted once a participant otherwise.
    Rollup(
        TownshipMonth,
        keys=("township_id", "month", "category_id"),
        sums=("logs", "participations", "minutes", "people_served"),
        select="SELECT township_id, month, category_id, COUNT(*) AS logs, SUM(participations) AS participations,"  # noqa: S608
        " SUM(minutes) AS minutes, SUM(people_served) AS people_served FROM ("
        "SELECT l.id, r.township_id AS township_id, r.month AS month, l.category_id AS category_id,"
        " l.people_served AS people_served, COUNT(*) AS participations, SUM(p.minutes) AS minutes"
        f" {COUNTED} {{reports}} GROUP BY l.id, r.township_id, r.month, l.category_id, l.people_served"
        ") AS log GROUP BY township_id, month, category_id",
    ),
)


def add(report_pks: Sequence[int]) -> None:
    """Add the counted participations of the reports to the roll-ups: one statement a roll-up."""
    if not report_pks:
        return
    with connection.cursor() as cursor:
        for rollup in ROLLUPS:
            _insert(cursor, rollup, rollup.rows(report_pks))


def subtract(report_pks: Sequence[int]) -> None:
    """Take the participations of the reports, still marked as counted, out of the roll-ups again."""
    if not report_pks:
        return
    with connection.cursor() as cursor:
        for rollup in ROLLUPS:
            changes = ", ".join(f"{name} = {rollup.table}.{name} - gone.{name}" for name in rollup.sums)
            same = " AND ".join(f"{rollup.table}.{name} = gone.{name}" for name in rollup.keys)
            rows = rollup.rows(report_pks)
            cursor.execute(f"UPDATE {rollup.table} SET {changes} FROM ({rows}) AS gone WHERE {same}")  # noqa: S608
            # A row without services is no row: where nothing was read, the records have none either.
            empty = f"{rollup.table}.{_count(rollup)} = 0"
            cursor.execute(
                f"DELETE FROM {rollup.table} WHERE {empty} AND EXISTS"  # noqa: S608
                f" (SELECT 1 FROM ({rows}) AS gone WHERE {same})"
            )


def rebuild() -> None:
    """Write all roll-ups anew from the records, in one transaction: ``manage.py rebuild_rollups``."""
    with transaction.atomic(), connection.cursor() as cursor:
        for rollup in ROLLUPS:
            cursor.execute(f"DELETE FROM {rollup.table}")  # noqa: S608
            _insert(cursor, rollup, rollup.rows())


@dataclass(frozen=True)
class Difference:
    """A row that the roll-up and the records do not agree on: in the one but not in the other."""

    table: str
    side: str  # "records": the roll-up lacks it; "rollup": no records stand behind it
    row: tuple[Any, ...]


def differences() -> list[Difference]:
    """Prove the roll-ups: return every row that differs between them and the records, none when they are equal."""
    found = []
    with connection.cursor() as cursor:
        for rollup in ROLLUPS:
            names = ", ".join(rollup.keys + rollup.sums)
            records = f"SELECT {names} FROM ({rollup.rows()}) AS records"  # noqa: S608
            stored = f"SELECT {names} FROM {rollup.table}"  # noqa: S608
            for side, one, other in (("records", records, stored), ("rollup", stored, records)):
                cursor.execute(f"{one} EXCEPT {other}")
                found += [Difference(rollup.table, side, row) for row in cursor.fetchall()]
    return found


def _insert(cursor: Any, rollup: Rollup, rows: str) -> None:
    names = rollup.keys + rollup.sums
    changes = ", ".join(f"{name} = {rollup.table}.{name} + excluded.{name}" for name in rollup.sums)
    # Through a subquery with WHERE: SQLite takes ON after a bare SELECT for a join's.
    cursor.execute(
        f"INSERT INTO {rollup.table} ({', '.join(names)})"  # noqa: S608
        f" SELECT {', '.join(names)} FROM ({rows}) AS fresh WHERE true"
        f" ON CONFLICT ({', '.join(rollup.keys)}) DO UPDATE SET {changes}"
    )


def _count(rollup: Rollup) -> str:
    """Return the column that counts services: zero means that nothing is left."""
    return "logs" if "logs" in rollup.sums else "services"
