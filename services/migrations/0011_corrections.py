from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from common.migrations_sql import VendorSQL

before = import_module("services.migrations.0005_read_months_immutable")


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("grids", "0002_memberships_never_overlap"),
        ("services", "0010_photos"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Backwards SQLite makes the table of logs anew when it loses its column, and its triggers go with the old one.
        VendorSQL(
            sqlite_reverse=[
                f"CREATE TRIGGER {name} {body}" for name, body in before.SQLITE.items() if name.startswith(before.LOGS)
            ]
        ),
        migrations.AddField(
            model_name="servicelog",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="The log of a read month that it stands in place of.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="services.servicelog",
                verbose_name="corrects",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicelog",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects__isnull", False)), fields=("corrects",), name="log_corrected_once"
            ),
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False, verbose_name="version")),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                (
                    "kind",
                    models.CharField(
                        choices=[("change", "Corrected entry"), ("strike", "The service did not take place")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                ("date", models.DateField(blank=True, null=True, verbose_name="date")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="start")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="end")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="place")),
                ("recipient", models.CharField(blank=True, max_length=60, verbose_name="recipient")),
                ("people_served", models.PositiveIntegerField(blank=True, null=True, verbose_name="people served")),
                ("content", models.CharField(blank=True, max_length=500, verbose_name="content")),
                (
                    "participants",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Pairs of a volunteer's key and minutes, by key.",
                        verbose_name="participants",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Asked for"),
                            ("granted", "Granted"),
                            ("refused", "Refused"),
                            ("taken_back", "Taken back"),
                        ],
                        default="asked",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="decided")),
                ("answer", models.CharField(blank=True, editable=False, max_length=300, verbose_name="answer")),
                ("is_applied", models.BooleanField(default=False, editable=False, verbose_name="carried out")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="services.servicecategory",
                        verbose_name="category",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "log",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="services.servicelog",
                        verbose_name="service log",
                    ),
                ),
                (
                    "result",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="result_of",
                        to="services.servicelog",
                        verbose_name="corrected log",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        help_text="The year's round, where it had been scored already: its evidence stays as it was.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="services.recognitionround",
                        verbose_name="round scored before",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-asked_at", "-id"], name="correction_by_time"),
                    models.Index(fields=["state", "-asked_at", "-id"], name="correction_by_state"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")), fields=("log",), name="correction_one_asked"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "granted")), fields=("log",), name="correction_one_granted"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="correction_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="correction_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("answer", ""),
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("round__isnull", True),
                                ("state", "asked"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False), ("decided_by__isnull", False), ("state", "granted")
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("round__isnull", True),
                                ("state", "refused"),
                                models.Q(("answer", ""), _negated=True),
                            ),
                            models.Q(
                                ("answer", ""),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", True),
                                ("round__isnull", True),
                                ("state", "taken_back"),
                            ),
                            _connector="OR",
                        ),
                        name="correction_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("category__isnull", True),
                                ("content", ""),
                                ("date__isnull", True),
                                ("ends_at__isnull", True),
                                ("kind", "strike"),
                                ("people_served__isnull", True),
                                ("place", ""),
                                ("recipient", ""),
                                ("starts_at__isnull", True),
                            ),
                            models.Q(
                                ("category__isnull", False),
                                ("date__isnull", False),
                                ("ends_at__isnull", False),
                                ("kind", "change"),
                                ("people_served__isnull", False),
                                ("starts_at__isnull", False),
                                models.Q(("recipient", ""), _negated=True),
                                models.Q(("content", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="correction_says_what",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_applied", False), ("result__isnull", True)),
                            models.Q(
                                ("is_applied", True),
                                ("kind", "change"),
                                ("result__isnull", False),
                                ("state", "granted"),
                            ),
                            models.Q(
                                ("is_applied", True), ("kind", "strike"), ("result__isnull", True), ("state", "granted")
                            ),
                            _connector="OR",
                        ),
                        name="correction_applied_once_granted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__length__lte", 300)), name="correction_reason_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__length__lte", 300)), name="correction_answer_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("recipient__length__lte", 60)), name="correction_recipient_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content__length__lte", 500)), name="correction_content_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("place__length__lte", 100)), name="correction_place_length"
                    ),
                ],
                "verbose_name": "correction",
                "verbose_name_plural": "corrections",
                "ordering": ("-asked_at", "-id"),
            },
        ),
    ]
