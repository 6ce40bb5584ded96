"""Which skill types fit a category of service, and which qualification it needs: who is suggested for a request."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# The categories and skill types of the reference data, by their codes.
FITTING = {
    "cleaning": ("environment", "living"),
    "farming": ("agriculture",),
    "medical": ("medical",),
    "errand": ("living",),
    "mediation": ("mediation", "legal"),
    "policy": ("legal", "culture"),
    "visit": ("living", "medical"),
    "culture": ("culture",),
    "safety": ("technical", "environment"),
}
QUALIFICATIONS = {"medical": "medical"}


def fit(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say it of those that nobody has said it of."""
    categories = apps.get_model("services", "ServiceCategory").objects
    skills = apps.get_model("volunteers", "SkillType").objects
    for code, fitting in FITTING.items():
        category = categories.filter(code=code).first()
        if category is not None and not category.skills.exists():
            category.skills.set(skills.filter(code__in=fitting))
    for code, kind in QUALIFICATIONS.items():
        categories.filter(code=code, qualification_kind=None).update(qualification_kind=kind)


class Migration(migrations.Migration):
    dependencies = [
        ("services", "0032_request_deadlines"),
        ("volunteers", "0014_former_homes"),
    ]

    operations = [
        migrations.AddField(
            model_name="servicecategory",
            name="qualification_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("medical", "Medical"),
                    ("legal", "Legal"),
                    ("psychology", "Psychological counselling"),
                    ("social_work", "Social work"),
                    ("teaching", "Teaching"),
                    ("agriculture", "Agriculture"),
                    ("trade", "Licensed trade"),
                    ("other", "Other field"),
                ],
                help_text="Holders of a valid one alone are suggested. Empty: it needs none.",
                max_length=12,
                null=True,
                verbose_name="qualification that it needs",
            ),
        ),
        migrations.AddField(
            model_name="servicecategory",
            name="skills",
            field=models.ManyToManyField(
                blank=True,
                help_text="Members of these are suggested for a request first. None: everybody fits.",
                related_name="categories",
                to="volunteers.skilltype",
                verbose_name="skill types that fit",
            ),
        ),
        migrations.RunPython(fit, migrations.RunPython.noop),
    ]
