"""The service categories of the programme's report (2010), and what villages ask for besides."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# code, Chinese, English, counter word
CATEGORIES = [
    ("cleaning", "清洁环境", "Cleaning up", "times"),
    ("farming", "农业技术", "Agricultural advice", "times"),
    ("medical", "医疗卫生", "Medical care", "times"),
    ("errand", "村民委托(代办)", "Errands for residents", "items"),
    ("mediation", "纠纷调解", "Mediation", "items"),
    ("policy", "政策咨询", "Advice on policies", "times"),
    ("visit", "走访", "Home visits", "times"),
    ("culture", "文化活动", "Cultural activities", "times"),
    ("safety", "安全巡查", "Safety patrols", "times"),
    ("other", "其他", "Other", "times"),
]


def add_categories(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add those that are not there yet; what an office has renamed since stays as it is."""
    categories = apps.get_model("services", "ServiceCategory").objects
    for position, (code, name, name_en, counter) in enumerate(CATEGORIES, start=1):
        categories.get_or_create(
            code=code, defaults={"name": name, "name_en": name_en, "counter": counter, "position": position * 10}
        )


class Migration(migrations.Migration):
    dependencies = [("services", "0005_read_months_immutable")]

    # Backwards nothing is taken away: logs may point to them.
    operations = [migrations.RunPython(add_categories, migrations.RunPython.noop)]
