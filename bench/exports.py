"""The list of all volunteers as a file: our export as a person asks for it, and django-import-export's.

Both give the same columns, masked and in words. Ours goes through the whole stack: rights, filters, snapshot, file on
the disk, audit entry, every byte read. The reference is the resource alone, with its joins in one query.
"""

import csv
import io
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import translation
from import_export import fields, resources
from python_calamine import CalamineWorkbook

from bench.case import Work, signed_in
from volunteers.models import Volunteer
from volunteers.models.volunteer import mask_phone

NAMES = ("name", "number", "skill", "village", "team", "kind", "phone", "status")


def rows_of(content: bytes, kind: str) -> list[list[str]]:
    """Return the rows of a file below its head."""
    if kind == "csv":
        return [*csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))][1:]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python()][1:]


class Exported(Work):
    """The list as the administrator takes it along."""

    def __init__(self, kind: str) -> None:
        """Sign in."""
        self.client, self.kind = signed_in("admin"), kind

    def run(self) -> None:
        """Take it along."""
        response = self.client.post(reverse("volunteers:list"), {"export": self.kind})
        if response.status_code != 200:
            raise RuntimeError(f"The export answered {response.status_code}")
        self.content = b"".join(response.streaming_content)
        response.close()

    def result(self) -> list[list[str]]:
        """Return the rows."""
        return rows_of(self.content, self.kind)


class VolunteerResource(resources.ModelResource):
    """The same columns as django-import-export has them."""

    skill = fields.Field(attribute="primary_skill__name")
    village = fields.Field(attribute="village__name")
    team, kind, phone, status = fields.Field(), fields.Field(), fields.Field(), fields.Field()

    class Meta:
        model = Volunteer
        fields = NAMES
        export_order = NAMES

    def dehydrate_team(self, volunteer: Any) -> str:
        """Name the team, which the query brings along."""
        return volunteer.team_name or ""

    def dehydrate_kind(self, volunteer: Volunteer) -> str:
        """Say the kind of unit."""
        return volunteer.get_unit_kind_display()

    def dehydrate_phone(self, volunteer: Volunteer) -> str:
        """Mask the phone."""
        return mask_phone(volunteer.phone)

    def dehydrate_status(self, volunteer: Volunteer) -> str:
        """Say where the volunteer stands."""
        return volunteer.get_status_display()


class ImportExport(Work):
    """The resource's export of the same people."""

    def __init__(self, kind: str) -> None:
        """Take the kind of file."""
        self.kind = kind

    def people(self) -> QuerySet[Volunteer]:
        """Return everybody, with what the columns need."""
        volunteers = Volunteer.objects.with_present_membership().annotate(team_name=F("present__team__name"))
        return volunteers.select_related("primary_skill", "village").order_by("name_pinyin", "id")

    def run(self) -> None:
        """Export."""
        with translation.override("zh-hans"):
            made = VolunteerResource().export(self.people()).export(self.kind)
        self.content = made.encode() if isinstance(made, str) else made

    def result(self) -> list[list[str]]:
        """Return the rows."""
        return rows_of(self.content, self.kind)
