"""Service record certificates. What was issued never changes and never goes; it can only be revoked, once."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import services.models.certificate
from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

RULE = "certificate_stands"
TABLE = "services_certificate"
FROZEN = (
    "id",
    "key",
    "year",
    "serial",
    "number",
    "code",
    "volunteer_id",
    "name",
    "volunteer_number",
    "gender",
    "with_id_number",
    "township_id",
    "starts_on",
    "ends_on",
    "minutes",
    "services",
    "categories",
    "waiting_minutes",
    "waiting_services",
    "office",
    "head",
    "handler",
    "contact",
    "issued_on",
    "issued_by_id",
    "supersedes_id",
)
CHANGES = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in FROZEN)
REFUSE = f"BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
SQLITE = {
    **refuse_replacing(
        TABLE, [["id"], ["key"], ["number"], ["code"], ["year", "serial"], ["supersedes_id"]], "1 = 1", RULE
    ),
    f"{TABLE}_{RULE}_update": f"BEFORE UPDATE ON {TABLE} WHEN OLD.revoked_at IS NOT NULL OR {CHANGES} {REFUSE}",
    f"{TABLE}_{RULE}_delete": f"BEFORE DELETE ON {TABLE} {REFUSE}",
}
# Of a row as JSON what may change is left out: no column that is added later slips through.
FUNCTION = f"""
    CREATE FUNCTION {TABLE}_{RULE}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR OLD.revoked_at IS NOT NULL
            OR to_jsonb(NEW) - ARRAY['revoked_by_id', 'revoked_at', 'revoked_reason']
            <> to_jsonb(OLD) - ARRAY['revoked_by_id', 'revoked_at', 'revoked_reason']
        THEN
            RAISE EXCEPTION '{RULE}';
        END IF;
        RETURN NEW;
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_holidays"),
        ("services", "0020_feedback"),
        ("volunteers", "0007_portraits_and_qualifications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                ("year", models.PositiveSmallIntegerField(verbose_name="year")),
                ("serial", models.PositiveIntegerField(verbose_name="serial number")),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                (
                    "code",
                    models.CharField(
                        default=services.models.certificate.new_code,
                        editable=False,
                        max_length=11,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("volunteer_number", models.CharField(max_length=7, verbose_name="volunteer's number")),
                (
                    "gender",
                    models.CharField(
                        choices=[("female", "Female"), ("male", "Male")], max_length=6, verbose_name="gender"
                    ),
                ),
                ("with_id_number", models.BooleanField(default=False, verbose_name="with the ID number")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(verbose_name="until")),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes")),
                ("services", models.PositiveIntegerField(verbose_name="services")),
                (
                    "categories",
                    models.JSONField(help_text="Name, services and minutes of each.", verbose_name="by category"),
                ),
                ("waiting_minutes", models.PositiveIntegerField(default=0, verbose_name="minutes not read yet")),
                ("waiting_services", models.PositiveIntegerField(default=0, verbose_name="services not read yet")),
                ("office", models.CharField(max_length=60, verbose_name="issuing office")),
                ("head", models.CharField(max_length=40, verbose_name="person in charge")),
                ("handler", models.CharField(max_length=40, verbose_name="handled by")),
                ("contact", models.CharField(max_length=60, verbose_name="contact")),
                ("issued_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="issued on")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
                ("revoked_reason", models.CharField(blank=True, max_length=200, verbose_name="reason for revoking")),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="issued by",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="revoked by",
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="successor",
                        to="services.certificate",
                        verbose_name="supersedes",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
                (
                    "volunteer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
            ],
            options={
                "verbose_name": "service record certificate",
                "verbose_name_plural": "service record certificates",
                "ordering": ("-id",),
                "indexes": [
                    models.Index(fields=["township", "-id"], name="certificate_in_township"),
                    models.Index(fields=["volunteer", "-id"], name="certificate_of_volunteer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("year", "serial"), name="certificate_serial_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__lte", models.F("issued_on")), ("starts_on__lte", models.F("ends_on"))
                        ),
                        name="certificate_period_runs_forward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gte", 1), ("services__gte", 1)), name="certificate_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("revoked_at__isnull", True), ("revoked_by__isnull", True), ("revoked_reason", "")
                            ),
                            models.Q(
                                ("revoked_at__isnull", False),
                                ("revoked_by__isnull", False),
                                models.Q(("revoked_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="certificate_revoked_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__length__lte", 40)), name="certificate_number_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__length__lte", 11)), name="certificate_code_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__length__lte", 40)), name="certificate_name_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("volunteer_number__length__lte", 7)),
                        name="certificate_volunteer_number_length",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("office__length__lte", 60)), name="certificate_office_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("head__length__lte", 40)), name="certificate_head_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("handler__length__lte", 40)), name="certificate_handler_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("contact__length__lte", 60)), name="certificate_contact_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("revoked_reason__length__lte", 200)),
                        name="certificate_revoked_reason_length",
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
