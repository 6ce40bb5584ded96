"""Courses, who gives them, who is invited and who came; names of lists that nobody was found for yet."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import volunteers.models.course


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_holidays"),
        ("volunteers", "0010_badge_prints"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Provider",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("party_school", "Party school"),
                            ("vocational", "Vocational school"),
                            ("remote", "Remote education"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("is_retired", models.BooleanField(default=False, verbose_name="retired")),
            ],
            options={
                "verbose_name": "training provider",
                "verbose_name_plural": "training providers",
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["party_school", "vocational", "remote", "other"])),
                        name="provider_kind_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("name__length__lte", 60)), name="provider_name_length"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Course",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False, verbose_name="version")),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                (
                    "code",
                    models.CharField(
                        default=volunteers.models.course.new_code,
                        editable=False,
                        max_length=10,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="title")),
                (
                    "content",
                    models.CharField(
                        choices=[("knowledge", "Specialist knowledge"), ("service", "Volunteer service skills")],
                        max_length=10,
                        verbose_name="kind of content",
                    ),
                ),
                ("place", models.CharField(max_length=80, verbose_name="place")),
                ("starts_on", models.DateField(verbose_name="first day of the course")),
                ("ends_on", models.DateField(verbose_name="last day of the course")),
                ("begins_at", models.TimeField(verbose_name="begins at")),
                ("closes_at", models.TimeField(verbose_name="ends at")),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes")),
                ("capacity", models.PositiveIntegerField(verbose_name="places")),
                (
                    "state",
                    models.CharField(
                        choices=[("planned", "Planned"), ("held", "Held"), ("cancelled", "Cancelled")],
                        default="planned",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "cancelled_reason",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="reason for cancelling"),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="recorded"),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "speciality",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="courses",
                        to="volunteers.skilltype",
                        verbose_name="for the skill type",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty for a course of the city.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="courses",
                        to="areas.township",
                        verbose_name="held by",
                    ),
                ),
                (
                    "townships",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Of a course of the city; none for the whole city.",
                        related_name="city_courses",
                        to="areas.township",
                        verbose_name="for the townships",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="courses",
                        to="volunteers.provider",
                        verbose_name="training provider",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["-starts_on", "-id"], name="course_latest"),
                    models.Index(fields=["township", "-starts_on", "-id"], name="course_in_township"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_reason", ""), ("state__in", ["planned", "held"])),
                            models.Q(("state", "cancelled"), models.Q(("cancelled_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="course_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content__in", ["knowledge", "service"])), name="course_content_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on__gte", models.F("starts_on"))), name="course_days_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closes_at__gt", models.F("begins_at"))), name="course_hours_in_order"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gt", 0), ("minutes__lte", 60000)), name="course_has_minutes"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("capacity__gt", 0), ("capacity__lte", 5000)), name="course_has_places"
                    ),
                    models.CheckConstraint(condition=models.Q(("title__length__lte", 80)), name="course_title_length"),
                    models.CheckConstraint(condition=models.Q(("place__length__lte", 80)), name="course_place_length"),
                    models.CheckConstraint(
                        condition=models.Q(("cancelled_reason__length__lte", 200)),
                        name="course_cancelled_reason_length",
                    ),
                ],
                "verbose_name": "course",
                "verbose_name_plural": "courses",
                "ordering": ("-starts_on", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField(verbose_name="date")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("number", "List: number"),
                            ("id_number", "List: ID number"),
                            ("name_unit", "List: name and unit"),
                            ("phone", "List: phone"),
                            ("name", "List: name"),
                            ("chosen", "List: chosen by hand"),
                            ("sign_in", "Signed in by phone"),
                        ],
                        max_length=10,
                        verbose_name="how it was recorded",
                    ),
                ),
                (
                    "result",
                    models.CharField(
                        choices=[("passed", "Passed"), ("failed", "Failed"), ("not_assessed", "Not assessed")],
                        default="not_assessed",
                        max_length=12,
                        verbose_name="result",
                    ),
                ),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty for somebody who signed in.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
                (
                    "volunteer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="volunteers.course",
                        verbose_name="course",
                    ),
                ),
            ],
            options={
                "verbose_name": "attendance",
                "verbose_name_plural": "attendances",
                "ordering": ("-date", "-id"),
                "indexes": [
                    models.Index(fields=["volunteer", "-date"], name="attendance_of_volunteer"),
                    models.Index(fields=["-date", "-id"], name="attendance_latest"),
                    models.Index(fields=["township", "-date", "-id"], name="attendance_in_township"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("course", "volunteer"), name="attendance_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("how__in", ["number", "id_number", "name_unit", "phone", "name", "chosen", "sign_in"])
                        ),
                        name="attendance_how_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("result__in", ["passed", "failed", "not_assessed"])),
                        name="attendance_result_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gt", 0), ("minutes__lte", 60000)), name="attendance_has_minutes"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("how", "sign_in"), ("recorded_by__isnull", False), _connector="OR"),
                        name="attendance_signed_in_or_recorded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("invited_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="invited")),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="volunteers.course",
                        verbose_name="course",
                    ),
                ),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
                (
                    "volunteer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ("course", "volunteer__name_pinyin", "id"),
                "constraints": [models.UniqueConstraint(fields=("course", "volunteer"), name="invitation_once")],
            },
        ),
        migrations.CreateModel(
            name="OpenName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.CharField(max_length=160, verbose_name="line")),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="recorded")),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="open_names",
                        to="volunteers.course",
                        verbose_name="course",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
            ],
            options={
                "verbose_name": "open name",
                "verbose_name_plural": "open names",
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(fields=("course", "township", "line"), name="open_name_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("township__isnull", True)),
                        fields=("course", "line"),
                        name="open_name_once_for_the_city",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("line__length__lte", 160)), name="open_name_line_length"
                    ),
                ],
            },
        ),
    ]
