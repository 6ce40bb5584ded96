"""No log of a read month is replaced by its newest unique key either: what it stands in place of (see 0005, 0011)."""

from importlib import import_module

from django.db import migrations

from common.migrations_sql import VendorSQL, refuse_replacing

before = import_module("services.migrations.0005_read_months_immutable")
IS_READ = "EXISTS (SELECT 1 FROM services_monthlyreport r WHERE r.id = {row}.report_id AND r.state = 'read')"
TRIGGERS = refuse_replacing(before.LOGS, [["id"], ["key"], ["corrects_id"]], IS_READ, before.RULE)


class Migration(migrations.Migration):
    dependencies = [("services", "0018_denied_confirmations")]

    operations = [
        VendorSQL(
            sqlite=[
                *[f"DROP TRIGGER {name}" for name in TRIGGERS],
                *[f"CREATE TRIGGER {name} {body}" for name, body in TRIGGERS.items()],
            ],
            sqlite_reverse=[
                *[f"DROP TRIGGER {name}" for name in TRIGGERS],
                *[f"CREATE TRIGGER {name} {before.SQLITE[name]}" for name in TRIGGERS],
            ],
        ),
    ]
