import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import services.models.notice


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_holidays"),
        ("services", "0015_log_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False, verbose_name="version")),
                ("month", models.DateField(help_text="The first day of the month.", verbose_name="month")),
                (
                    "code",
                    models.CharField(
                        default=services.models.notice.new_code,
                        editable=False,
                        max_length=12,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                ("opened_on", models.DateField(verbose_name="opened on")),
                ("working_days", models.PositiveSmallIntegerField(verbose_name="working days")),
                ("closes_on", models.DateField(verbose_name="last day")),
                (
                    "days_known",
                    models.BooleanField(
                        help_text="Whether the holidays on the way had been published when it was opened.",
                        verbose_name="holidays known",
                    ),
                ),
                (
                    "left_out",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Months that were due and had not been read when it was opened.",
                        verbose_name="months left out",
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
                (
                    "withdrawn_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="reason for withdrawing"),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="opened by",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="areas.township",
                        verbose_name="township",
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
                        verbose_name="withdrawn by",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["township", "-month", "-id"], name="notice_in_township")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("township", "month"),
                        name="notice_one_standing",
                    ),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="notice_month_first_day"),
                    models.CheckConstraint(
                        condition=models.Q(("working_days__gte", 1), ("working_days__lte", 60)),
                        name="notice_days_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closes_on__gt", models.F("opened_on"))), name="notice_closes_after_opening"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True), ("withdrawn_reason", "")
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="notice_withdrawn_with_reason",
                    ),
                    models.CheckConstraint(condition=models.Q(("code__length__lte", 12)), name="notice_code_length"),
                    models.CheckConstraint(
                        condition=models.Q(("withdrawn_reason__length__lte", 200)),
                        name="notice_withdrawn_reason_length",
                    ),
                ],
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
                "ordering": ("-month", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Objection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False, verbose_name="version")),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("text", models.CharField(max_length=500, verbose_name="objection")),
                ("contact", models.CharField(blank=True, max_length=40, verbose_name="contact")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="made")),
                ("answer", models.CharField(blank=True, max_length=500, verbose_name="answer")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
                (
                    "is_public",
                    models.BooleanField(
                        default=False,
                        help_text="Objection and answer, without the contact.",
                        verbose_name="shown on the notice",
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
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objections",
                        to="services.notice",
                        verbose_name="notice",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-made_at", "-id"], name="objection_by_time")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("text", ""), _negated=True), name="objection_has_text"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("answered_at__isnull", True),
                                ("answered_by__isnull", True),
                                ("is_public", False),
                            ),
                            models.Q(
                                ("answered_at__isnull", False),
                                ("answered_by__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="objection_answered_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text__length__lte", 500)), name="objection_text_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("contact__length__lte", 40)), name="objection_contact_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__length__lte", 500)), name="objection_answer_length"
                    ),
                ],
                "verbose_name": "objection",
                "verbose_name_plural": "objections",
                "ordering": ("-made_at", "-id"),
            },
        ),
    ]
