"""Logs learn which of them say the same, those of read months too: their triggers rest while the keys are written."""

import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from common.migrations_sql import VendorSQL

before = import_module("services.migrations.0012_corrections_pass")
LOGS, UPDATES = before.LOGS, f"{before.LOGS}_{before.RULE}_update"
# As in services.similar when this was written.
TEXT_LEAST = 30
BATCH = 5_000


def text_key(text: str) -> int | None:
    """Return what equals for two texts that say the same; None for one too short to be compared."""
    kept = "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())
    if len(kept) < TEXT_LEAST:
        return None
    return int.from_bytes(hashlib.blake2b(kept.encode(), digest_size=8).digest(), "big", signed=True)


def update_trigger() -> str:
    """Return the trigger of 0012 on updated logs, which now keeps the new columns too; on PostgreSQL it does anyway."""
    kept = (*before.KEPT[LOGS], "changed_at", "text_key")
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in kept)
    passes = before.stops(LOGS, same).format(old="OLD", new="NEW")
    new, old = (before.OF_READ_MONTH[LOGS].format(row=row) for row in ("NEW", "OLD"))
    refuse = f"BEGIN SELECT RAISE(ABORT, '{before.RULE}'); END"
    return f"BEFORE UPDATE ON {LOGS} WHEN ({old} OR {new}) AND NOT {passes} {refuse}"


@contextmanager
def resting_triggers(schema_editor: BaseDatabaseSchemaEditor) -> Iterator[None]:
    """Let the triggers of the logs rest: what a read month says stays as it is, a key is added to it."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE {LOGS} DISABLE TRIGGER USER")
        yield
        schema_editor.execute(f"ALTER TABLE {LOGS} ENABLE TRIGGER USER")
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [LOGS])
        triggers = cursor.fetchall()
    for name, _sql in triggers:
        schema_editor.execute(f'DROP TRIGGER "{name}"')
    yield
    for _name, sql in triggers:
        schema_editor.execute(sql, params=None)


def write_keys(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write the key of every log whose text is long enough."""
    if schema_editor.collect_sql:
        return
    log_model = apps.get_model("services", "ServiceLog")
    logs = log_model._base_manager.order_by("pk")
    last = 0
    with resting_triggers(schema_editor), schema_editor.connection.cursor() as cursor:
        while True:
            batch = list(logs.filter(pk__gt=last).values_list("pk", "content")[:BATCH])
            if not batch:
                break
            last = batch[-1][0]
            keys = [(key, pk) for pk, text in batch if (key := text_key(text)) is not None]
            cursor.executemany(f"UPDATE {LOGS} SET text_key = %s WHERE id = %s", keys)  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("grids", "0002_memberships_never_overlap"),
        ("services", "0013_visit_plans"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="servicelog",
            name="changed_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When what it says was last changed, if it was.",
                null=True,
                verbose_name="changed",
            ),
        ),
        migrations.AddField(
            model_name="servicelog",
            name="text_key",
            field=models.BigIntegerField(
                editable=False,
                help_text="The same for logs whose content says the same (services.similar).",
                null=True,
            ),
        ),
        migrations.RunPython(write_keys, migrations.RunPython.noop),
        VendorSQL(
            sqlite=[f"DROP TRIGGER {UPDATES}", f"CREATE TRIGGER {UPDATES} {update_trigger()}"],
            sqlite_reverse=[f"DROP TRIGGER {UPDATES}", f"CREATE TRIGGER {UPDATES} {before.SQLITE[UPDATES]}"],
        ),
        migrations.AddIndex(
            model_name="servicelog",
            index=models.Index(
                condition=models.Q(("text_key__isnull", False)),
                fields=["text_key", "-date", "-id"],
                name="log_by_text",
            ),
        ),
    ]
