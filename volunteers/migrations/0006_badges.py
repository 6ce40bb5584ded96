"""Badges. What has ended stays ended, and no badge becomes another: a trigger holds it, whoever asks."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.migrations_sql import VendorSQL

TABLE = "volunteers_badge"
BECOMES_ANOTHER = (
    "OLD.number <> NEW.number OR OLD.volunteer_id <> NEW.volunteer_id OR OLD.issue <> NEW.issue"
    " OR OLD.code_hash <> NEW.code_hash OR (OLD.state <> 'issued' AND OLD.state <> NEW.state)"
)
RULE = "badge_stays_what_it_is"


class Migration(migrations.Migration):
    dependencies = [
        ("volunteers", "0005_reference_texts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Badge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "issue",
                    models.PositiveSmallIntegerField(
                        help_text="The first badge of a volunteer is 1.", verbose_name="issue"
                    ),
                ),
                (
                    "number",
                    models.CharField(
                        help_text="The volunteer's number and the issue: 0000123-01.",
                        max_length=10,
                        unique=True,
                        verbose_name="badge number",
                    ),
                ),
                ("code_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("issued", "Issued"),
                            ("replaced", "Replaced"),
                            ("lost", "Lost"),
                            ("revoked", "Revoked"),
                        ],
                        default="issued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("issued_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="issued")),
                ("valid_until", models.DateField(verbose_name="valid until")),
                ("printed_at", models.DateTimeField(blank=True, null=True, verbose_name="last printed")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
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
                    "volunteer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="badges",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
            ],
            options={
                "verbose_name": "badge",
                "verbose_name_plural": "badges",
                "ordering": ("-issued_on", "-id"),
                "indexes": [
                    models.Index(fields=["-issued_on", "-id"], name="badge_latest"),
                    models.Index(condition=models.Q(("state", "issued")), fields=["valid_until"], name="badge_expiry"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "issued")),
                        fields=("volunteer",),
                        name="badge_one_issued_per_volunteer",
                    ),
                    models.UniqueConstraint(fields=("volunteer", "issue"), name="badge_issue_once"),
                    models.CheckConstraint(
                        condition=models.Q(("issue__gte", 1), ("issue__lte", 99)), name="badge_issue_in_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__regex", "^[0-9]{7}-[0-9]{2}$")), name="badge_number_form"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("state", "issued")),
                            models.Q(("ended_at__isnull", False), ("state__in", ["replaced", "lost", "revoked"])),
                            _connector="OR",
                        ),
                        name="badge_state_has_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid_until__gte", models.F("issued_on"))),
                        name="badge_expires_after_issue",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__length__lte", 10)), name="badge_number_length"),
                    models.CheckConstraint(
                        condition=models.Q(("code_hash__length__lte", 64)), name="badge_code_hash_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__length__lte", 200)), name="badge_reason_length"
                    ),
                ],
            },
        ),
        VendorSQL(
            sqlite=[
                f"CREATE TRIGGER {RULE} BEFORE UPDATE ON {TABLE} WHEN {BECOMES_ANOTHER}"
                f" BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
            ],
            sqlite_reverse=[f"DROP TRIGGER {RULE}"],
            postgresql=[
                f"CREATE FUNCTION {RULE}() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN IF {BECOMES_ANOTHER} THEN RAISE EXCEPTION '{RULE}'; END IF; RETURN NEW; END $$",
                f"CREATE TRIGGER {RULE} BEFORE UPDATE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {RULE}()",
            ],
            postgresql_reverse=[f"DROP TRIGGER {RULE} ON {TABLE}", f"DROP FUNCTION {RULE}()"],
        ),
    ]
