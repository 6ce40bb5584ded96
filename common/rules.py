"""How a broken rule reaches the person who broke it, and how a domain event is run."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RuleBroken(ValidationError):  # noqa: N818 (it names an answer, not a fault)
    """A rule of the programme refuses what was asked; the message says why and how to put it right.

    ``field`` names the form field the message belongs to; without it the message is about the whole form.
    """

    def __init__(self, message: str | Promise, *, field: str | None = None, code: str = "rule") -> None:
        """Say what is wrong and how to put it right, at ``field`` if the form has it."""
        super().__init__(message, code=code)  # type: ignore[arg-type]  # the stubs know lazy strings as _StrPromise
        self.field = field


class SavedMeanwhile(RuleBroken):
    """Somebody else changed the same record after the person opened the form."""

    def __init__(self) -> None:
        """Say that what was typed is kept, and what to do with it."""
        super().__init__(
            _(
                "Someone else saved this record after you opened it. Your entries are kept below: "
                "compare them with the current record and save again."
            ),
            code="stale",
        )


@contextmanager
def constraint_named(name: str, broken: RuleBroken) -> Iterator[None]:
    """Turn the violation of the database constraint or trigger ``name`` into ``broken``.

    The check in the code gives the better message; this is for the race that it lost.
    """
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, DatabaseError) as error:
        if name in str(error):
            raise broken from error
        raise


def is_lock_conflict(error: DatabaseError) -> bool:
    """Whether PostgreSQL or SQLite gave up waiting for a lock that another transaction holds."""
    text = str(error).lower()
    return any(
        phrase in text for phrase in ("lock timeout", "deadlock detected", "database is locked", "could not serialize")
    )
