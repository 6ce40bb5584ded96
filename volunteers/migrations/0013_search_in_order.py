"""The indexes of the search know which records were given up, too, and two initials are kept in the order of the list."""

from django.db import migrations, models
from django.db.models import F, Q

from common.begins import AfterBlank, ByteOrder, Ending, First, From

ORDER = ("name_pinyin", "id", "township", "merged_into")
# As they were made in 0012, without ``merged_into``; an index is made anew, the table is not.
AGAIN = {
    "volunteer_name_begins": (ByteOrder("name"), "name", None),
    "volunteer_name_second": (From("name", 2), "name", None),
    "volunteer_name_third": (From("name", 3), "name", Q(("name__length__gt", 3))),
    "volunteer_initials": (ByteOrder("name_initials"), "name_initials", None),
    "volunteer_given_pinyin": (AfterBlank("name_pinyin"), None, None),
    "volunteer_phone_tail": (Ending("phone", 4), "phone", None),
}
NEW = {"volunteer_two_initials": (First("name_initials", 2), "name_initials", None)}


def made(name, leading, column, condition):
    """Return the operation for an index in the order of the list."""
    columns = [F(each) for each in (*ORDER, column) if each]
    return migrations.AddIndex(
        model_name="volunteer", index=models.Index(leading, *columns, name=name, condition=condition)
    )


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0012_search")]

    operations = [
        *[migrations.RemoveIndex(model_name="volunteer", name=name) for name in (*AGAIN, "volunteer_name_long")],
        *[made(name, *parts) for name, parts in (AGAIN | NEW).items()],
        migrations.AddIndex(
            model_name="volunteer",
            index=models.Index(
                *map(F, ("township", "name_pinyin", "id", "merged_into", "name")),
                name="volunteer_long_name",
                condition=Q(("name__length__gt", 4)),
            ),
        ),
    ]
