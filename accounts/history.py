"""Audit entries as people read them: fields by their names, values as the pages show them."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import AuditEntry

Names = dict[tuple[type[models.Model], int], str]


@dataclass(frozen=True)
class Change:
    """One field of one entry, before and after."""

    field: str
    before: str
    after: str


def readable_changes(entries: Iterable[AuditEntry]) -> dict[int, list[Change]]:
    """Return the changes of each entry by its primary key, with one query per kind of record they refer to."""
    entries = list(entries)
    names = _names_referred_to(entries)
    return {entry.pk: [*_changes_of(entry, names)] for entry in entries}


def entries_of(record: models.Model, events: Iterable[str] = ()) -> models.QuerySet[AuditEntry]:
    """Return what the trail tells of ``record``, the first first, narrowed to ``events`` where there are any."""
    entries = AuditEntry.objects.filter(content_type=ContentType.objects.get_for_model(record), object_id=record.pk)
    if events:
        entries = entries.filter(event__in=list(events))
    return entries.select_related("actor").order_by("id")


def kind_of(entry: AuditEntry) -> type[models.Model] | None:
    """Return the model of the entry's record, or None when a later release has done away with it."""
    return ContentType.objects.get_for_id(entry.content_type_id).model_class()


def _changes_of(entry: AuditEntry, names: Names) -> Iterable[Change]:
    for name, change in _in_order(entry):
        field = _field(entry, name)
        if isinstance(field, ForeignObjectRel):
            continue  # what points here has entries of its own
        # What is no column, as the participants of a log, is named by the catalogue.
        label = capfirst(str(getattr(field, "verbose_name", "") or _(name)))
        if isinstance(change, dict):  # a many-to-many field: what was added or taken away
            objects = "、".join(change["objects"])
            yield Change(label, *(("", objects) if change["operation"] == "add" else (objects, "")))
            continue
        before, after = (_text(field, value, names) for value in change)
        if (before or after) and name != "id":
            yield Change(label, before, after)


def _in_order(entry: AuditEntry) -> list[tuple[str, Any]]:
    """Return the entry's changes in the order of the model's fields, what the model no longer has at the end."""
    model = kind_of(entry)
    order = [field.name for field in (*model._meta.fields, *model._meta.many_to_many)] if model else []
    place = {name: number for number, name in enumerate(order)}
    return sorted((entry.changes or {}).items(), key=lambda change: place.get(change[0], len(place)))


def _field(entry: AuditEntry, name: str) -> Any:
    model = kind_of(entry)
    try:
        return model._meta.get_field(name) if model else None
    except FieldDoesNotExist:
        return None


def _text(field: Any, value: Any, names: Names) -> str:
    if value in (None, "", "None"):
        return ""
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model, _pk(value)), str(value))
    if isinstance(field, models.BooleanField):
        return _("Yes") if str(value) == "True" else _("No")
    if isinstance(field, models.DateTimeField):
        return _local(str(value))
    if isinstance(value, list | dict):  # a JSON field has no choices, and these cannot be looked up among any
        return json.dumps(value, ensure_ascii=False)
    return str(dict(getattr(field, "flatchoices", ())).get(value, value))


def _local(moment: str) -> str:
    """Turn the stored UTC time into ours."""
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    return f"{timezone.localtime(aware):%Y-%m-%d %H:%M}"


def _pk(value: Any) -> int:
    """Return a stored key as a number, 0 (nobody's) when it is none."""
    return int(value) if str(value).isdecimal() else 0


def _names_referred_to(entries: Iterable[AuditEntry]) -> Names:
    wanted: dict[type[models.Model], set[int]] = defaultdict(set)
    for entry in entries:
        for name, change in (entry.changes or {}).items():
            field = _field(entry, name)
            if isinstance(field, models.ForeignKey) and not isinstance(change, dict):
                wanted[field.related_model] |= {_pk(value) for value in change} - {0}
    return {
        (model, record.pk): str(record)
        for model, pks in wanted.items()
        if pks
        for record in model._base_manager.select_related().filter(pk__in=pks)
    }
