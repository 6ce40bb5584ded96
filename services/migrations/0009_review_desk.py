"""Rounds of comments, words of thanks, and samples, whose draw nobody changes afterwards."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.migrations_sql import VendorSQL, allow_truncating, refuse_replacing, refuse_truncating

SAMPLE, DRAWN = "services_sample", "services_sampledreport"
# A drawn month stays what was drawn; what was found or answered once stays found and answered.
REDRAWN = """NEW.sample_id <> OLD.sample_id OR NEW.report_id <> OLD.report_id OR NEW.place <> OLD.place
    OR (OLD.finding <> '' AND (NEW.finding <> OLD.finding OR NEW.remark <> OLD.remark
        OR NEW.checked_by_id <> OLD.checked_by_id OR NEW.checked_at <> OLD.checked_at))
    OR (OLD.answer <> '' AND (NEW.answer <> OLD.answer OR NEW.answered_by_id <> OLD.answered_by_id
        OR NEW.answered_at <> OLD.answered_at))"""
# Places are unique within the sample: none beyond its size, and no month is slipped in later.
BEYOND = f"EXISTS (SELECT 1 FROM {SAMPLE} s WHERE s.id = NEW.sample_id AND (NEW.place < 1 OR NEW.place > s.size))"  # noqa: S608
REFUSE = "BEGIN SELECT RAISE(ABORT, 'sample_append_only'); END"
SQLITE = {
    "sample_no_update": f"BEFORE UPDATE ON {SAMPLE} {REFUSE}",
    "sample_no_delete": f"BEFORE DELETE ON {SAMPLE} {REFUSE}",
    "sampled_no_redraw": f"BEFORE UPDATE ON {DRAWN} WHEN {REDRAWN} {REFUSE}",
    "sampled_no_delete": f"BEFORE DELETE ON {DRAWN} {REFUSE}",
    "sampled_within_size": f"BEFORE INSERT ON {DRAWN} WHEN {BEYOND} {REFUSE}",
    **refuse_replacing(SAMPLE, [["id"], ["key"]], "true", "sample_append_only"),
    **refuse_replacing(
        DRAWN, [["id"], ["sample_id", "report_id"], ["sample_id", "place"]], "true", "sample_append_only"
    ),
}
RAISE = "RAISE EXCEPTION 'sample_append_only';"


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0008_log_of_category"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="logcomment",
            name="round",
            field=models.PositiveSmallIntegerField(
                blank=True,
                editable=False,
                help_text="How often the month had been returned when it was made.",
                null=True,
                verbose_name="round",
            ),
        ),
        migrations.AddField(
            model_name="logcomment",
            name="settled_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="settled"),
        ),
        migrations.AddField(
            model_name="logcomment",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="settled by",
            ),
        ),
        migrations.CreateModel(
            name="Sample",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                ("first_month", models.DateField(verbose_name="first month")),
                ("last_month", models.DateField(verbose_name="last month")),
                (
                    "with_submitted",
                    models.BooleanField(
                        default=False,
                        help_text="Otherwise only read months are drawn.",
                        verbose_name="also months that nobody has read yet",
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField(verbose_name="percent")),
                ("seed", models.CharField(editable=False, max_length=32, verbose_name="seed")),
                ("population", models.TextField(editable=False, verbose_name="months to draw from")),
                (
                    "population_count",
                    models.PositiveIntegerField(editable=False, verbose_name="number of months to draw from"),
                ),
                (
                    "population_hash",
                    models.CharField(editable=False, max_length=64, verbose_name="SHA-256 of the months to draw from"),
                ),
                ("size", models.PositiveIntegerField(editable=False, verbose_name="months drawn")),
                (
                    "drawn_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="drawn"),
                ),
                (
                    "drawn_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="drawn by",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first_month__day", 1), ("last_month__day", 1)), name="sample_first_days"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("first_month__lte", models.F("last_month"))), name="sample_months_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("percent__gte", 1), ("percent__lte", 100)), name="sample_percent_range"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("size__gte", 1), ("size__lte", models.F("population_count"))),
                        name="sample_size_range",
                    ),
                    models.CheckConstraint(condition=models.Q(("seed__length__lte", 32)), name="sample_seed_length"),
                    models.CheckConstraint(
                        condition=models.Q(("population_hash__length__lte", 64)), name="sample_population_hash_length"
                    ),
                ],
                "verbose_name": "sample",
                "verbose_name_plural": "samples",
                "ordering": ("-id",),
            },
        ),
        migrations.CreateModel(
            name="SampledReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveIntegerField(verbose_name="place in the draw")),
                (
                    "finding",
                    models.CharField(
                        blank=True,
                        choices=[("fine", "In order"), ("remark", "With a remark")],
                        max_length=10,
                        verbose_name="finding",
                    ),
                ),
                ("remark", models.CharField(blank=True, max_length=300, verbose_name="remark")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="checked")),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
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
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="checked by",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sampled",
                        to="services.monthlyreport",
                        verbose_name="monthly report",
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drawn",
                        to="services.sample",
                        verbose_name="sample",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("sample", "report"), name="sampled_once_a_sample"),
                    models.UniqueConstraint(fields=("sample", "place"), name="sampled_place_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("checked_at__isnull", True),
                                ("checked_by__isnull", True),
                                ("finding", ""),
                                ("remark", ""),
                            ),
                            models.Q(
                                ("checked_at__isnull", False),
                                ("checked_by__isnull", False),
                                ("finding", "fine"),
                                ("remark", ""),
                            ),
                            models.Q(
                                ("checked_at__isnull", False),
                                ("checked_by__isnull", False),
                                ("finding", "remark"),
                                models.Q(("remark", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="sampled_finding_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at__isnull", True), ("answered_by__isnull", True)),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                ("finding", "remark"),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="sampled_answer_to_a_remark",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("finding__length__lte", 10)), name="sampled_finding_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("remark__length__lte", 300)), name="sampled_remark_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__length__lte", 300)), name="sampled_answer_length"
                    ),
                ],
                "verbose_name": "sampled month",
                "verbose_name_plural": "sampled months",
                "ordering": ("sample", "place"),
            },
        ),
        migrations.CreateModel(
            name="Thanks",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "round",
                    models.PositiveSmallIntegerField(
                        help_text="How often the month had been returned when it was read.", verbose_name="round"
                    ),
                ),
                ("text", models.CharField(max_length=200, verbose_name="word of thanks")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="thanks",
                        to="services.monthlyreport",
                        verbose_name="monthly report",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("report", "round"), name="thanks_once_a_round"),
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="thanks_not_empty"),
                    models.CheckConstraint(condition=models.Q(("text__length__lte", 200)), name="thanks_text_length"),
                ],
                "verbose_name": "word of thanks",
                "verbose_name_plural": "words of thanks",
                "ordering": ("-at", "-id"),
            },
        ),
        VendorSQL(
            sqlite=[f"CREATE TRIGGER {name} {body}" for name, body in SQLITE.items()],
            sqlite_reverse=[f"DROP TRIGGER {name}" for name in SQLITE],
            postgresql=[
                f"CREATE FUNCTION sample_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {RAISE} END $$",
                f"""
                CREATE FUNCTION sampled_as_drawn() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        IF {BEYOND} THEN {RAISE} END IF;
                    ELSIF {REDRAWN} THEN
                        {RAISE}
                    END IF;
                    RETURN NEW;
                END $$
                """,
                f"CREATE TRIGGER sample_append_only BEFORE UPDATE OR DELETE ON {SAMPLE}"
                " FOR EACH ROW EXECUTE FUNCTION sample_append_only()",
                f"CREATE TRIGGER sampled_no_delete BEFORE DELETE ON {DRAWN}"
                " FOR EACH ROW EXECUTE FUNCTION sample_append_only()",
                f"CREATE TRIGGER sampled_as_drawn BEFORE INSERT OR UPDATE ON {DRAWN}"
                " FOR EACH ROW EXECUTE FUNCTION sampled_as_drawn()",
                *refuse_truncating(SAMPLE, DRAWN),
            ],
            postgresql_reverse=[
                *allow_truncating(SAMPLE, DRAWN),
                f"DROP TRIGGER sampled_as_drawn ON {DRAWN}",
                f"DROP TRIGGER sampled_no_delete ON {DRAWN}",
                f"DROP TRIGGER sample_append_only ON {SAMPLE}",
                "DROP FUNCTION sampled_as_drawn()",
                "DROP FUNCTION sample_append_only()",
            ],
        ),
    ]
