from django.db import migrations, models


class Migration(migrations.Migration):
    """Let the intake desk find what is open of a number or a door, and what was asked lately in a village."""

    dependencies = [
        ("services", "0033_fitting_skills"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                fields=["phone_key"], name="request_open_by_phone", condition=models.Q(closed_at__isnull=True)
            ),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                fields=["village", "place_key"],
                name="request_open_by_door",
                condition=models.Q(closed_at__isnull=True),
            ),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(fields=["village", "-asked_at"], name="request_lately_in_village"),
        ),
    ]
