from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
        ("grids", "0002_memberships_never_overlap"),
        ("services", "0007_requests_and_flags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="servicelog",
            index=models.Index(fields=["township", "category", "-date", "-id"], name="log_of_category"),
        ),
    ]
