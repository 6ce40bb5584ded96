"""How the audit trail learns who did it, by which event, and from where.

``auditlog`` writes an entry for every saved or deleted record by signal; what is written in bulk is recorded with
``record``. Both happen inside the transaction of the change.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from json.encoder import encode_basestring
from typing import Any, ParamSpec, TypeVar

from auditlog.diff import get_fields_in_model
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, models, transaction
from django.db.models.signals import pre_save

from accounts.models import AuditEntry, User
from areas.refusals import refusal_of_ended
from common import copying

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Cause:
    """What the entries written now are put down to."""

    by: User | None = None
    event: str = ""
    address: str | None = None


_cause: ContextVar[Cause] = ContextVar("audit_cause", default=Cause())  # noqa: B039 (frozen)


@contextmanager
def caused_by(**known: Any) -> Iterator[None]:
    """Put the entries written inside down to ``by``, ``event`` and ``address``, keeping what is already known."""
    token = _cause.set(replace(_cause.get(), **known))
    try:
        yield
    finally:
        _cause.reset(token)


def event(function: Callable[P, T]) -> Callable[P, T]:
    """Make a function that says who did it (``by=``) one event: one transaction, its entries carrying its name.

    An event inside an event keeps the outer name: replacing a member is one event, not a departure and an arrival.
    """

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        name = _cause.get().event or function.__name__
        try:
            with transaction.atomic(), caused_by(by=kwargs.get("by"), event=name):
                return function(*args, **kwargs)
        except DatabaseError as error:
            ended = refusal_of_ended(error)
            if ended is None:
                raise
            raise ended from error

    return run


def record(records: Iterable[models.Model], action: int, changes: Mapping[str, Any] | None = None) -> None:
    """Write the entries for records that were written in bulk, past the signals, in one statement.

    ``changes`` maps a field to (before, after) and holds for each; without it a creation lists every field's value,
    leaving out and masking what the model's registration says.
    """
    cause, records = _cause.get(), list(records)
    # Not ``type``: the user of a request is wrapped until somebody asks for it.
    kinds = ContentType.objects.get_for_models(*{record.__class__ for record in records})
    AuditEntry.objects.bulk_create(
        AuditEntry(
            content_type=kinds[record.__class__],
            object_pk=str(record.pk),
            object_id=record.pk,
            object_repr=str(record)[:200],
            action=action,
            changes=dict(changes) if changes is not None else _values(record),
            actor=cause.by,
            event=cause.event,
            remote_addr=cause.address,
        )
        for record in records
    )


def record_rows(
    model: type[models.Model], action: int, rows: Iterable[tuple[int, str, Mapping[str, tuple[Any, Any]]]]
) -> None:
    """Write the entries for rows that no instances were made of: key, how it is called, and field → (before, after).

    As with ``record`` what is to be masked is masked, and what is left out stays out; fields without a value need not
    be named.
    """
    cause = _cause.get()
    constants = (
        ContentType.objects.get_for_model(model).pk,
        action,
        cause.by.pk if cause.by else None,
        cause.event,
        cause.address,
    )
    names = ("content_type_id", "action", "actor_id", "event", "remote_addr")
    written = _Written(model)
    copying.insert(
        AuditEntry,
        (*names, "object_id", "object_pk", "object_repr", "changes"),
        ((*constants, pk, str(pk), called[:200], written.json(changes)) for pk, called, changes in rows),
    )


class _Written(dict[tuple[str, Any, Any], str]):
    """Changes as JSON; of many rows most say the same of a field, so each is written once."""

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__()
        kept = auditlog.get_model_fields(model)
        self.hidden, self.out = set(kept["mask_fields"]), set(kept["exclude_fields"])

    def __missing__(self, change: tuple[str, Any, Any]) -> str:
        name, *values = change
        before, after = ("null" if value is None else self._text(name, str(value)) for value in values)
        if len(self) > 50_000:
            self.clear()
        found = self[change] = "" if name in self.out else f'"{name}": [{before}, {after}]'
        return found

    def _text(self, name: str, text: str) -> str:
        return encode_basestring(masked(text) if name in self.hidden else text)

    def json(self, changes: Mapping[str, tuple[Any, Any]]) -> str:
        said = [self[name, before, after] for name, (before, after) in changes.items()]
        return "{" + ", ".join([each for each in said if each]) + "}"


def masked(value: str) -> str:
    """Stand in for a personal or secret value (``mask_fields``): the trail says that it changed, not to what.

    A day, of birth, keeps its year. The library hands the absence of a value over as the word "None".
    """
    if DAY.fullmatch(value):
        return f"{value[:4]}-**-**"
    return "****" if value not in ("", "None") else ""


def _values(record: models.Model) -> dict[str, tuple[None, str]]:
    kept = auditlog.get_model_fields(record.__class__)
    return {
        field.name: (None, masked(value) if field.name in kept["mask_fields"] else value)
        for field in get_fields_in_model(record)
        if field.concrete and field.name not in kept["exclude_fields"]
        for value in (str(getattr(record, field.attname)),)
    }


def _put_down(sender: type[AuditEntry], instance: AuditEntry, **_: Any) -> None:
    cause = _cause.get()
    instance.actor = instance.actor or cause.by
    instance.event = instance.event or cause.event
    instance.remote_addr = instance.remote_addr or cause.address


def connect() -> None:
    """Complete each entry that ``auditlog`` writes with its cause."""
    pre_save.connect(_put_down, sender=AuditEntry, dispatch_uid="audit_cause")
