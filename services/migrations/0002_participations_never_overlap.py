"""Nobody is in two places at once; touching is fine: one service may begin when the other ends."""

from django.db import migrations

from common.migrations_sql import VendorSQL

TABLE = "services_participation"
RULE = "participations_never_overlap"
# No service is longer than 16 hours, so that only the last 16 hours before can reach into this one: a short range of
# the index, however many services the volunteer has.
OVERLAPS = f"""NOT NEW.is_withdrawn AND EXISTS (
    SELECT 1 FROM {TABLE} p
    WHERE p.volunteer_id = NEW.volunteer_id AND NOT p.is_withdrawn AND p.id IS NOT NEW.id
        AND p.starts_at < NEW.ends_at AND p.starts_at > datetime(NEW.starts_at, '-16 hours')
        AND p.ends_at > NEW.starts_at
)"""  # noqa: S608
REFUSE = f"BEGIN SELECT RAISE(ABORT, '{RULE}'); END"


class Migration(migrations.Migration):
    dependencies = [("services", "0001_initial"), ("grids", "0002_memberships_never_overlap")]

    operations = [
        VendorSQL(
            sqlite=[
                f"CREATE INDEX participation_times ON {TABLE} (volunteer_id, starts_at, ends_at)"
                " WHERE NOT is_withdrawn",
                f"CREATE TRIGGER {RULE}_insert BEFORE INSERT ON {TABLE} WHEN {OVERLAPS} {REFUSE}",
                f"CREATE TRIGGER {RULE}_update BEFORE UPDATE OF volunteer_id, starts_at, ends_at, is_withdrawn"
                f" ON {TABLE} WHEN {OVERLAPS} {REFUSE}",
            ],
            sqlite_reverse=[
                f"DROP TRIGGER {RULE}_update",
                f"DROP TRIGGER {RULE}_insert",
                "DROP INDEX participation_times",
            ],
            # btree_gist is there: memberships need it too.
            postgresql=[
                f"ALTER TABLE {TABLE} ADD CONSTRAINT {RULE} EXCLUDE USING gist"
                " (volunteer_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&) WHERE (NOT is_withdrawn)",
            ],
            postgresql_reverse=[f"ALTER TABLE {TABLE} DROP CONSTRAINT {RULE}"],
        ),
    ]
