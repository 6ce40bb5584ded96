import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0005_places_change"),
        ("grids", "0010_ended_places"),
        ("services", "0023_waived_months"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="helprequest",
            name="request_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="helprequest",
            name="request_recorded_or_from_the_page",
        ),
        migrations.RemoveConstraint(
            model_name="helprequest",
            name="request_has_team_or_village",
        ),
        migrations.AddField(
            model_name="helprequest",
            name="anonymised_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="anonymised"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="answer_due_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="to be answered by"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="answer_minutes",
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name="minutes until it was answered"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="answered_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="answered"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="arrive_due_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="somebody is to arrive by"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="arrive_minutes",
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name="minutes until somebody arrived"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="arrived_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="arrived"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="category",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty while nobody has said it; the service that resolves it says it then.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requests",
                to="services.servicecategory",
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="confirmed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="confirmed as solved"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="due_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="next deadline"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="escalation",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "Nobody"), (1, "The township"), (2, "The city")],
                default=0,
                editable=False,
                verbose_name="who was told",
            ),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="found_on",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="found_requests",
                to="services.servicelog",
                verbose_name="found on the visit",
            ),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="handed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="the team has it since"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="phone_key",
            field=models.CharField(blank=True, editable=False, max_length=20),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="place",
            field=models.CharField(blank=True, max_length=100, verbose_name="door"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="place_key",
            field=models.CharField(blank=True, editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="rated_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="rated"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="rating",
            field=models.CharField(
                blank=True,
                choices=[("satisfied", "Satisfied"), ("fair", "Fairly satisfied"), ("dissatisfied", "Not satisfied")],
                editable=False,
                max_length=12,
                verbose_name="rating",
            ),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="rating_words",
            field=models.CharField(blank=True, editable=False, max_length=200, verbose_name="words with the rating"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="referral_answer",
            field=models.CharField(blank=True, editable=False, max_length=500, verbose_name="the office's answer"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="referral_answered_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="the office answered"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="referred_to",
            field=models.CharField(blank=True, editable=False, max_length=100, verbose_name="referred to"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="reopened_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="reopened"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="resolve_due_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="to be resolved by"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="resolve_minutes",
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name="minutes until it was resolved"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="set_out_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="on the way since"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="times_reopened",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="times reopened"),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="urgency",
            field=models.CharField(
                choices=[("urgent", "Urgent"), ("normal", "Normal"), ("low", "Can wait")],
                default="normal",
                max_length=6,
                verbose_name="urgency",
            ),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="waited_seconds",
            field=models.PositiveIntegerField(
                default=0, editable=False, verbose_name="seconds that the resident was waited for"
            ),
        ),
        migrations.AddField(
            model_name="helprequest",
            name="waiting_since",
            field=models.DateTimeField(editable=False, null=True, verbose_name="waits for the resident since"),
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="channel",
            field=models.CharField(
                choices=[
                    ("phone", "Phone call"),
                    ("wechat", "WeChat group"),
                    ("qq", "QQ group"),
                    ("forum", "Forum"),
                    ("in_person", "In person"),
                    ("visit", "On a visit"),
                    ("page", "Public page"),
                ],
                default="phone",
                max_length=10,
                verbose_name="how it came",
            ),
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="grid",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                help_text="Empty while nobody knows it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requests",
                to="grids.grid",
                verbose_name="grid",
            ),
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("resolved", "Resolved"),
                    ("referred", "Referred"),
                    ("unsolved", "Could not be solved"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="open",
                editable=False,
                max_length=10,
                verbose_name="state",
            ),
        ),
        migrations.CreateModel(
            name="RequestStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "Asked"),
                            ("called_again", "Called again"),
                            ("dispatched", "Given to a team"),
                            ("transferred", "Transferred to another team"),
                            ("handed_back", "Given back to the office"),
                            ("answered", "Answered"),
                            ("call_missed", "A member did not answer"),
                            ("set_out", "On the way"),
                            ("arrived", "Arrived"),
                            ("waiting", "Waits for the resident"),
                            ("resumed", "Goes on"),
                            ("word", "A word"),
                            ("photo", "A photo"),
                            ("resolved", "Resolved"),
                            ("unserved", "The service was withdrawn"),
                            ("referred", "Referred to the competent office"),
                            ("referral_answered", "The office answered"),
                            ("unsolved", "Could not be solved"),
                            ("withdrawn", "Withdrawn"),
                            ("reopened", "Reopened"),
                            ("confirmed", "Confirmed as solved"),
                            ("rated", "Rated"),
                            ("escalated", "Passed on, because it is late"),
                            ("custody_taken", "Taken into custody"),
                            ("custody_submitted", "Submitted"),
                            ("custody_returned", "Returned"),
                            ("changed", "Changed"),
                            ("anonymised", "Personal data deleted"),
                        ],
                        max_length=20,
                        verbose_name="what happened",
                    ),
                ),
                (
                    "actor",
                    models.CharField(
                        choices=[("office", "Office or team"), ("resident", "Resident"), ("system", "System")],
                        max_length=8,
                        verbose_name="who",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=500, verbose_name="text")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="services.helprequest",
                        verbose_name="request",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["request", "at", "id"], name="step_of_request")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("actor", "office"), ("by__isnull", False)),
                            models.Q(("actor__in", ["resident", "system"]), ("by__isnull", True)),
                            _connector="OR",
                        ),
                        name="step_actor_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("text__length__lte", 500)), name="step_text_length"),
                ],
                "verbose_name": "step of a request",
                "verbose_name_plural": "steps of requests",
                "ordering": ("at", "id"),
            },
        ),
    ]
