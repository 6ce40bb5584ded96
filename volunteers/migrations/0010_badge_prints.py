"""Prints of badges, and which badges were in them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_holidays"),
        ("volunteers", "0009_volunteer_import"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BadgePrint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "work_state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for its turn"),
                            ("running", "At work"),
                            ("done", "Done"),
                            ("failed", "Interrupted"),
                        ],
                        default="waiting",
                        editable=False,
                        max_length=10,
                    ),
                ),
                ("work_done", models.PositiveIntegerField(default=0, editable=False)),
                ("work_total", models.PositiveIntegerField(default=0, editable=False)),
                ("work_beat_at", models.DateTimeField(editable=False, null=True)),
                ("work_attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("work_reference", models.CharField(blank=True, editable=False, max_length=16)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for")),
                (
                    "layout",
                    models.CharField(
                        choices=[
                            ("sheets", "A4 sheets, ten badges each, with cut marks"),
                            ("cards", "One page of 85.6 × 54 mm a badge, for card printers"),
                        ],
                        default="sheets",
                        max_length=6,
                        verbose_name="pages",
                    ),
                ),
                ("has_backs", models.BooleanField(default=False, verbose_name="with the backs")),
                ("count", models.PositiveIntegerField(verbose_name="badges asked for")),
                ("printed", models.PositiveIntegerField(default=0, verbose_name="badges in the file")),
                ("file_name", models.CharField(blank=True, editable=False, max_length=32)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="printed by",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="badge_prints",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="badge_print_latest"),
                    models.Index(fields=["township", "-at", "-id"], name="badge_print_in_township"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("layout__in", ["sheets", "cards"])), name="badge_print_layout_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("printed__lte", models.F("count"))), name="badge_print_no_more_than_asked"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("file_name__length__lte", 32)), name="badge_print_file_name_length"
                    ),
                ],
                "verbose_name": "print",
                "verbose_name_plural": "prints",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="PrintedBadge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "left_out",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("glyphs", "The printing font lacks a character"),
                            ("not_valid", "The badge is not valid any more"),
                            ("no_code", "Its code can no longer be made: re-issue the badge"),
                        ],
                        max_length=10,
                    ),
                ),
                ("lacking", models.CharField(blank=True, max_length=100)),
                (
                    "badge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prints", to="volunteers.badge"
                    ),
                ),
                (
                    "print",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="badges", to="volunteers.badgeprint"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("print", "badge"), name="printed_badge_once"),
                    models.CheckConstraint(
                        condition=models.Q(("left_out__in", ["", "glyphs", "not_valid", "no_code"])),
                        name="printed_badge_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("left_out__length__lte", 10)), name="printed_badge_left_out_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("lacking__length__lte", 100)), name="printed_badge_lacking_length"
                    ),
                ],
                "verbose_name": "badge of a print",
                "verbose_name_plural": "badges of prints",
                "ordering": ("id",),
            },
        ),
    ]
