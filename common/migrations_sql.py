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
        """Run the reverse statements of the vendor."""
        self._run(schema_editor, {"sqlite": self.sqlite_reverse, "postgresql": self.postgresql_reverse})

    def describe(self) -> str:
        """Say what ``migrate --plan`` shows."""
        return "Statements for the database at hand"

    @staticmethod
    def _run(schema_editor: BaseDatabaseSchemaEditor, statements: dict[str, list[str]]) -> None:
        for statement in statements[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)
