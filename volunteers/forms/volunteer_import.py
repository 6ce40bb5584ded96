"""The forms of an import of volunteers: the file, and what its columns mean."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from areas.models import Township
from common.forms import DateField, YiwangForm
from common.workbook.form import UploadForm
from common.workbook.writing import letter_of
from volunteers.domain.volunteer_import import remembered_for
from volunteers.forms.volunteer import VillageChoiceField
from volunteers.imports.columns import COLUMNS, column_called, is_known, label_of
from volunteers.imports.parts import unpack
from volunteers.imports.reading import ReadSheet, read_sheets
from volunteers.models import SkillType, Volunteer, VolunteerImport

# One of these tells people of the same name apart.
TELL_APART = ("phone", "birth_date", "id_number")


class UploadVolunteersForm(UploadForm):
    """One file; ``sheets`` is what it holds, once the form is valid."""

    size_setting = "IMPORT_VOLUNTEERS_MAX_MEGABYTES"
    sheets: list[ReadSheet]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        """Take who uploads: their township's columns are known from before."""
        super().__init__(*args, **kwargs)
        self.user = user

    def read(self, data: bytes) -> None:
        """Read its sheets."""
        self.sheets = read_sheets(data, remembered_for(self.user.township_id))

    def upload(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        return {"sheets": self.sheets, **super().upload()}


class MappingForm(YiwangForm):
    """What each column of the chosen sheet means, and what holds for new people where no column says."""

    village = VillageChoiceField(label=_("Home village"), required=False, empty_label=_("As the column says"))
    skills = forms.ModelChoiceField(
        label=_("Primary skill type"),
        queryset=SkillType.objects.in_use(),
        required=False,
        empty_label=_("As the column says"),
    )
    unit_kind = forms.ChoiceField(label=_("Kind of unit"), required=False)
    joined_on = DateField(label=_("Joined the programme"), required=False)

    def __init__(self, *args: Any, volunteer_import: VolunteerImport, sheet: int, **kwargs: Any) -> None:
        """Offer one choice for each column of the sheet, filled in as far as its name is known."""
        super().__init__(*args, **kwargs)
        self.sheet, self.facts = sheet, volunteer_import.sheets[sheet]
        is_chosen = sheet == volunteer_import.sheet
        columns = volunteer_import.columns if is_chosen else self.facts["columns"]
        meant = {place: column for column, place in columns.items()}
        choices = [("", _("Leave out")), *((column, label_of(column)) for column in COLUMNS)]
        for place in range(len(self.facts["names"])):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=self.name_of(place), choices=choices, required=False, initial=meant.get(place, "")
            )
        self.fields["unit_kind"].choices = [("", _("As the column says")), *Volunteer.UnitKind.choices]
        # The scope is that of the file, also where an administrator lends a hand with a township's.
        township = volunteer_import.township_id
        self.fields["village"].offer(None if township is None else [township])
        if township is None:
            self.fields["township"] = forms.ModelChoiceField(
                label=_("Township"),
                queryset=Township.objects.current(),
                required=False,
                empty_label=_("As the column says"),
            )
        defaults = volunteer_import.defaults if is_chosen else {}
        for name in ("township", "village", "skills", "unit_kind", "joined_on"):
            if name in self.fields and defaults.get(name):
                self.fields[name].initial = defaults[name]
        self.remembered = remembered_for(township)

    def name_of(self, place: int) -> str:
        """Return how the column at a place is called, or its letter."""
        return self.facts["names"][place] or letter_of(place)

    def columns(self) -> Iterator[tuple[BoundField, str, list[str], bool]]:
        """Yield each column's choice, its letter, three samples, and whether nobody knows what it means."""
        samples = unpack(self.facts["samples"].encode()) if self.facts["samples"] else []
        for place, name in enumerate(self.facts["names"]):
            shown = samples[place] if place < len(samples) else []
            if name or shown:
                is_unknown = not is_known(name, self.remembered) if name else True
                yield self[f"column_{place}"], letter_of(place), shown, is_unknown and not column_called(name)

    def unknown(self) -> list[str]:
        """Name the columns whose meaning nobody knows."""
        return [field.label for field, _letter, _samples, is_unknown in self.columns() if is_unknown]

    def defaults(self) -> list[BoundField]:
        """Return the fields of what holds where no column says."""
        names = ("township", "village", "skills", "unit_kind", "joined_on")
        return [self[name] for name in names if name in self.fields]

    def clean(self) -> dict[str, Any]:
        """Refuse two columns of one meaning, and a list in which nobody can be told apart."""
        values = super().clean()
        meant: dict[str, int] = {}
        for place in range(len(self.facts["names"])):
            column = values.get(f"column_{place}")
            if not column:
                continue
            if column in meant:
                self.add_error(
                    f"column_{place}",
                    _("“%(other)s” is taken for the same. Leave one of the two out.")
                    % {"other": self.name_of(meant[column])},
                )
            meant.setdefault(column, place)
        if "number" not in meant and ("name" not in meant or not any(name in meant for name in TELL_APART)):
            raise ValidationError(
                _("Say which column has the names, and which one phones, birth dates or ID numbers."), code="needed"
            )
        self.meant = meant
        return values

    def mapping(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        values = self.cleaned_data
        joined_on = values.get("joined_on")
        defaults = {
            "township": values["township"].pk if values.get("township") else None,
            "village": values["village"].pk if values.get("village") else None,
            "skills": values["skills"].pk if values.get("skills") else None,
            "unit_kind": values.get("unit_kind") or None,
            "joined_on": joined_on.isoformat() if joined_on else None,
        }
        return {
            "sheet": self.sheet,
            "columns": self.meant,
            "defaults": {name: value for name, value in defaults.items() if value},
        }
