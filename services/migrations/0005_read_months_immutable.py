"""The logs and participations of a read month do not change, on any path: raw SQL raises too.

Reading marks the participations first and the report last, reopening the report first: so these need no way around.
PostgreSQL asks once a statement, over the rows that it touched: marking a township's month costs one join, not a
function call a row.
"""

from django.db import migrations

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

RULE = "month_is_read"
# table → the rows of ``touched`` (or one row) that belong to a read month
LOGS, PARTICIPATIONS = "services_servicelog", "services_participation"


def sqlite_triggers() -> dict[str, str]:
    """Return the triggers by name, each from its event on."""
    of_log = "EXISTS (SELECT 1 FROM services_monthlyreport r WHERE r.id = {row}.report_id AND r.state = 'read')"
    of_participation = (
        f"EXISTS (SELECT 1 FROM {LOGS} l JOIN services_monthlyreport r ON r.id = l.report_id"  # noqa: S608
        " WHERE l.id = {row}.log_id AND r.state = 'read')"
    )
    triggers = refuse_replacing(LOGS, [["id"], ["key"]], of_log, RULE)
    triggers |= refuse_replacing(PARTICIPATIONS, [["id"], ["log_id", "volunteer_id"]], of_participation, RULE)
    for table, is_read in ((LOGS, of_log), (PARTICIPATIONS, of_participation)):
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
            condition = " OR ".join(is_read.format(row=row) for row in rows)
            triggers[f"{table}_{RULE}_{event.lower()}"] = (
                f"BEFORE {event} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
            )
    return triggers


SQLITE = sqlite_triggers()
JOINS = {
    LOGS: "touched t JOIN services_monthlyreport r ON r.id = t.report_id",
    PARTICIPATIONS: f"touched t JOIN {LOGS} l ON l.id = t.log_id JOIN services_monthlyreport r ON r.id = l.report_id",
}
# An update touches a row as it was and as it is: two triggers, since each names one of them ``touched``.
TOUCHED = {
    "insert": ("INSERT", "NEW"),
    "update_old": ("UPDATE", "OLD"),
    "update_new": ("UPDATE", "NEW"),
    "delete": ("DELETE", "OLD"),
}


def function(table: str) -> str:
    """Return the function that looks whether the statement touched a read month.

    Its plan is kept from the first call, which may have touched a whole city's month: without the other joins it
    stays one index look-up a row, also for the single log that comes next.
    """
    return f"""
        CREATE FUNCTION {table}_{RULE}() RETURNS trigger LANGUAGE plpgsql
        SET enable_hashjoin = off SET enable_mergejoin = off AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM {JOINS[table]} WHERE r.state = 'read') THEN
                RAISE EXCEPTION '{RULE}';
            END IF;
            RETURN NULL;
        END $$
    """  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("services", "0004_frozen_rounds")]

    operations = [
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                *[function(table) for table in JOINS],
                *[
                    f"CREATE TRIGGER {table}_{RULE}_{name} AFTER {event} ON {table}"
                    f" REFERENCING {which} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION {table}_{RULE}()"
                    for table in JOINS
                    for name, (event, which) in TOUCHED.items()
                ],
                *refuse_truncating(*JOINS),
            ],
            postgresql_reverse=[
                *allow_truncating(*JOINS),
                *[f"DROP TRIGGER {table}_{RULE}_{name} ON {table}" for table in JOINS for name in TOUCHED],
                *[f"DROP FUNCTION {table}_{RULE}()" for table in JOINS],
            ],
        ),
    ]
