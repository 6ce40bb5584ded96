"""What recipients say of the services. An answer, once given, neither changes nor goes, on any path."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

RULE = "answer_stands"
TABLE = "services_confirmation"
SQLITE = {
    **refuse_replacing(TABLE, [["id"], ["log_id"], ["code_hash"]], "{row}.answer <> ''", RULE),
    **{
        f"{TABLE}_{RULE}_{event.lower()}": (
            f"BEFORE {event} ON {TABLE} WHEN OLD.answer <> '' BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
        )
        for event in ("UPDATE", "DELETE")
    },
}
FUNCTION = f"""
    CREATE FUNCTION {TABLE}_{RULE}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.answer <> '' THEN
            RAISE EXCEPTION '{RULE}';
        END IF;
        IF TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        RETURN NEW;
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0016_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="slip made")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "Confirmed"), ("no", "Denied")],
                        max_length=3,
                        verbose_name="answer",
                    ),
                ),
                ("answered_at", models.DateTimeField(null=True, verbose_name="answered")),
                ("remark", models.CharField(blank=True, max_length=200, verbose_name="remark")),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="slip made by",
                    ),
                ),
                (
                    "log",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="confirmation",
                        to="services.servicelog",
                        verbose_name="service log",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation",
                "verbose_name_plural": "confirmations",
                "ordering": ("id",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("remark", "")),
                            models.Q(("answer__in", ["yes", "no"]), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="confirmation_answered_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code_hash__length__lte", 64)), name="confirmation_code_hash_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__length__lte", 3)), name="confirmation_answer_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("remark__length__lte", 200)), name="confirmation_remark_length"
                    ),
                ],
            },
        ),
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                FUNCTION,
                f"CREATE TRIGGER {TABLE}_{RULE} BEFORE UPDATE OR DELETE ON {TABLE}"
                f" FOR EACH ROW EXECUTE FUNCTION {TABLE}_{RULE}()",
                *refuse_truncating(TABLE),
            ],
            postgresql_reverse=[
                *allow_truncating(TABLE),
                f"DROP TRIGGER {TABLE}_{RULE} ON {TABLE}",
                f"DROP FUNCTION {TABLE}_{RULE}()",
            ],
        ),
    ]
