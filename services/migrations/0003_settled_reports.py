"""A read report changes by reopening only, and no report changes once its year has been scored."""

from django.db import migrations

from common.migrations_sql import VendorSQL

TABLE = "services_monthlyreport"
MOVED = "NEW.team_id <> OLD.team_id OR NEW.month <> OLD.month OR NEW.township_id <> OLD.township_id"
NOT_REOPENED = f"NEW.state <> 'returned' OR NEW.remark = '' OR {MOVED}"
FROZEN = "EXISTS (SELECT 1 FROM services_recognitionround n WHERE n.state <> 'voting' AND n.year = {year})"
SQLITE_FROZEN = FROZEN.format(year="CAST(substr(OLD.month, 1, 4) AS integer)")
SQLITE_TRIGGERS = {
    "report_no_delete": f"BEFORE DELETE ON {TABLE} WHEN OLD.state = 'read' BEGIN SELECT RAISE(ABORT, 'report_is_read'); END",
    "report_no_update": f"BEFORE UPDATE ON {TABLE} WHEN OLD.state = 'read' AND ({NOT_REOPENED}) "
    "BEGIN SELECT RAISE(ABORT, 'report_is_read'); END",
    "report_year_no_delete": f"BEFORE DELETE ON {TABLE} WHEN {SQLITE_FROZEN} "
    "BEGIN SELECT RAISE(ABORT, 'report_year_is_frozen'); END",
    "report_year_no_update": f"BEFORE UPDATE ON {TABLE} WHEN {SQLITE_FROZEN} "
    "BEGIN SELECT RAISE(ABORT, 'report_year_is_frozen'); END",
}


class Migration(migrations.Migration):
    dependencies = [("services", "0002_participations_never_overlap")]

    operations = [
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE_TRIGGERS.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE_TRIGGERS],
            postgresql=[
                f"""
                CREATE FUNCTION services_settled_report() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF {FROZEN.format(year="EXTRACT(YEAR FROM OLD.month)")} THEN
                        RAISE EXCEPTION 'report_year_is_frozen';
                    END IF;
                    IF OLD.state = 'read' THEN
                        IF TG_OP = 'DELETE' THEN
                            RAISE EXCEPTION 'report_is_read';
                        ELSIF {NOT_REOPENED} THEN
                            RAISE EXCEPTION 'report_is_read';
                        END IF;
                    END IF;
                    IF TG_OP = 'DELETE' THEN
                        RETURN OLD;
                    END IF;
                    RETURN NEW;
                END $$
                """,
                f"CREATE TRIGGER services_settled_report BEFORE UPDATE OR DELETE ON {TABLE} "
                "FOR EACH ROW EXECUTE FUNCTION services_settled_report()",
            ],
            postgresql_reverse=[
                f"DROP TRIGGER services_settled_report ON {TABLE}",
                "DROP FUNCTION services_settled_report()",
            ],
        ),
    ]
