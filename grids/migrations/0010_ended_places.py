"""Nothing new is recorded for a township or village that was merged into another one.

The triggers look when a place is entered or changed. On PostgreSQL they wait for a merge that is going on, which holds
the place's row, so that nobody slips in beside it.
"""

from django.db import migrations

from common.migrations_sql import VendorSQL

# Each table that is about what there is today, and its places.
PLACES = (
    ("areas_village", "township"),
    ("areas_channel", "township"),
    ("accounts_user", "township"),
    ("volunteers_volunteer", "township"),
    ("volunteers_volunteer", "village"),
    ("grids_team", "township"),
    ("grids_grid", "village"),
)


def name_of(table, place, event):
    return f"{table}_{place}_goes_on_{event.lower()}"


def sqlite_trigger(table, place, event):
    of = f" OF {place}_id" if event == "UPDATE" else ""
    changed = f" AND NEW.{place}_id <> OLD.{place}_id" if event == "UPDATE" else ""
    return (
        f"CREATE TRIGGER {name_of(table, place, event)} BEFORE {event}{of} ON {table}"  # noqa: S608
        f" WHEN EXISTS (SELECT 1 FROM areas_{place} WHERE id = NEW.{place}_id AND merged_into_id IS NOT NULL){changed}"
        f" BEGIN SELECT RAISE(ABORT, '{place}_has_ended'); END"
    )


def postgresql_function(place):
    return (
        f"CREATE FUNCTION {place}_goes_on() RETURNS trigger AS $$"  # noqa: S608
        f" DECLARE ended bigint;"
        f" BEGIN"
        f" SELECT merged_into_id INTO ended FROM areas_{place} WHERE id = NEW.{place}_id FOR SHARE;"
        f" IF ended IS NOT NULL THEN RAISE EXCEPTION '{place}_has_ended'; END IF;"
        f" RETURN NEW;"
        f" END $$ LANGUAGE plpgsql"
    )


def postgresql_trigger(table, place, event):
    of = f" OF {place}_id" if event == "UPDATE" else ""
    changed = f" WHEN (NEW.{place}_id IS DISTINCT FROM OLD.{place}_id)" if event == "UPDATE" else ""
    return (
        f"CREATE TRIGGER {name_of(table, place, event)} BEFORE {event}{of} ON {table}"
        f" FOR EACH ROW{changed} EXECUTE FUNCTION {place}_goes_on()"
    )


EACH = [(table, place, event) for table, place in PLACES for event in ("INSERT", "UPDATE")]


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0009_contact_cards"),
        ("areas", "0005_places_change"),
        ("accounts", "0003_email_and_reminders"),
        ("volunteers", "0014_former_homes"),
    ]

    operations = [
        VendorSQL(
            sqlite=[sqlite_trigger(*each) for each in EACH],
            sqlite_reverse=[f"DROP TRIGGER {name_of(*each)}" for each in EACH],
            postgresql=[
                *(postgresql_function(place) for place in ("township", "village")),
                *(postgresql_trigger(*each) for each in EACH),
            ],
            postgresql_reverse=[
                *(f"DROP TRIGGER {name_of(*each)} ON {each[0]}" for each in EACH),
                *(f"DROP FUNCTION {place}_goes_on()" for place in ("township", "village")),
            ],
        ),
    ]
