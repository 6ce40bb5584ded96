"""``manage.py load_divisions``: the city's townships and villages from a CSV file."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from areas.models import FormerName, Township, Village, present_townships
from areas.models.former_name import names_of

# National statistics codes of 2023 for Yueqing (330382): docs/decisions.md names the source.
DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "yueqing-divisions.csv"

KIND_BY_ENDING = {"街道": Township.Kind.SUBDISTRICT, "镇": Township.Kind.TOWN, "乡": Township.Kind.TOWNSHIP}


class Command(BaseCommand):
    """Create the divisions of the file; one that exists by its code gets a name that the file has and it never had.

    What was merged stays merged, and no village is moved: that is done on its page, where its people go along. A name
    that was changed here stays changed.
    """

    help = "Load townships and villages (columns: township_code, township, village_code, village)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take another city's file in place of ours."""
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file, add what is new in two statements, and rename what has another name now."""
        with options["file"].open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        names = {row["township_code"]: row["township"] for row in rows}
        villages = {row["village_code"]: village_name(row["village"]) for row in rows}
        renamed = [
            *_rename(Township.objects.current().filter(code__in=names), names),
            *_rename(Village.objects.current().filter(code__in=villages), villages),
        ]
        there = set(Township.objects.values_list("code", flat=True))
        Township.objects.bulk_create(
            [Township(code=code, name=name, kind=kind_of(name)) for code, name in names.items() if code not in there]
        )
        into, township_pk = present_townships(), dict(Township.objects.values_list("code", "pk"))
        lie_in = dict(Village.objects.values_list("code", "township"))
        moved = 0
        new = []
        for row in rows:
            pk = township_pk[row["township_code"]]
            township = into.get(pk, pk)
            if row["village_code"] in lie_in:
                moved += lie_in[row["village_code"]] != township
            else:
                name = villages[row["village_code"]]
                new.append(Village(code=row["village_code"], name=name, township_id=township))
        Village.objects.bulk_create(new)
        self.stdout.write(f"{len(names)} townships, {len(rows)} villages.")
        if renamed:
            self.stdout.write(f"Renamed: {len(renamed)}; the former names are kept.")
        if moved:
            self.stdout.write(f"Left where they are, although the file has them in another township: {moved} villages.")


def _rename(places: Any, names: dict[str, str]) -> list[Township | Village]:
    """Give the places the file's names, unless they had them before: then the name was changed here."""
    today = timezone.localdate()
    changed = [
        place
        for place in places.prefetch_related("former_names")
        if names[place.code] not in {place.name, *(former.name for former in place.former_names.all())}
    ]
    for place in changed:
        FormerName.objects.create(**names_of(place), name=place.name, until=today)
        place.name = names[place.code]
        if isinstance(place, Township):
            place.kind = kind_of(place.name)
        place.version += 1
        place.save()
    return changed


def village_name(official: str) -> str:
    """Return what people call the village: 土墩塘村 for the committee's 土墩塘村委会."""
    return official.removesuffix("委会")


def kind_of(name: str) -> Township.Kind:
    """Read the kind of office off the name's ending, 乐成街道 being a subdistrict."""
    return next((kind for ending, kind in KIND_BY_ENDING.items() if name.endswith(ending)), Township.Kind.TOWNSHIP)
