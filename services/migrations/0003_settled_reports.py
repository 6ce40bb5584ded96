"""A read report changes by reopening only, and no report changes once its year has been scored.

Who contributed to a month stays on record, and does not read it.
"""

from django.db import migrations

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

TABLE, CONTRIBUTORS = "services_monthlyreport", "services_reportcontributor"
MOVED = "NEW.team_id <> OLD.team_id OR NEW.month <> OLD.month OR NEW.township_id <> OLD.township_id"
NOT_REOPENED = f"NEW.state <> 'returned' OR NEW.remark = '' OR {MOVED}"
FROZEN = "EXISTS (SELECT 1 FROM services_recognitionround n WHERE n.state <> 'voting' AND n.year = {year})"
SQLITE_YEAR = "CAST(substr({row}.month, 1, 4) AS integer)"
SQLITE_FROZEN = FROZEN.format(year=SQLITE_YEAR.format(row="OLD"))
READER_CONTRIBUTED = f"""NEW.state = 'read' AND EXISTS (
    SELECT 1 FROM {CONTRIBUTORS} c WHERE c.report_id = NEW.id AND c.user_id = NEW.reviewed_by_id
)"""  # noqa: S608
SQLITE_TRIGGERS = {
    "report_no_delete": f"BEFORE DELETE ON {TABLE} WHEN OLD.state = 'read' BEGIN SELECT RAISE(ABORT, 'report_is_read'); END",
    "report_no_update": f"BEFORE UPDATE ON {TABLE} WHEN OLD.state = 'read' AND ({NOT_REOPENED}) "
    "BEGIN SELECT RAISE(ABORT, 'report_is_read'); END",
    "report_year_no_delete": f"BEFORE DELETE ON {TABLE} WHEN {SQLITE_FROZEN} "
    "BEGIN SELECT RAISE(ABORT, 'report_year_is_frozen'); END",
    "report_year_no_update": f"BEFORE UPDATE ON {TABLE} WHEN {SQLITE_FROZEN} "
    "BEGIN SELECT RAISE(ABORT, 'report_year_is_frozen'); END",
    "report_reader_contributed": f"BEFORE UPDATE ON {TABLE} WHEN {READER_CONTRIBUTED} "
    "BEGIN SELECT RAISE(ABORT, 'report_reader_contributed'); END",
    "contributor_no_update": f"BEFORE UPDATE ON {CONTRIBUTORS} "
    "BEGIN SELECT RAISE(ABORT, 'contributor_append_only'); END",
    "contributor_no_delete": f"BEFORE DELETE ON {CONTRIBUTORS} "
    "BEGIN SELECT RAISE(ABORT, 'contributor_append_only'); END",
    **refuse_replacing(
        TABLE,
        [["id"], ["team_id", "month"]],
        f"{{row}}.state = 'read' OR {FROZEN.format(year=SQLITE_YEAR)}",
        "report_is_read",
    ),
    # Noting somebody twice is ignored; only a key that is given could push another row aside.
    **refuse_replacing(CONTRIBUTORS, [["id"]], "true", "contributor_append_only"),
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
                    IF {READER_CONTRIBUTED} THEN
                        RAISE EXCEPTION 'report_reader_contributed';
                    END IF;
                    RETURN NEW;
                END $$
                """,
                f"CREATE TRIGGER services_settled_report BEFORE UPDATE OR DELETE ON {TABLE} "
                "FOR EACH ROW EXECUTE FUNCTION services_settled_report()",
                "CREATE FUNCTION contributor_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'contributor_append_only'; END $$",
                f"CREATE TRIGGER contributor_append_only BEFORE UPDATE OR DELETE ON {CONTRIBUTORS} "
                "FOR EACH ROW EXECUTE FUNCTION contributor_append_only()",
                *refuse_truncating(TABLE, CONTRIBUTORS),
            ],
            postgresql_reverse=[
                *allow_truncating(TABLE, CONTRIBUTORS),
                f"DROP TRIGGER contributor_append_only ON {CONTRIBUTORS}",
                "DROP FUNCTION contributor_append_only()",
                f"DROP TRIGGER services_settled_report ON {TABLE}",
                "DROP FUNCTION services_settled_report()",
            ],
        ),
    ]
