import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0025_fill_clocks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="helprequest",
            name="village",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="requests",
                to="areas.village",
                verbose_name="village",
            ),
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="resolve_due_at",
            field=models.DateTimeField(editable=False, verbose_name="to be resolved by"),
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="arrive_due_at",
            field=models.DateTimeField(editable=False, verbose_name="somebody is to arrive by"),
        ),
        migrations.AlterField(
            model_name="helprequest",
            name="answer_due_at",
            field=models.DateTimeField(editable=False, verbose_name="to be answered by"),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(fields=["phone_key", "-asked_at", "-id"], name="request_by_phone"),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(fields=["village", "place_key", "-asked_at", "-id"], name="request_by_door"),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("due_at__isnull", False)), fields=["due_at", "id"], name="request_due"
            ),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["township", "due_at", "id"],
                name="request_due_in_township",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("outcome", ""), ("referred_to", ""), ("state", "open")),
                    models.Q(
                        ("arrived_at__isnull", False),
                        ("closed_at__isnull", False),
                        ("outcome", ""),
                        ("referred_to", ""),
                        ("state", "resolved"),
                    ),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("state", "referred"),
                        models.Q(("referred_to", ""), _negated=True),
                    ),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("referred_to", ""),
                        ("state", "unsolved"),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    models.Q(("closed_at__isnull", False), ("referred_to", ""), ("state", "withdrawn")),
                    _connector="OR",
                ),
                name="request_outcome_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("due_at__isnull", False), ("state", "open"), ("waiting_since__isnull", True)),
                    models.Q(("due_at__isnull", True), ("state", "open"), ("waiting_since__isnull", False)),
                    models.Q(
                        models.Q(("state", "open"), _negated=True),
                        ("due_at__isnull", True),
                        ("waiting_since__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="request_open_is_due_or_waits",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answered_at__isnull", True), ("answered_at__gte", models.F("asked_at")), _connector="OR"
                    ),
                    models.Q(
                        ("arrived_at__isnull", True),
                        models.Q(("answered_at__isnull", False), ("arrived_at__gte", models.F("answered_at"))),
                        _connector="OR",
                    ),
                ),
                name="request_clocks_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer_minutes__isnull", True), ("answered_at__isnull", True)),
                    models.Q(("answer_minutes__isnull", False), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="request_minutes_with_clocks",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("arrive_minutes__isnull", True), ("arrived_at__isnull", True)),
                    models.Q(("arrive_minutes__isnull", False), ("arrived_at__isnull", False)),
                    _connector="OR",
                ),
                name="request_arrive_minutes_with_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolve_minutes__isnull", False), ("state", "resolved")),
                    models.Q(models.Q(("state", "resolved"), _negated=True), ("resolve_minutes__isnull", True)),
                    _connector="OR",
                ),
                name="request_resolve_minutes_with_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rated_at__isnull", True), ("rating", ""), ("rating_words", "")),
                    models.Q(("rated_at__isnull", False), ("rating__in", ["satisfied", "fair", "dissatisfied"])),
                    _connector="OR",
                ),
                name="request_rating_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("urgency__in", ["urgent", "normal", "low"])), name="request_urgency_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("escalation__in", [0, 1, 2])), name="request_escalation_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("handed_at__isnull", True), ("team__isnull", True)),
                    models.Q(("handed_at__isnull", False), ("team__isnull", False)),
                    _connector="OR",
                ),
                name="request_team_has_it_since",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("channel", "page"), ("code_hash__isnull", False), ("recorded_by__isnull", True)),
                    models.Q(models.Q(("channel", "page"), _negated=True), ("recorded_by__isnull", False)),
                    _connector="OR",
                ),
                name="request_recorded_or_from_the_page",
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("place__length__lte", 100)), name="request_place_length"
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("referred_to__length__lte", 100)), name="request_referred_to_length"
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("referral_answer__length__lte", 500)), name="request_referral_answer_length"
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating_words__length__lte", 200)), name="request_rating_words_length"
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("phone_key__length__lte", 20)), name="request_phone_key_length"
            ),
        ),
        migrations.AddConstraint(
            model_name="helprequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("place_key__length__lte", 100)), name="request_place_key_length"
            ),
        ),
    ]
