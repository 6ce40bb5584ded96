from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0017_confirmations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="confirmation",
            index=models.Index(condition=models.Q(("answer", "no")), fields=["log"], name="confirmation_denied"),
        ),
    ]
