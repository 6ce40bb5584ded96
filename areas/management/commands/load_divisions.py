"""``manage.py load_divisions``: the city's townships and villages from a CSV file."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from areas.models import Township, Village

# National statistics codes of 2023 for Yueqing (330382): docs/decisions.md names the source.
DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "yueqing-divisions.csv"

KIND_BY_ENDING = {"街道": Township.Kind.SUBDISTRICT, "镇": Township.Kind.TOWN, "乡": Township.Kind.TOWNSHIP}


class Command(BaseCommand):
    """Create the divisions of the file; those that exist by their code get the file's name."""

    help = "Load townships and villages (columns: township_code, township, village_code, village)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take another city's file in place of ours."""
        parser.add_argument("file", nargs="?", type=Path, default=DEFAULT_FILE)

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Read the file and write both tables in two statements."""
        with options["file"].open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        names = {row["township_code"]: row["township"] for row in rows}
        Township.objects.bulk_create(
            [Township(code=code, name=name, kind=kind_of(name)) for code, name in names.items()],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "kind"],
        )
        township_pk = dict(Township.objects.values_list("code", "pk"))
        Village.objects.bulk_create(
            [
                Village(
                    code=row["village_code"],
                    name=village_name(row["village"]),
                    township_id=township_pk[row["township_code"]],
                )
                for row in rows
            ],
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "township"],
        )
        self.stdout.write(f"{len(names)} townships, {len(rows)} villages.")


def village_name(official: str) -> str:
    """Return what people call the village: 土墩塘村 for the committee's 土墩塘村委会."""
    return official.removesuffix("委会")


def kind_of(name: str) -> Township.Kind:
    """Read the kind of office off the name's ending, 乐成街道 being a subdistrict."""
    return next((kind for ending, kind in KIND_BY_ENDING.items() if name.endswith(ending)), Township.Kind.TOWNSHIP)
