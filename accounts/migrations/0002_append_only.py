"""The audit trail only grows: changing or deleting an entry is refused, whoever asks."""

from django.db import migrations

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

TABLE = "accounts_auditentry"
SQLITE = {
    f"audit_no_{verb.lower()}": f"BEFORE {verb} ON {TABLE} BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
    for verb in ("UPDATE", "DELETE")
}
SQLITE |= refuse_replacing(TABLE, [["id"]], "true", "audit_append_only")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'audit_append_only'; END $$",
                f"CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
                "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
                # For this table and those of the apps above whose rows are settled at some time.
                "CREATE FUNCTION rows_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'rows_are_kept'; END $$",
                *refuse_truncating(TABLE),
            ],
            postgresql_reverse=[
                *allow_truncating(TABLE),
                "DROP FUNCTION rows_are_kept()",
                f"DROP TRIGGER audit_append_only ON {TABLE}",
                "DROP FUNCTION audit_append_only()",
            ],
        ),
    ]
