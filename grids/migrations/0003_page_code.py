"""Each grid gets the code of its public page."""

from django.db import migrations, models
from django.db.models import Q

import grids.models.grid

BATCH = 500


def draw_codes(apps, schema_editor):
    """Give every grid a code, some at a time."""
    grid_model = apps.get_model("grids", "Grid")
    bare = grid_model.objects.filter(page_code__isnull=True).order_by("pk")
    while found := list(bare[:BATCH]):
        for grid in found:
            grid.page_code = grids.models.grid.new_page_code()
        grid_model.objects.bulk_update(found, ["page_code"])


def page_code(**options):
    return models.CharField(max_length=11, null=True, editable=False, verbose_name="code of the public page", **options)


class Migration(migrations.Migration):
    dependencies = [("grids", "0002_memberships_never_overlap")]

    operations = [
        # Without the default, which only Django knows, SQLite need not write the table anew.
        migrations.AddField("grid", "page_code", page_code()),
        migrations.RunPython(draw_codes, migrations.RunPython.noop, elidable=False),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("grid", "page_code", page_code(default=grids.models.grid.new_page_code))
            ]
        ),
        migrations.AddConstraint(
            "grid",
            models.UniqueConstraint(
                name="grid_page_code_once", fields=["page_code"], condition=Q(page_code__isnull=False)
            ),
        ),
    ]
