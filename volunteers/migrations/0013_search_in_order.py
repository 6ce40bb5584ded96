"""Two initials are as frequent as surnames: they are kept in the order of the list. Long names are found by township."""

from django.db import migrations, models
from django.db.models import F, Q

from common.begins import First


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0012_search")]

    operations = [
        migrations.RemoveIndex(model_name="volunteer", name="volunteer_name_long"),
        migrations.AddIndex(
            model_name="volunteer",
            index=models.Index(
                F("township"),
                F("name_pinyin"),
                F("id"),
                F("name"),
                name="volunteer_long_name",
                condition=Q(("name__length__gt", 4)),
            ),
        ),
        migrations.AddIndex(
            model_name="volunteer",
            index=models.Index(
                First("name_initials", 2),
                F("name_pinyin"),
                F("id"),
                F("township"),
                F("name_initials"),
                name="volunteer_two_initials",
            ),
        ),
    ]
