from django.db import migrations


class Migration(migrations.Migration):
    """What a township had of its own was taken over by ``services.0032``."""

    dependencies = [
        ("areas", "0005_places_change"),
        ("services", "0032_request_deadlines"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="townshipsettings", name="township_request_answer_days_range"),
        migrations.RemoveField(model_name="townshipsettings", name="request_answer_days"),
    ]
