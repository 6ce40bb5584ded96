"""The memberships of one person never overlap, in the past neither: from ``joined_on`` to before ``left_on``.

A membership of no length (joined and left on one day) overlaps with nothing.
"""

from django.db import migrations

from common.migrations_sql import VendorSQL

OVERLAP = """
    (NEW.left_on IS NULL OR NEW.left_on > NEW.joined_on) AND EXISTS (
        SELECT 1 FROM grids_membership m
        WHERE m.volunteer_id = NEW.volunteer_id AND m.id <> NEW.id
            AND (m.left_on IS NULL OR m.left_on > m.joined_on)
            AND (m.left_on IS NULL OR m.left_on > NEW.joined_on)
            AND (NEW.left_on IS NULL OR NEW.left_on > m.joined_on)
    )
"""


def sqlite_trigger(event: str) -> str:
    """Return the trigger that looks at every membership after ``event``: only then a new one has its id."""
    return (
        f"CREATE TRIGGER membership_no_overlap_{event.lower()} AFTER {event} ON grids_membership WHEN {OVERLAP}"
        " BEGIN SELECT RAISE(ABORT, 'membership_no_overlap'); END"
    )


class Migration(migrations.Migration):
    dependencies = [("grids", "0001_initial")]

    operations = [
        VendorSQL(
            sqlite=[sqlite_trigger("INSERT"), sqlite_trigger("UPDATE")],
            sqlite_reverse=[
                "DROP TRIGGER membership_no_overlap_insert",
                "DROP TRIGGER membership_no_overlap_update",
            ],
            postgresql=[
                "CREATE EXTENSION IF NOT EXISTS btree_gist",
                "ALTER TABLE grids_membership ADD CONSTRAINT membership_no_overlap EXCLUDE USING gist"
                " (volunteer_id WITH =, daterange(joined_on, left_on, '[)') WITH &&)",
            ],
            # The extension stays: other tables use it, and whoever migrates back need not own it.
            postgresql_reverse=["ALTER TABLE grids_membership DROP CONSTRAINT membership_no_overlap"],
        ),
    ]
