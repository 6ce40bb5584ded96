"""What residents say about volunteers. Their words are kept as they came, and an answer is not unsaid: raw SQL raises."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

TABLE, RULE = "services_feedback", "feedback_is_kept"
# All but the phone, which may be forgotten, and the answer.
SAME = (
    "volunteer_id",
    "badge_id",
    "badge_standing",
    "team_id",
    "township_id",
    "key",
    "code_hash",
    "kind",
    "text",
    "made_at",
    "due_on",
)


def changed(differs: str) -> str:
    """Return the condition that an update changes what stays; ``differs`` is the database's word for it."""
    same = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in SAME)
    return f"{same} OR (OLD.answered_at IS NOT NULL AND NEW.answered_at {differs} OLD.answered_at)"


REFUSE = f"BEGIN SELECT RAISE(ABORT, '{RULE}'); END"
SQLITE = {
    f"{RULE}_changed": f"BEFORE UPDATE ON {TABLE} WHEN {changed('IS NOT')} {REFUSE}",
    f"{RULE}_delete": f"BEFORE DELETE ON {TABLE} {REFUSE}",
    **refuse_replacing(TABLE, [["id"], ["key"], ["code_hash"]], "true", RULE),
}


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_holidays"),
        ("grids", "0002_memberships_never_overlap"),
        ("services", "0019_corrected_logs_kept"),
        ("volunteers", "0006_badges"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False, verbose_name="version")),
                (
                    "badge_standing",
                    models.CharField(
                        choices=[
                            ("valid", "Valid"),
                            ("expired", "Expired"),
                            ("away", "Not valid while away"),
                            ("void", "Void"),
                        ],
                        max_length=10,
                        verbose_name="what the badge was worth",
                    ),
                ),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                ("code_hash", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("praise", "Praise"), ("suggestion", "Suggestion"), ("complaint", "Complaint")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="words")),
                ("phone", models.CharField(blank=True, max_length=11, verbose_name="phone")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="received")),
                ("due_on", models.DateField(verbose_name="to be answered by")),
                ("answer", models.CharField(blank=True, max_length=500, verbose_name="answer")),
                (
                    "answered_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="The first time; an answer may be put right later.",
                        null=True,
                        verbose_name="answered",
                    ),
                ),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="answered by",
                    ),
                ),
                (
                    "badge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="volunteers.badge",
                        verbose_name="badge",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="grids.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
                (
                    "volunteer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="feedback",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback",
                "ordering": ("-made_at", "-id"),
                "indexes": [
                    models.Index(fields=["-made_at", "-id"], name="feedback_by_time"),
                    models.Index(fields=["township", "-made_at", "-id"], name="feedback_in_township"),
                    models.Index(
                        condition=models.Q(("answered_at__isnull", True)),
                        fields=["due_on", "id"],
                        name="feedback_waiting",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["praise", "suggestion", "complaint"])),
                        name="feedback_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("badge_standing__in", ["valid", "expired", "away", "void"])),
                        name="feedback_badge_standing_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="feedback_has_words"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="feedback_answered_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_at__isnull", True), ("answered_at__gte", models.F("made_at")), _connector="OR"
                        ),
                        name="feedback_answered_after_it_came",
                    ),
                    models.CheckConstraint(condition=models.Q(("kind__length__lte", 10)), name="feedback_kind_length"),
                    models.CheckConstraint(
                        condition=models.Q(("badge_standing__length__lte", 10)), name="feedback_badge_standing_length"
                    ),
                    models.CheckConstraint(condition=models.Q(("text__length__lte", 500)), name="feedback_text_length"),
                    models.CheckConstraint(
                        condition=models.Q(("phone__length__lte", 11)), name="feedback_phone_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__length__lte", 500)), name="feedback_answer_length"
                    ),
                ],
            },
        ),
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                f"""
                CREATE FUNCTION {RULE}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'DELETE' THEN
                        RAISE EXCEPTION '{RULE}';
                    END IF;
                    IF {changed("IS DISTINCT FROM")} THEN
                        RAISE EXCEPTION '{RULE}';
                    END IF;
                    RETURN NEW;
                END $$
                """,
                f"CREATE TRIGGER {RULE} BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {RULE}()",
                *refuse_truncating(TABLE),
            ],
            postgresql_reverse=[
                *allow_truncating(TABLE),
                f"DROP TRIGGER {RULE} ON {TABLE}",
                f"DROP FUNCTION {RULE}()",
            ],
        ),
    ]
