"""Volunteers are found by indexes: of their own names, pinyin and phones, and of the units and specialities there are.

The database keeps the latter itself, whoever writes a volunteer and how; no row of it is ever changed, and two people
who write one unit at the same moment wait for nobody: then it stands there twice.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from common.begins import AfterBlank, ByteOrder, Ending, From
from common.migrations_sql import VendorSQL

VOLUNTEERS, TEXTS, ENTRIES = "volunteers_volunteer", "volunteers_searchtext", "volunteers_searchentry"
COLUMNS = ("unit", "speciality")
# ``.format(kind=…, text=…)``
KNOWN = f"EXISTS (SELECT 1 FROM {TEXTS} t WHERE t.kind = {{kind}} AND t.text = {{text}})"  # noqa: S608
WRITTEN = " UNION ".join(f"SELECT '{column}' AS kind, {column} AS text FROM written" for column in COLUMNS)  # noqa: S608
# As many numbers as the longest text has characters.
DIGITS = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"
HUNDRED = f"(SELECT a.column1 * 10 + b.column1 + 1 AS n FROM {DIGITS} a, {DIGITS} b)"  # noqa: S608
LEARN = " ".join(
    f"INSERT INTO {TEXTS} (kind, text) SELECT '{column}', NEW.{column} WHERE NEW.{column} <> ''"  # noqa: S608
    " AND NOT " + KNOWN.format(kind=f"'{column}'", text=f"NEW.{column}") + ";"
    for column in COLUMNS
)
SQLITE = {
    "volunteer_texts_insert": f"AFTER INSERT ON {VOLUNTEERS} BEGIN {LEARN} END",
    "volunteer_texts_update": f"AFTER UPDATE OF {', '.join(COLUMNS)} ON {VOLUNTEERS} BEGIN {LEARN} END",
    "search_entries_insert": f"AFTER INSERT ON {TEXTS} BEGIN"  # noqa: S608
    f" INSERT INTO {ENTRIES} (text_id, entry) SELECT NEW.id, lower(substr(NEW.text, n))"
    f" FROM {HUNDRED} WHERE n <= length(NEW.text); END",
}
# lower() of the collation C and of SQLite know the letters of ASCII alone.
FUNCTIONS = {
    "volunteer_texts": f"""
        INSERT INTO {TEXTS} (kind, text)
        SELECT kind, text FROM (
            {WRITTEN}
        ) AS w WHERE text <> '' AND NOT {KNOWN.format(kind="w.kind", text="w.text")};
    """,  # noqa: S608
    "search_entries": f"""
        INSERT INTO {ENTRIES} (text_id, entry)
        SELECT w.id, lower(substr(w.text, n) COLLATE "C") FROM written w, generate_series(1, length(w.text)) n;
    """,  # noqa: S608
}
TRIGGERS = {
    "volunteer_texts_insert": (f"INSERT ON {VOLUNTEERS}", "volunteer_texts"),
    "volunteer_texts_update": (f"UPDATE ON {VOLUNTEERS}", "volunteer_texts"),
    "search_entries_insert": (f"INSERT ON {TEXTS}", "search_entries"),
}
FILL = [
    f"INSERT INTO {TEXTS} (kind, text)"  # noqa: S608
    f" SELECT DISTINCT '{column}', {column} FROM {VOLUNTEERS} WHERE {column} <> ''"
    for column in COLUMNS
]


def index(name, *expressions, **options):
    """Return the operation for an index that gives the order of the list and the township too."""
    order = (F("name_pinyin"), F("id"), F("township"))
    leading, included = expressions[:1], map(F, expressions[1:])
    return migrations.AddIndex(
        model_name="volunteer", index=models.Index(*leading, *order, *included, name=name, **options)
    )


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0011_training")]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("unit", "Unit"), ("speciality", "Speciality")], max_length=10)),
                ("text", models.CharField(max_length=100)),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "text"], name="searchtext_once")],
                "constraints": [
                    models.CheckConstraint(condition=Q(("kind__length__lte", 10)), name="searchtext_kind_length"),
                    models.CheckConstraint(condition=Q(("text__length__lte", 100)), name="searchtext_text_length"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.CharField(max_length=100)),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="volunteers.searchtext",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(ByteOrder("entry"), F("text"), name="searchentry_begins")],
                "constraints": [
                    models.CheckConstraint(condition=Q(("entry__length__lte", 100)), name="searchentry_entry_length"),
                ],
            },
        ),
        index("volunteer_name_begins", ByteOrder("name"), "name"),
        index("volunteer_name_second", From("name", 2), "name"),
        index("volunteer_name_third", From("name", 3), "name", condition=Q(("name__length__gt", 3))),
        migrations.AddIndex(
            model_name="volunteer",
            index=models.Index(
                F("name_pinyin"),
                F("id"),
                F("township"),
                F("name"),
                name="volunteer_name_long",
                condition=Q(("name__length__gt", 4)),
            ),
        ),
        index("volunteer_initials", ByteOrder("name_initials"), "name_initials"),
        index("volunteer_given_pinyin", AfterBlank("name_pinyin")),
        index("volunteer_phone_tail", Ending("phone", 4), "phone"),
        migrations.AddIndex(model_name="volunteer", index=models.Index(fields=["unit"], name="volunteer_unit")),
        migrations.AddIndex(
            model_name="volunteer", index=models.Index(fields=["speciality"], name="volunteer_speciality")
        ),
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()] + FILL,
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                *[
                    f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
                    for name, body in FUNCTIONS.items()
                ],
                *[
                    f"CREATE TRIGGER {name} AFTER {event} REFERENCING NEW TABLE AS written"
                    f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
                    for name, (event, function) in TRIGGERS.items()
                ],
                *FILL,
            ],
            postgresql_reverse=[
                *[f"DROP TRIGGER {name} ON {event.split()[-1]}" for name, (event, _) in TRIGGERS.items()],
                *[f"DROP FUNCTION {name}()" for name in FUNCTIONS],
            ],
        ),
    ]
