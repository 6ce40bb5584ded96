import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("grids", "0002_memberships_never_overlap"),
        ("services", "0006_reference_categories"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HelpRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(default=0, editable=False, verbose_name="version")),
                ("key", models.UUIDField(editable=False, unique=True, verbose_name="submission key")),
                ("caller", models.CharField(max_length=60, verbose_name="who asks")),
                ("phone", models.CharField(blank=True, max_length=11, verbose_name="phone")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("phone", "Phone call"),
                            ("wechat", "WeChat group"),
                            ("qq", "QQ group"),
                            ("forum", "Forum"),
                            ("in_person", "In person"),
                        ],
                        default="phone",
                        max_length=10,
                        verbose_name="how it came",
                    ),
                ),
                ("content", models.CharField(max_length=500, verbose_name="what is asked")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Waiting"), ("resolved", "Resolved"), ("closed", "Closed without a service")],
                        default="open",
                        editable=False,
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="resolved or closed"),
                ),
                (
                    "outcome",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="why it was closed"),
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
                    "team",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="grids.team",
                        verbose_name="team",
                    ),
                ),
                (
                    "township",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="areas.township",
                        verbose_name="township",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["township", "-asked_at", "-id"], name="request_in_township"),
                    models.Index(fields=["team", "state"], name="request_of_team"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("caller", ""), _negated=True), name="request_has_caller"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("content", ""), _negated=True), name="request_has_content"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("outcome", ""), ("state", "open")),
                            models.Q(("closed_at__isnull", False), ("outcome", ""), ("state", "resolved")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", "closed"),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="request_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("caller__length__lte", 60)), name="request_caller_length"
                    ),
                    models.CheckConstraint(condition=models.Q(("phone__length__lte", 11)), name="request_phone_length"),
                    models.CheckConstraint(
                        condition=models.Q(("content__length__lte", 500)), name="request_content_length"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__length__lte", 200)), name="request_outcome_length"
                    ),
                ],
                "verbose_name": "help request",
                "verbose_name_plural": "help requests",
                "ordering": ("-asked_at", "-id"),
            },
        ),
        migrations.AddField(
            model_name="servicelog",
            name="request",
            field=models.ForeignKey(
                blank=True,
                help_text="The request that it answers.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="logs",
                to="services.helprequest",
                verbose_name="help request",
            ),
        ),
        migrations.CreateModel(
            name="LogFlag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("late", "Late entry"),
                            ("split", "One visit in several logs"),
                            ("long", "Long service"),
                            ("busy", "Overlong day"),
                            ("night", "Night hours"),
                            ("same_text", "Same text as another log"),
                            ("same_photo", "Same photo as another log"),
                            ("burst", "Many logs just before the deadline"),
                            ("daily", "Same recipient day after day"),
                            ("routine", "Identical round hours day after day"),
                            ("jump", "A jump towards the threshold in December"),
                        ],
                        max_length=10,
                        verbose_name="rule",
                    ),
                ),
                (
                    "measured",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="What the rule counted: minutes, days or logs, as it says.",
                        verbose_name="measured",
                    ),
                ),
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
                    "log",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flags",
                        to="services.servicelog",
                        verbose_name="service log",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        blank=True,
                        help_text="The log that it is compared with, for rules that compare.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="services.servicelog",
                        verbose_name="the other log",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("log", "rule"), name="flag_once_per_rule"),
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
                        name="flag_answered_by_somebody",
                    ),
                    models.CheckConstraint(condition=models.Q(("rule__length__lte", 10)), name="flag_rule_length"),
                    models.CheckConstraint(condition=models.Q(("answer__length__lte", 300)), name="flag_answer_length"),
                ],
                "verbose_name": "flag on a log",
                "verbose_name_plural": "flags on logs",
                "ordering": ("id",),
            },
        ),
    ]
