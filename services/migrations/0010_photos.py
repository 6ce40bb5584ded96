"""Photos of the logs. Those of a read month do not change, on any path, as the log itself (0005)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

RULE = "month_is_read"
PHOTOS, LOGS = "services_logphoto", "services_servicelog"


def sqlite_triggers() -> dict[str, str]:
    """Return the triggers by name, each from its event on."""
    is_read = (
        f"EXISTS (SELECT 1 FROM {LOGS} l JOIN services_monthlyreport r ON r.id = l.report_id"  # noqa: S608
        " WHERE l.id = {row}.log_id AND r.state = 'read')"
    )
    triggers = refuse_replacing(PHOTOS, [["id"], ["key"], ["name"], ["log_id", "sha256"]], is_read, RULE)
    for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"])):
        condition = " OR ".join(is_read.format(row=row) for row in rows)
        triggers[f"{PHOTOS}_{RULE}_{event.lower()}"] = (
            f"BEFORE {event} ON {PHOTOS} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
        )
    return triggers


SQLITE = sqlite_triggers()
TOUCHED = {
    "insert": ("INSERT", "NEW"),
    "update_old": ("UPDATE", "OLD"),
    "update_new": ("UPDATE", "NEW"),
    "delete": ("DELETE", "OLD"),
}
FUNCTION = f"""
    CREATE FUNCTION {PHOTOS}_{RULE}() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM touched t JOIN {LOGS} l ON l.id = t.log_id
            JOIN services_monthlyreport r ON r.id = l.report_id WHERE r.state = 'read'
        ) THEN
            RAISE EXCEPTION '{RULE}';
        END IF;
        RETURN NULL;
    END $$
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0009_review_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LogPhoto",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.UUIDField(
                        editable=False,
                        help_text="Made of the form's key and the file: sent twice, it is one photo.",
                        unique=True,
                        verbose_name="submission key",
                    ),
                ),
                ("form_key", models.UUIDField(db_index=True, editable=False, verbose_name="key of its form")),
                (
                    "name",
                    models.CharField(
                        editable=False,
                        help_text="Drawn by chance: nothing that the person's own file was called is kept.",
                        max_length=32,
                        unique=True,
                        verbose_name="name of its files",
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        db_index=True,
                        help_text="SHA-256 of the pixels as kept.",
                        max_length=64,
                        verbose_name="hash of its pixels",
                    ),
                ),
                (
                    "likeness",
                    models.CharField(
                        db_index=True,
                        help_text="Difference hash of 64 bits: nearly always the same for the same photo saved again.",
                        max_length=16,
                        verbose_name="likeness",
                    ),
                ),
                ("width", models.PositiveSmallIntegerField(verbose_name="width")),
                ("height", models.PositiveSmallIntegerField(verbose_name="height")),
                ("bytes", models.PositiveIntegerField(verbose_name="bytes")),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="added")),
                ("removed_at", models.DateTimeField(null=True, verbose_name="taken away")),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "log",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="services.servicelog",
                        verbose_name="service log",
                    ),
                ),
                (
                    "removed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="taken away by",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo",
                "verbose_name_plural": "photos",
                "ordering": ("id",),
                "indexes": [
                    models.Index(condition=models.Q(("log__isnull", True)), fields=["added_at"], name="photo_waiting")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=("log", "sha256"),
                        name="photo_once_per_log",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("height__gte", 1),
                            ("height__lte", 1600),
                            ("width__gte", 1),
                            ("width__lte", 1600),
                            ("bytes__gte", 1),
                        ),
                        name="photo_has_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", True), ("removed_by__isnull", True)),
                            models.Q(("removed_at__isnull", False), ("removed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="photo_removed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("removed_at__isnull", True), ("log__isnull", False), _connector="OR"),
                        name="photo_removed_from_a_log",
                    ),
                    models.CheckConstraint(condition=models.Q(("name__length__lte", 32)), name="photo_name_length"),
                    models.CheckConstraint(condition=models.Q(("sha256__length__lte", 64)), name="photo_sha256_length"),
                    models.CheckConstraint(
                        condition=models.Q(("likeness__length__lte", 16)), name="photo_likeness_length"
                    ),
                ],
            },
        ),
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                FUNCTION,
                *[
                    f"CREATE TRIGGER {PHOTOS}_{RULE}_{name} AFTER {event} ON {PHOTOS}"
                    f" REFERENCING {which} TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION {PHOTOS}_{RULE}()"
                    for name, (event, which) in TOUCHED.items()
                ],
                *refuse_truncating(PHOTOS),
            ],
            postgresql_reverse=[
                *allow_truncating(PHOTOS),
                *[f"DROP TRIGGER {PHOTOS}_{RULE}_{name} ON {PHOTOS}" for name in TOUCHED],
                f"DROP FUNCTION {PHOTOS}_{RULE}()",
            ],
        ),
    ]
