"""The audit trail only grows: changing or deleting an entry is refused, whoever asks."""

from django.db import migrations

from common.migrations_sql import VendorSQL

TABLE = "accounts_auditentry"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        VendorSQL(
            sqlite=[
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON {TABLE} "
                "BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
                for verb in ("UPDATE", "DELETE")
            ],
            sqlite_reverse=["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"],
            postgresql=[
                "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'audit_append_only'; END $$",
                f"CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
                "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
            ],
            postgresql_reverse=[
                f"DROP TRIGGER audit_append_only ON {TABLE}",
                "DROP FUNCTION audit_append_only()",
            ],
        ),
    ]
