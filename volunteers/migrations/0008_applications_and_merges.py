"""Applications without an account, merges of two records of one person, and moves to another township."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0002_holidays"),
        ("volunteers", "0007_portraits_and_qualifications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Apart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="said")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="said by",
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="volunteers.volunteer",
                        verbose_name="first",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="volunteers.volunteer",
                        verbose_name="second",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="apart_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="apart_in_order"
                    ),
                ],
                "verbose_name": "two persons who look like one",
                "verbose_name_plural": "persons who look like one",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Application",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                ("code_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="came in")),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                (
                    "gender",
                    models.CharField(
                        choices=[("female", "Female"), ("male", "Male")], max_length=6, verbose_name="gender"
                    ),
                ),
                ("birth_date", models.DateField(verbose_name="birth date")),
                ("phone", models.CharField(max_length=20, verbose_name="phone")),
                ("id_number_encrypted", models.BinaryField(null=True, verbose_name="ID number")),
                ("id_number_hash", models.CharField(editable=False, max_length=64, null=True)),
                ("speciality", models.CharField(blank=True, max_length=100, verbose_name="speciality")),
                ("unit", models.CharField(blank=True, max_length=60, verbose_name="unit")),
                (
                    "unit_kind",
                    models.CharField(
                        choices=[
                            ("office", "Township office"),
                            ("station", "Grassroots station"),
                            ("school", "Primary or secondary school"),
                            ("other", "Other unit"),
                        ],
                        max_length=10,
                        verbose_name="kind of unit",
                    ),
                ),
                ("party_branch", models.CharField(max_length=60, verbose_name="party branch")),
                ("joined_party_on", models.DateField(verbose_name="joined the party")),
                (
                    "shows_name",
                    models.BooleanField(default=False, verbose_name="agrees to the name on the badge page and notices"),
                ),
                (
                    "shows_phone",
                    models.BooleanField(default=False, verbose_name="agrees to name and phone on the contact card"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for the township"),
                            ("endorsed", "Endorsed"),
                            ("rejected", "Rejected"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "primary_skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="volunteers.skilltype",
                        verbose_name="primary skill type",
                    ),
                ),
                (
                    "texts",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="volunteers.programmetext", verbose_name="accepted texts"
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
                (
                    "village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.village",
                        verbose_name="home village",
                    ),
                ),
                (
                    "volunteer",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="application",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["made_at", "id"], name="application_by_time"),
                    models.Index(fields=["township", "made_at", "id"], name="application_in_township"),
                    models.Index(fields=["name", "birth_date"], name="application_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("reason", ""),
                                ("state", "waiting"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("reason", ""),
                                ("state", "endorsed"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("state", "rejected"),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="application_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "endorsed"), ("volunteer__isnull", False)),
                            models.Q(models.Q(("state", "endorsed"), _negated=True), ("volunteer__isnull", True)),
                            _connector="OR",
                        ),
                        name="application_endorsed_has_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name__length__lte", 40)), name="application_name_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("phone__length__lte", 20)), name="application_phone_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("party_branch__length__lte", 60)), name="application_party_branch_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("unit__length__lte", 60)), name="application_unit_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("speciality__length__lte", 100)), name="application_speciality_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__length__lte", 200)), name="application_reason_length"
                    ),
                ],
                "verbose_name": "application",
                "verbose_name_plural": "applications",
                "ordering": ("made_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("chosen", models.JSONField(default=dict, verbose_name="chosen")),
                ("before", models.JSONField(default=dict, editable=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="merged")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="merged by",
                    ),
                ),
                (
                    "given_up",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="given_up_in",
                        to="volunteers.volunteer",
                        verbose_name="record that is given up",
                    ),
                ),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to="volunteers.volunteer",
                        verbose_name="record that goes on",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("given_up",),
                        name="merge_given_up_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kept", models.F("given_up")), _negated=True), name="merge_of_two"
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="merge_has_reason"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at__isnull", True), ("undone_by__isnull", True)),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="merge_undone_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason__length__lte", 200)), name="merge_reason_length"
                    ),
                ],
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.CreateModel(
            name="Move",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="day of the move")),
                ("reason", models.CharField(max_length=200, verbose_name="reason")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="entered")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="entered by",
                    ),
                ),
                (
                    "from_township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.township",
                        verbose_name="from the township",
                    ),
                ),
                (
                    "from_village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.village",
                        verbose_name="from the village",
                    ),
                ),
                (
                    "to_township",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.township",
                        verbose_name="to the township",
                    ),
                ),
                (
                    "to_village",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="areas.village",
                        verbose_name="to the village",
                    ),
                ),
                (
                    "volunteer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="volunteers.volunteer",
                        verbose_name="volunteer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("from_township", models.F("to_township")), _negated=True),
                        name="move_to_another_township",
                    ),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="move_has_reason"),
                    models.CheckConstraint(condition=models.Q(("reason__length__lte", 200)), name="move_reason_length"),
                ],
                "verbose_name": "move to another township",
                "verbose_name_plural": "moves to another township",
                "ordering": ("-at", "-id"),
            },
        ),
        migrations.AddIndex(
            model_name="volunteer",
            index=models.Index(fields=["name", "birth_date"], name="volunteer_person"),
        ),
    ]
