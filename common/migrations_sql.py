"""SQL in migrations that differs between SQLite and PostgreSQL: triggers and exclusion constraints."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory


class VendorSQL(Operation):
    """Run the statements that are written for the database at hand, and their reverse backwards.

    Each statement is one string, so a trigger's body may hold semicolons. Percent signs are literal.
    A trigger goes with its table: SQLite drops it when a later migration makes the table anew (most ``AlterField``,
    ``AddConstraint`` …), so such a migration repeats the ``VendorSQL`` of that table at its end.

    Triggers raise with a short name of the rule as their message, for ``common.rules.constraint_named``:
    ``SELECT RAISE(ABORT, 'the_rule')`` on SQLite, ``RAISE EXCEPTION 'the_rule'`` on PostgreSQL.
    """

    reduces_to_sql = True
    reversible = True
    category = OperationCategory.SQL

    def __init__(
        self,
        *,
        sqlite: Sequence[str] = (),
        sqlite_reverse: Sequence[str] = (),
        postgresql: Sequence[str] = (),
        postgresql_reverse: Sequence[str] = (),
    ) -> None:
        """Take what to run forwards and backwards on each database; nothing where one needs nothing."""
        self.sqlite = list(sqlite)
        self.sqlite_reverse = list(sqlite_reverse)
        self.postgresql = list(postgresql)
        self.postgresql_reverse = list(postgresql_reverse)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing that Django knows of."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Run the statements of the vendor."""
        self._run(schema_editor, {"sqlite": self.sqlite, "postgresql": self.postgresql})

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """Run the reverse statements of the vendor.

        On the way back SQLite may have made the table anew, without its triggers: then there is nothing to drop.
        """
        dropped = [statement.replace("DROP TRIGGER ", "DROP TRIGGER IF EXISTS ") for statement in self.sqlite_reverse]
        self._run(schema_editor, {"sqlite": dropped, "postgresql": self.postgresql_reverse})

    def describe(self) -> str:
        """Say what ``migrate --plan`` shows."""
        return "Statements for the database at hand"

    @staticmethod
    def _run(schema_editor: BaseDatabaseSchemaEditor, statements: dict[str, list[str]]) -> None:
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)


def refuse_replacing(table: str, keys: Sequence[Sequence[str]], kept: str, rule: str) -> dict[str, str]:
    """Return SQLite's triggers that keep rows from being replaced, by name, each from its event on.

    ``INSERT OR REPLACE`` and ``UPDATE OR REPLACE`` delete the row that stands in the way, and no trigger for deletion
    runs. ``keys`` are the columns of each unique key of ``table``, ``kept`` is the condition on the row that stays,
    ``{row}`` for it.
    """
    same = " OR ".join("(" + " AND ".join(f"o.{name} = NEW.{name}" for name in key) + ")" for key in keys)
    found = f"EXISTS (SELECT 1 FROM {table} o WHERE ({same}) AND ({kept.format(row='o')}){{besides}})"  # noqa: S608
    refuse = f"BEGIN SELECT RAISE(ABORT, '{rule}'); END"
    return {
        f"{table}_kept_insert": f"BEFORE INSERT ON {table} WHEN {found.format(besides='')} {refuse}",
        f"{table}_kept_update": f"BEFORE UPDATE ON {table} WHEN {found.format(besides=' AND o.id <> OLD.id')} {refuse}",
    }


def refuse_truncating(*tables: str) -> list[str]:
    """Return PostgreSQL's triggers against TRUNCATE, which no trigger for rows sees (``accounts.0002``)."""
    return [
        f"CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION rows_are_kept()"
        for table in tables
    ]


def allow_truncating(*tables: str) -> list[str]:
    """Return the reverse of ``refuse_truncating``."""
    return [f"DROP TRIGGER {table}_kept ON {table}" for table in tables]
