"""The roll-ups: added to when months are read, subtracted from when one is reopened, rebuilt and proved.

A correction of a read month's log does both, for the two logs alone.

Each is one ``GROUP BY`` over the counted participations or logs of reports. The same SELECT feeds the statement that
adds, the one that subtracts, the one that rebuilds and the proof, so that they cannot drift apart. SQL that runs on
SQLite (3.35 and later) and PostgreSQL alike; only "the year of a date" is spelled differently.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction

from services.models import ServiceLog, TownshipMonth, VolunteerMonth, VolunteerYear

# One row a participation, with what the roll-ups are about: those that count, or those of some reports.
ROWS = """
    SELECT p.volunteer_id, p.team_id, p.minutes, r.township_id, r.month, {year} AS year,
        l.id AS log_id, l.category_id, l.people_served
    FROM services_participation p
    JOIN services_servicelog l ON l.id = p.log_id
    JOIN services_monthlyreport r ON r.id = l.report_id
    WHERE {which}"""

YEAR_OF_MONTH = {
    "sqlite": "CAST(substr(r.month, 1, 4) AS integer)",
    "postgresql": "CAST(EXTRACT(YEAR FROM r.month) AS integer)",
}


@dataclass(frozen=True)
class Rollup:
    """One roll-up: its table, what identifies a row, what is summed, and the SELECT over ``counted`` (see ``ROWS``).

    The rows come in the order of the keys: two people who mark months at once do not wait for each other in a circle.
    """

    model: type[models.Model]
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    select: str

    @property
    def table(self) -> str:
        """The table that the roll-up lives in."""
        return self.model._meta.db_table

    @property
    def names(self) -> str:
        """The columns, for a SELECT or an INSERT."""
        return ", ".join(self.keys + self.sums)

    def records(self) -> str:
        """Return the query that the table must equal: the roll-up of everything that counts."""
        return f"SELECT {self.names} FROM (WITH counted AS ({_rows()}) {self.select}) AS records"  # noqa: S608

    def insert(self) -> str:
        """Return the statement that adds the roll-up of ``counted`` to the table."""
        changes = ", ".join(f"{name} = {self.table}.{name} + excluded.{name}" for name in self.sums)
        # Through a subquery with WHERE: SQLite takes ON after a bare SELECT for a join's.
        return (
            f"INSERT INTO {self.table} ({self.names}) SELECT {self.names} FROM ({self.select}) AS fresh WHERE true"  # noqa: S608
            f" ON CONFLICT ({', '.join(self.keys)}) DO UPDATE SET {changes}"
        )


ROLLUPS = (
    Rollup(
        VolunteerMonth,
        keys=("volunteer_id", "month", "team_id"),
        sums=("minutes", "services"),
        select="SELECT volunteer_id, month, team_id, SUM(minutes) AS minutes, COUNT(*) AS services FROM counted"
        " GROUP BY volunteer_id, month, team_id ORDER BY volunteer_id, month, team_id",
    ),
    Rollup(
        VolunteerYear,
        keys=("volunteer_id", "year", "team_id"),
        sums=("minutes", "services"),
        select="SELECT volunteer_id, year, team_id, SUM(minutes) AS minutes, COUNT(*) AS services FROM counted"
        " GROUP BY volunteer_id, year, team_id ORDER BY volunteer_id, year, team_id",
    ),
    # First one row a log, then one a category: people served would be counted once a participant otherwise.
    Rollup(
        TownshipMonth,
        keys=("township_id", "month", "category_id"),
        sums=("logs", "participations", "minutes", "people_served"),
        select="SELECT township_id, month, category_id, COUNT(*) AS logs, SUM(participations) AS participations,"
        " SUM(minutes) AS minutes, SUM(people_served) AS people_served FROM ("
        "SELECT log_id, township_id, month, category_id, people_served, COUNT(*) AS participations,"
        " SUM(minutes) AS minutes FROM counted GROUP BY log_id, township_id, month, category_id, people_served"
        ") AS log GROUP BY township_id, month, category_id ORDER BY township_id, month, category_id",
    ),
)


def _rows(report_pks: Sequence[int] = (), log_pks: Sequence[int] = ()) -> str:
    """Return the query for ``counted``: what counts now, or what stands in the reports, or in the logs."""
    which = "p.counted"
    for column, pks in (("r.id", report_pks), ("l.id", log_pks)):
        if pks:
            # The keys are integers of our own, never typed text: in the SQL they need no parameter per report.
            which = f"NOT p.is_withdrawn AND {column} IN ({', '.join(str(int(pk)) for pk in pks)})"
    return ROWS.format(which=which, year=YEAR_OF_MONTH[connection.vendor])


def add(report_pks: Sequence[int]) -> None:
    """Add the participations of the reports, that are being marked as read, to the roll-ups."""
    if report_pks:
        _insert_all(_rows(report_pks))


def subtract(report_pks: Sequence[int]) -> None:
    """Take the participations of the reports, that are being reopened, out of the roll-ups again."""
    if report_pks:
        _subtract(_rows(report_pks))


def add_log(log: ServiceLog) -> None:
    """Add the participations of a log that a correction puts into a read month."""
    _insert_all(_rows(log_pks=[log.pk]))


def subtract_log(log: ServiceLog) -> None:
    """Take the participations of a log of a read month out, while it still stands: it is being corrected.

    The township's month is held first, in the order in which adding takes it: two corrections that move services
    between the same categories, in opposite directions, would wait for each other otherwise.
    """
    months = TownshipMonth.objects.filter(township=log.township_id, month=log.date.replace(day=1))
    list(months.order_by("category_id").select_for_update().values_list("pk"))
    _subtract(_rows(log_pks=[log.pk]))


def _subtract(rows: str) -> None:
    with connection.cursor() as cursor:
        for rollup in ROLLUPS:
            gone = f"(WITH counted AS ({rows}) {rollup.select}) AS gone"
            same = " AND ".join(f"{rollup.table}.{name} = gone.{name}" for name in rollup.keys)
            changes = ", ".join(f"{name} = {rollup.table}.{name} - gone.{name}" for name in rollup.sums)
            cursor.execute(f"UPDATE {rollup.table} SET {changes} FROM {gone} WHERE {same}")  # noqa: S608
            # A row without minutes is no row: where nothing was read, the records have none either.
            cursor.execute(
                f"DELETE FROM {rollup.table} WHERE {rollup.table}.minutes = 0"  # noqa: S608
                f" AND EXISTS (SELECT 1 FROM {gone} WHERE {same})"
            )


def rebuild() -> None:
    """Write all roll-ups anew from the records, in one transaction: ``manage.py rebuild_rollups``."""
    with transaction.atomic(), connection.cursor() as cursor:
        for rollup in ROLLUPS:
            cursor.execute(f"DELETE FROM {rollup.table}")  # noqa: S608
        _insert_all(_rows())


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
            records, stored = rollup.records(), f"SELECT {rollup.names} FROM {rollup.table}"  # noqa: S608
            for side, one, other in (("records", records, stored), ("rollup", stored, records)):
                cursor.execute(f"{one} EXCEPT {other}")
                found += [Difference(rollup.table, side, row) for row in cursor.fetchall()]
    return found


def _insert_all(rows: str) -> None:
    """Write all roll-ups of the rows, which are read once: reading them thrice would cost three times as much."""
    inserts = [rollup.insert() for rollup in ROLLUPS]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            others = ", ".join(f"insert_{place} AS ({insert})" for place, insert in enumerate(inserts[1:]))
            cursor.execute(f"WITH counted AS MATERIALIZED ({rows}), {others} {inserts[0]}")
        else:
            cursor.execute(f"CREATE TEMPORARY TABLE counted AS {rows}")
            for insert in inserts:
                cursor.execute(insert)
            cursor.execute("DROP TABLE temp.counted")
