"""What residents asked for stood in the audit trail in full: it is masked there, once, past the trail's triggers.

Masking is not undone: the words are gone.
"""

from importlib import import_module

from django.db import migrations, models

from common.migrations_sql import VendorSQL

TRAIL = "accounts_auditentry"
TRIGGERS = import_module("accounts.migrations.0002_append_only").SQLITE
# The fields of a request that were not masked, and the sides of a change.
PLACES = [(name, side) for name in ("content", "outcome") for side in (0, 1)]
OF_REQUESTS = (
    "content_type_id IN (SELECT id FROM django_content_type WHERE app_label = 'services' AND model = 'helprequest')"
)
# A request was called by its day and the beginning of what was asked; now it is by day and number.
CALLED = "object_repr = substr(object_repr, 1, 10) || ' #' || object_pk"


def _sqlite(name: str, side: int) -> str:
    path = f"'$.{name}[{side}]'"
    value = f"json_extract(changes, {path})"
    return f"{path}, CASE WHEN {value} IS NULL OR {value} IN ('', 'None') THEN {value} ELSE '****' END"


def _postgresql(name: str) -> str:
    sides = [f"changes -> '{name}' -> {side}" for side in (0, 1)]
    masked = [
        f"CASE WHEN {value} IN ('null'::jsonb, '\"\"'::jsonb, '\"None\"'::jsonb) THEN {value} ELSE '\"****\"'::jsonb END"
        for value in sides
    ]
    return (
        f"CASE WHEN jsonb_typeof(changes -> '{name}') = 'array'"
        f" THEN jsonb_build_object('{name}', jsonb_build_array({', '.join(masked)})) ELSE '{{}}'::jsonb END"
    )


MASK = {
    "sqlite": f"UPDATE {TRAIL} SET {CALLED}, changes = json_replace(changes, "  # noqa: S608
    f"{', '.join(_sqlite(*place) for place in PLACES)}) WHERE {OF_REQUESTS}",
    "postgresql": f"UPDATE {TRAIL} SET {CALLED}, changes = changes || {_postgresql('content')}"  # noqa: S608
    f" || {_postgresql('outcome')} WHERE {OF_REQUESTS}",
}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_email_and_reminders"),
        ("services", "0029_custody"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("anonymised_at__isnull", True), ("closed_at__isnull", False)),
                fields=["closed_at", "id"],
                name="request_still_personal",
            ),
        ),
        VendorSQL(
            sqlite=[
                *(f"DROP TRIGGER {name}" for name in TRIGGERS),
                MASK["sqlite"],
                *(f"CREATE TRIGGER {name} {body}" for name, body in TRIGGERS.items()),
            ],
            postgresql=[
                f"ALTER TABLE {TRAIL} DISABLE TRIGGER audit_append_only",
                MASK["postgresql"],
                f"ALTER TABLE {TRAIL} ENABLE TRIGGER audit_append_only",
            ],
        ),
    ]
