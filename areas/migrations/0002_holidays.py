from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("areas", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True, verbose_name="day")),
                (
                    "is_working",
                    models.BooleanField(
                        default=False,
                        help_text="Ticked for a make-up day, not for a holiday.",
                        verbose_name="is worked",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=40, verbose_name="name")),
            ],
            options={
                "verbose_name": "holiday or make-up day",
                "verbose_name_plural": "holidays and make-up days",
                "ordering": ("-day",),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("name__length__lte", 40)), name="holiday_name_length")
                ],
            },
        ),
    ]
