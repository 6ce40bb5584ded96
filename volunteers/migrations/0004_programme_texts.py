"""The texts that volunteers accept, and who accepted which version.

What is published stays as it is, and an acceptance is never changed or deleted, only taken back: raw SQL raises too.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

TEXTS, ACCEPTANCES = "volunteers_programmetext", "volunteers_acceptance"
PUBLISHED = "{row}.published_at IS NOT NULL"
# The row that an INSERT OR REPLACE would push out: the same key, or the acceptance that stands.
STANDS = "o.id = NEW.id OR ({row}.withdrawn_at IS NULL AND NEW.withdrawn_at IS NULL)"
SAME = ("volunteer_id", "text_id", "accepted_on", "how", "entered_by_id", "entered_at")


def sqlite_triggers() -> dict[str, str]:
    """Return the triggers by name, each from its event on."""
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in SAME)
    published = "SELECT RAISE(ABORT, 'text_is_published')"
    kept = "SELECT RAISE(ABORT, 'acceptance_is_kept')"
    return {
        "text_published_update": f"BEFORE UPDATE ON {TEXTS} WHEN OLD.published_at IS NOT NULL BEGIN {published}; END",
        "text_published_delete": f"BEFORE DELETE ON {TEXTS} WHEN OLD.published_at IS NOT NULL BEGIN {published}; END",
        "acceptance_kept_changed": f"BEFORE UPDATE ON {ACCEPTANCES}"
        f" WHEN OLD.withdrawn_at IS NOT NULL OR {changed} BEGIN {kept}; END",
        "acceptance_kept_delete": f"BEFORE DELETE ON {ACCEPTANCES} BEGIN {kept}; END",
        **refuse_replacing(
            TEXTS, [["id"], ["kind", "number"], ["kind", "in_force_from"]], PUBLISHED, "text_is_published"
        ),
        **refuse_replacing(ACCEPTANCES, [["id"], ["volunteer_id", "text_id"]], STANDS, "acceptance_is_kept"),
    }


SQLITE = sqlite_triggers()
CHANGED = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in SAME)
FUNCTIONS = {
    "text_is_published": """
        CREATE FUNCTION text_is_published() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.published_at IS NOT NULL THEN
                RAISE EXCEPTION 'text_is_published';
            END IF;
            RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
        END $$
    """,
    "acceptance_is_kept": f"""
        CREATE FUNCTION acceptance_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'acceptance_is_kept';
            END IF;
            IF OLD.withdrawn_at IS NOT NULL OR {CHANGED} THEN
                RAISE EXCEPTION 'acceptance_is_kept';
            END IF;
            RETURN NEW;
        END $$
    """,
}
TABLES = {"text_is_published": TEXTS, "acceptance_is_kept": ACCEPTANCES}


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_append_only"),
        ("volunteers", "0003_joining"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProgrammeText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False, verbose_name="version")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("conditions", "Conditions for joining"),
                            ("standards", "Service standards"),
                            ("conduct", "Code of conduct"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="version number")),
                ("title", models.CharField(max_length=60, verbose_name="title (Chinese)")),
                ("title_en", models.CharField(blank=True, max_length=80, verbose_name="title (English)")),
                ("body", models.TextField(max_length=20000, verbose_name="text")),
                ("changes", models.CharField(blank=True, max_length=500, verbose_name="what changed")),
                ("in_force_from", models.DateField(blank=True, null=True, verbose_name="in force from")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="published by",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "number"), name="text_version_once"),
                    models.UniqueConstraint(fields=("kind", "in_force_from"), name="text_begins_alone"),
                    models.UniqueConstraint(
                        condition=models.Q(("published_at__isnull", True)), fields=("kind",), name="text_one_draft"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["conditions", "standards", "conduct"])), name="text_kind_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="text_numbered_from_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("title", ""), _negated=True), models.Q(("body", ""), _negated=True)
                        ),
                        name="text_has_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("in_force_from__isnull", True),
                                ("published_at__isnull", True),
                                ("published_by__isnull", True),
                            ),
                            models.Q(
                                ("in_force_from__isnull", False),
                                ("published_at__isnull", False),
                                ("published_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="text_published_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_at__isnull", True),
                            ("number", 1),
                            models.Q(("changes", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="text_later_says_changes",
                    ),
                    models.CheckConstraint(condition=models.Q(("kind__length__lte", 12)), name="text_kind_length"),
                    models.CheckConstraint(condition=models.Q(("title__length__lte", 60)), name="text_title_length"),
                    models.CheckConstraint(
                        condition=models.Q(("title_en__length__lte", 80)), name="text_title_en_length"
                    ),
                    models.CheckConstraint(condition=models.Q(("body__length__lte", 20000)), name="text_body_length"),
                    models.CheckConstraint(
                        condition=models.Q(("changes__length__lte", 500)), name="text_changes_length"
                    ),
                ],
                "verbose_name": "programme text",
                "verbose_name_plural": "programme texts",
                "ordering": ("kind", "-number"),
            },
        ),
        migrations.CreateModel(
            name="Acceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("accepted_on", models.DateField(verbose_name="accepted on")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("application", "With the application"),
                            ("paper", "On paper"),
                            ("account", "In their account"),
                        ],
                        max_length=12,
                        verbose_name="how",
                    ),
                ),
                ("entered_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="entered")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="taken back")),
                (
                    "entered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "volunteer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken back by",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="volunteers.programmetext",
                        verbose_name="text",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("volunteer", "text"),
                        name="acceptance_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["application", "paper", "account"])),
                        name="acceptance_how_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how", "application"), ("entered_by__isnull", False), _connector="OR"),
                        name="acceptance_entered_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                            models.Q(
                                ("how", "paper"), ("withdrawn_at__isnull", False), ("withdrawn_by__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="acceptance_only_paper_taken_back",
                    ),
                ],
                "verbose_name": "acceptance",
                "verbose_name_plural": "acceptances",
                "ordering": ("-accepted_on", "-id"),
            },
        ),
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                *FUNCTIONS.values(),
                *[
                    f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
                    for name, table in TABLES.items()
                ],
                *refuse_truncating(*TABLES.values()),
            ],
            postgresql_reverse=[
                *allow_truncating(*TABLES.values()),
                *[f"DROP TRIGGER {name} ON {table}" for name, table in TABLES.items()],
                *[f"DROP FUNCTION {name}()" for name in FUNCTIONS],
            ],
        ),
    ]
