"""Texts that begin with something, found by an index on either database, whatever the database's own order is.

An index serves ``Begins`` when it holds the same expression: ``ByteOrder("name")``, ``From("name", 2)``.
Numbers stand in the SQL itself: SQLite knows an expression's index by the text, not by its parameters.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, CharField, Func, IntegerField
from django.db.models.sql.compiler import SQLCompiler

# Greater than whatever a text goes on with.
LAST = "\U0010ffff"
Compiled = tuple[str, list[Any]]


class ByteOrder(Func):
    """A column in the order of its bytes: SQLite's own, and PostgreSQL's by its collation C."""

    template = "%(expressions)s"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Compiled:
        """Name the collation, and PostgreSQL's function where it has another name."""
        template = f'({self.template.replace("instr(", "strpos(")}) COLLATE "C"'
        return self.as_sql(compiler, connection, template=template, **extra)  # type: ignore[return-value]


class From(ByteOrder):
    """A column from a character on, the first being 1."""

    def __init__(self, expression: Any, start: int) -> None:
        """Take the column and the place of the character."""
        super().__init__(expression)
        self.template = f"substr(%(expressions)s, {int(start)})"


class First(ByteOrder):
    """The first characters of a column."""

    def __init__(self, expression: Any, length: int) -> None:
        """Take the column and the number of characters."""
        super().__init__(expression)
        self.template = f"substr(%(expressions)s, 1, {int(length)})"


class AfterBlank(ByteOrder):
    """What comes after a column's first blank: nothing where there is none."""

    template = "substr(%(expressions)s, instr(%(expressions)s || ' ', ' ') + 1)"


class Ending(Func):
    """The last characters of a column."""

    arity = 1
    output_field = CharField()

    def __init__(self, expression: Any, length: int) -> None:
        """Take the column and the number of characters."""
        super().__init__(expression)
        self.length = int(length)
        self.template = f"substr(%(expressions)s, -{self.length})"

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Compiled:
        """Count from the end as PostgreSQL does."""
        template = f"right(%(expressions)s, {self.length})"
        return self.as_sql(compiler, connection, template=template, **extra)  # type: ignore[return-value]


class Literal(Func):
    """A whole number in the SQL itself, as the condition of a partial index has it."""

    arity = 0
    output_field = IntegerField()

    def __init__(self, number: int) -> None:
        """Take the number."""
        super().__init__()
        self.template = str(int(number))


class Within(Func):
    """Whether a text lies from ``low`` on and below ``high``: the range of an index, in brackets.

    SQLite would rather walk a township in the order of its page than enter the index: it is told that few rows fit.
    """

    arity = 1
    output_field = BooleanField()

    def __init__(self, expression: Any, low: str, high: str) -> None:
        """Take the indexed expression and the two ends."""
        super().__init__(expression)
        self.low, self.high = low, high

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Compiled:  # type: ignore[override]
        """Write the two ends of the range."""
        return self._range(compiler, "({0} >= %s AND {0} < %s)")

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Compiled:  # type: ignore[override]
        """Write them with their likelihood."""
        return self._range(compiler, "(likelihood({0} >= %s, 0.0001) AND {0} < %s)")

    def _range(self, compiler: SQLCompiler, template: str) -> Compiled:
        sql, params = compiler.compile(self.source_expressions[0])
        return template.format(sql), [*params, self.low, *params, self.high]


class Begins(Within):
    """Whether a text in byte order begins with ``text``."""

    def __init__(self, expression: ByteOrder, text: str) -> None:
        """Take the indexed expression and the text."""
        super().__init__(expression, text, text + LAST)
