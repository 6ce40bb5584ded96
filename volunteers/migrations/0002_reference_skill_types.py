"""The skill types of the programme's report: what volunteers are sorted by."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# code, Chinese, English
SKILL_TYPES = [
    ("agriculture", "农业服务型", "Agriculture"),
    ("living", "生活服务型", "Daily living"),
    ("medical", "医疗服务型", "Medical care"),
    ("legal", "法律服务型", "Legal advice"),
    ("mediation", "矛盾化解型", "Mediation"),
    ("culture", "文化宣传型", "Culture"),
    ("technical", "技术维修型", "Technical repair"),
    ("environment", "环境整治型", "Environment"),
]


def add_skill_types(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Add those that are not there yet; what an office has renamed since stays as it is."""
    skill_types = apps.get_model("volunteers", "SkillType").objects
    for position, (code, name, name_en) in enumerate(SKILL_TYPES, start=1):
        skill_types.get_or_create(code=code, defaults={"name": name, "name_en": name_en, "position": position * 10})


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0001_initial")]

    # Backwards nothing is taken away: volunteers may point to them.
    operations = [migrations.RunPython(add_skill_types, migrations.RunPython.noop)]
