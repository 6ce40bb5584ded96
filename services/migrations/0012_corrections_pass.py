"""A granted correction passes the triggers of the read month, and nothing else does; once decided it never changes.

Between granting and carrying out (``is_applied``), within one transaction, exactly this may be written: the original
stops standing, the new log says what was granted, and each one's participations follow. PostgreSQL compares whole rows
before and after, so that columns of later migrations are kept too; on SQLite such a migration names them here anew.
"""

from importlib import import_module

from django.db import migrations

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

before = import_module("services.migrations.0005_read_months_immutable")
RULE, LOGS, PARTICIPATIONS, CORRECTIONS = before.RULE, before.LOGS, before.PARTICIPATIONS, "services_correction"

# --- What passes --------------------------------------------------------------------------------------

WINDOW = f"""EXISTS (
    SELECT 1 FROM {CORRECTIONS} c WHERE c.log_id = {{log}} AND c.state = 'granted' AND NOT c.is_applied
)"""  # noqa: S608
SAID = ("date", "starts_at", "ends_at", "category_id", "place", "recipient", "people_served", "content")
NEW_LOG = f"""NOT {{row}}.is_withdrawn AND EXISTS (
    SELECT 1 FROM {CORRECTIONS} c JOIN {LOGS} o ON o.id = c.log_id
    WHERE c.log_id = {{row}}.corrects_id AND c.kind = 'change' AND c.state = 'granted' AND NOT c.is_applied
        AND o.report_id = {{row}}.report_id AND o.team_id = {{row}}.team_id AND o.township_id = {{row}}.township_id
        AND {" AND ".join(f"c.{name} = {{row}}.{name}" for name in SAID)}
)"""  # noqa: S608
NEW_PARTICIPATION = f"""{{row}}.counted AND NOT {{row}}.is_withdrawn AND EXISTS (
    SELECT 1 FROM {LOGS} l JOIN {CORRECTIONS} c ON c.log_id = l.corrects_id
    WHERE l.id = {{row}}.log_id AND c.state = 'granted' AND NOT c.is_applied
)"""  # noqa: S608
# table → (columns that may change, how they do, the log whose correction is being carried out)
STOPS = {
    LOGS: (
        ("is_withdrawn", "withdrawn_reason", "version"),
        "NOT {old}.is_withdrawn AND {new}.is_withdrawn",
        "{old}.id",
    ),
    PARTICIPATIONS: (
        ("is_withdrawn", "counted"),
        "NOT {old}.is_withdrawn AND {new}.is_withdrawn AND NOT {new}.counted",
        "{old}.log_id",
    ),
}
MADE = {LOGS: NEW_LOG, PARTICIPATIONS: NEW_PARTICIPATION}
# What SQLite compares: every column but those.
KEPT = {
    LOGS: (
        "id", "key", "fingerprint", "team_id", "township_id", "report_id", "date", "starts_at", "ends_at", "minutes",
        "category_id", "request_id", "corrects_id", "place", "recipient", "people_served", "content", "recorded_by_id",
        "recorded_at",
    ),
    PARTICIPATIONS: (
        "id", "log_id", "volunteer_id", "team_id", "minutes", "is_helper", "date", "starts_at", "ends_at",
    ),
}  # fmt: skip
OF_READ_MONTH = {
    LOGS: "EXISTS (SELECT 1 FROM services_monthlyreport r WHERE r.id = {row}.report_id AND r.state = 'read')",
    PARTICIPATIONS: f"EXISTS (SELECT 1 FROM {LOGS} l JOIN services_monthlyreport r ON r.id = l.report_id"  # noqa: S608
    " WHERE l.id = {row}.log_id AND r.state = 'read')",
}


def stops(table: str, kept: str) -> str:
    """Return the condition that a row only stops standing, by a granted correction; ``kept`` compares the rest."""
    _, how, log = STOPS[table]
    return f"({how} AND {kept} AND {WINDOW.format(log=log)})"


# --- SQLite -------------------------------------------------------------------------------------------


def sqlite_triggers() -> dict[str, str]:
    """Return the triggers that take the place of those of 0005, by name, each from its event on."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
    triggers = {}
    for table, of_read in OF_READ_MONTH.items():
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in KEPT[table])
        passes = stops(table, same).format(old="OLD", new="NEW")
        new, old = of_read.format(row="NEW"), of_read.format(row="OLD")
        triggers |= {
            f"{table}_{RULE}_insert": f"BEFORE INSERT ON {table} WHEN {new} AND NOT ({MADE[table].format(row='NEW')})"
            f" {refuse}",
            f"{table}_{RULE}_update": f"BEFORE UPDATE ON {table} WHEN ({old} OR {new}) AND NOT {passes} {refuse}",
        }
    return triggers


# --- The corrections themselves -------------------------------------------------------------------------

ASKED = (
    "id", "key", "log_id", "kind", "reason", "asked_by_id", "asked_at", "date", "starts_at", "ends_at", "category_id",
    "place", "recipient", "people_served", "content", "participants",
)  # fmt: skip
DECIDED = ("state", "decided_by_id", "decided_at", "answer", "round_id")
SQLITE_SAME = "NEW.{name} IS OLD.{name}"
PG_SAME = "NEW.{name} IS NOT DISTINCT FROM OLD.{name}"


def same(names: tuple[str, ...], compare: str) -> str:
    """Compare the columns before and after."""
    return " AND ".join(compare.format(name=name) for name in names)


# From asked to decided; then, granted only, carried out. Nothing else is ever written.
DECIDES = "OLD.state = 'asked' AND NEW.state <> 'asked' AND NOT NEW.is_applied"
CARRIES_OUT = f"""OLD.state = 'granted' AND NOT OLD.is_applied AND NEW.is_applied AND {{same_decision}} AND EXISTS (
    SELECT 1 FROM {LOGS} l WHERE l.id = NEW.log_id AND l.is_withdrawn
) AND (NEW.kind = 'strike' OR EXISTS (
    SELECT 1 FROM {LOGS} l WHERE l.id = NEW.result_id AND l.corrects_id = NEW.log_id
))"""  # noqa: S608
GRANTS = "OLD.state = 'asked' AND NEW.state = 'granted'"
STANDS_READ = f"""EXISTS (
    SELECT 1 FROM {LOGS} l JOIN services_monthlyreport r ON r.id = l.report_id
    WHERE l.id = NEW.log_id AND r.state = 'read' AND NOT l.is_withdrawn
)"""  # noqa: S608
CONTRIBUTED = f"""EXISTS (
    SELECT 1 FROM {LOGS} l JOIN services_reportcontributor p ON p.report_id = l.report_id
    WHERE l.id = NEW.log_id AND p.user_id = NEW.decided_by_id
)"""  # noqa: S608


def step(compare: str) -> str:
    """Return the condition of an allowed change."""
    carries_out = CARRIES_OUT.format(same_decision=same(DECIDED, compare))
    return f"{same(ASKED, compare)} AND (({DECIDES}) OR ({carries_out}))"


def sqlite_corrections() -> dict[str, str]:
    """Return the triggers on the corrections, by name, each from its event on."""

    def refuse(event: str, condition: str, rule: str) -> str:
        return f"BEFORE {event} ON {CORRECTIONS} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{rule}'); END"

    # One log has one correction that is asked for and one that was granted, and any number of refused ones.
    kept = "{row}.id = NEW.id OR {row}.key = NEW.key OR {row}.state IN ('asked', 'granted')"
    return {
        "correction_asked_first": refuse("INSERT", "NEW.state <> 'asked'", "correction_asked_first"),
        "correction_no_delete": refuse("DELETE", "true", "correction_append_only"),
        "correction_no_update": refuse("UPDATE", f"NOT ({step(SQLITE_SAME)})", "correction_append_only"),
        "correction_needs_read_month": refuse(
            "UPDATE", f"{GRANTS} AND NOT {STANDS_READ}", "correction_needs_read_month"
        ),
        "correction_decider_contributed": refuse(
            "UPDATE", f"{GRANTS} AND {CONTRIBUTED}", "correction_decider_contributed"
        ),
        **refuse_replacing(
            CORRECTIONS, [["id"], ["key"], ["result_id"], ["log_id", "state"]], kept, "correction_append_only"
        ),
    }


SQLITE, SQLITE_CORRECTIONS = sqlite_triggers(), sqlite_corrections()

# --- PostgreSQL -----------------------------------------------------------------------------------------

PG_JOIN = {
    LOGS: "services_monthlyreport r ON r.id = {row}.report_id AND r.state = 'read'",
    PARTICIPATIONS: f"{LOGS} l ON l.id = {{row}}.log_id"
    " JOIN services_monthlyreport r ON r.id = l.report_id AND r.state = 'read'",
}


def postgresql_function(name: str, found: str) -> str:
    """Return a trigger's function that refuses when ``found`` finds a row; see 0005 about its plan."""
    return f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
        SET enable_hashjoin = off SET enable_mergejoin = off AS $$
        BEGIN
            IF EXISTS ({found}) THEN RAISE EXCEPTION '{RULE}'; END IF;
            RETURN NULL;
        END $$
    """


def postgresql_functions() -> dict[str, tuple[str, str, str]]:
    """Return by the trigger's name: its table, its event with the tables that it reads, and what it must not find.

    An update is asked twice: no row of a read month is left, and none is entered, other than by a correction. What is
    looked for first are rows of read months; only for such a row is the other side of the change looked up.
    """
    functions = {}
    both = "UPDATE|OLD TABLE AS was NEW TABLE AS touched"
    for table in (LOGS, PARTICIPATIONS):
        changing = STOPS[table][0]
        o, n = (f"to_jsonb({row}) - ARRAY[{', '.join(repr(name) for name in changing)}]" for row in ("o", "n"))
        passes = stops(table, f"{o} = {n}").format(old="o", new="n")
        sides = {"old": ("was o", "touched n", "o"), "new": ("touched n", "was o", "n")}
        for side, (here, there, row) in sides.items():
            functions[f"{table}_{RULE}_update_{side}"] = (
                table,
                both,
                f"SELECT 1 FROM {here} JOIN {PG_JOIN[table].format(row=row)}"  # noqa: S608
                f" WHERE NOT EXISTS (SELECT 1 FROM {there} WHERE n.id = o.id AND {passes})",
            )
        functions[f"{table}_{RULE}_insert"] = (
            table,
            "INSERT|NEW TABLE AS touched",
            f"SELECT 1 FROM touched n JOIN {PG_JOIN[table].format(row='n')}"  # noqa: S608
            f" WHERE NOT ({MADE[table].format(row='n')})",
        )
    return functions


POSTGRESQL = postgresql_functions()
CORRECTION_FUNCTION = f"""
    CREATE FUNCTION services_correction_steps() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state <> 'asked' THEN RAISE EXCEPTION 'correction_asked_first'; END IF;
            RETURN NEW;
        END IF;
        IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'correction_append_only'; END IF;
        IF NOT ({step(PG_SAME)}) THEN RAISE EXCEPTION 'correction_append_only'; END IF;
        IF {GRANTS} THEN
            IF NOT {STANDS_READ} THEN RAISE EXCEPTION 'correction_needs_read_month'; END IF;
            IF {CONTRIBUTED} THEN RAISE EXCEPTION 'correction_decider_contributed'; END IF;
        END IF;
        RETURN NEW;
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [("services", "0011_corrections")]

    operations = [
        VendorSQL(
            sqlite=[
                *[f"DROP TRIGGER {name}" for name in SQLITE],
                *[f"CREATE TRIGGER {name} {body}" for name, body in {**SQLITE, **SQLITE_CORRECTIONS}.items()],
            ],
            sqlite_reverse=[
                *[f"DROP TRIGGER {name}" for name in {**SQLITE, **SQLITE_CORRECTIONS}],
                *[f"CREATE TRIGGER {name} {before.SQLITE[name]}" for name in SQLITE],
            ],
            postgresql=[
                *[f"DROP TRIGGER {name} ON {table}" for name, (table, _, _) in POSTGRESQL.items()],
                *[postgresql_function(name, found) for name, (_, _, found) in POSTGRESQL.items()],
                *[
                    f"CREATE TRIGGER {name} AFTER {event.partition('|')[0]} ON {table}"
                    f" REFERENCING {event.partition('|')[2]} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
                    for name, (table, event, _) in POSTGRESQL.items()
                ],
                CORRECTION_FUNCTION,
                f"CREATE TRIGGER services_correction_steps BEFORE INSERT OR UPDATE OR DELETE ON {CORRECTIONS} "
                "FOR EACH ROW EXECUTE FUNCTION services_correction_steps()",
                *refuse_truncating(CORRECTIONS),
            ],
            postgresql_reverse=[
                *allow_truncating(CORRECTIONS),
                f"DROP TRIGGER services_correction_steps ON {CORRECTIONS}",
                "DROP FUNCTION services_correction_steps()",
                *[f"DROP TRIGGER {name} ON {table}" for name, (table, _, _) in POSTGRESQL.items()],
                *[f"DROP FUNCTION {name}()" for name in POSTGRESQL],
                *[
                    f"CREATE TRIGGER {table}_{RULE}_{name} AFTER {event} ON {table}"
                    f" REFERENCING {which} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION {table}_{RULE}()"
                    for table in before.JOINS
                    for name, (event, which) in before.TOUCHED.items()
                    if name != "delete"
                ],
            ],
        ),
    ]
