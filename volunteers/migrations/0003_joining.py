"""Who endorsed an applicant and when, and into which record one that was given up is merged."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("volunteers", "0002_reference_skill_types"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="volunteer",
            name="endorsed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="endorsed by",
            ),
        ),
        migrations.AddField(
            model_name="volunteer",
            name="endorsed_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="endorsed by the township"),
        ),
        migrations.AddField(
            model_name="volunteer",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="volunteers.volunteer",
                verbose_name="merged into",
            ),
        ),
    ]
