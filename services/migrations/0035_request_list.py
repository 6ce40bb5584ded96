"""What the list of requests is read in the order of, for the whole city and by what few of a million are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0034_intake_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(fields=["-asked_at", "-id"], name="request_by_time"),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(fields=["state", "-asked_at", "-id"], name="request_in_state"),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("rating", ""), _negated=True),
                fields=["rating", "-asked_at", "-id"],
                name="request_rated",
            ),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("escalation__gt", 0)),
                fields=["-asked_at", "-id"],
                name="request_escalated",
            ),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("times_reopened__gt", 0)),
                fields=["-asked_at", "-id"],
                name="request_reopened",
            ),
        ),
    ]
