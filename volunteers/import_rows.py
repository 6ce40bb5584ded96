"""Imports of volunteers and the rows of their preview, prepared for the page: words, names and addresses."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from areas.models import Township, Village
from common.templatetags.yiwang import badge
from common.wording import in_words
from common.workbook.writing import letter_of
from volunteers.domain.identity import mask_id_number
from volunteers.imports.cells import text_of
from volunteers.imports.columns import label_of
from volunteers.imports.lines import AT, FIELDS, NAME, VILLAGE
from volunteers.imports.problems import Problem, cure_of, reason_of
from volunteers.models import SkillType, Volunteer, VolunteerImport

State = VolunteerImport.State
STATES = {
    State.MAPPING: ("warn", "columns-3"),
    State.CHECKING: ("info", "loader"),
    State.CHECKED: ("info", "file-check"),
    State.IMPORTING: ("warn", "loader"),
    State.DONE: ("ok", "circle-check"),
    State.DISCARDED: ("neutral", "trash-2"),
}
# The rest of a long value says no more about what is wrong with it.
VALUE_SHOWN = 40
CHOICES: dict[str, Any] = {
    "gender": dict(Volunteer.Gender.choices),
    "unit_kind": dict(Volunteer.UnitKind.choices),
    "education": dict(Volunteer.Education.choices),
}
# What the preview of a new person shows, besides name and phone.
SHOWN = (
    "gender",
    "birth_date",
    "skills",
    "further_skills",
    "village",
    "unit",
    "unit_kind",
    "party_branch",
    "joined_on",
)


def import_badge(state: str) -> SafeString:
    """Return an import's state as a badge."""
    tone, icon = STATES[State(state)]
    return badge(tone, str(State(state).label), icon)


def import_rows(imports: Sequence[VolunteerImport]) -> list[dict[str, Any]]:
    """Prepare the imports of one page."""
    return [
        {
            "url": each.get_absolute_url(),
            "at": date_format(timezone.localtime(each.at), "DATETIME_FORMAT"),
            "file": each.file_name,
            "by": each.by.name,
            "township": each.township.name if each.township else _("City"),
            "rows": each.row_count,
            "added": each.added_count,
            "changed": each.changed_count,
            "state": import_badge(each.state),
        }
        for each in imports
    ]


class Words:
    """What keys of a page's rows are called, by one question each."""

    def __init__(self, rows: Sequence[tuple[str, Any]]) -> None:
        """Look up the skill types, townships and villages that the rows name."""
        skills = SkillType.objects.values_list("pk", "name", "name_en")
        self.skills = {pk: in_words(name, name_en) for pk, name, name_en in skills}
        villages: set[int] = set()
        for kind, row in rows:
            if kind in ("new", "changed"):
                villages.add(row[1][VILLAGE] or 0)
            if kind == "changed":
                villages |= {pk or 0 for pk in row[5].get("village", ())}
        self.villages = dict(Village.objects.filter(pk__in=villages).values_list("pk", "name"))
        self.townships = dict(Township.objects.values_list("pk", "name"))

    def of(self, name: str, value: Any) -> str:
        """Return a value as people read it."""
        if value in (None, "", [], ()):
            return ""
        if name == "skills":
            return self.skills.get(value, "")
        if name == "further_skills":
            return "、".join(self.skills.get(skill, "") for skill in value)
        if name == "village":
            return self.villages.get(value, "")
        if name == "township":
            return self.townships.get(value, "")
        if name == "id_number":
            return mask_id_number(value) if isinstance(value, str) else _("another one")
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        return str(CHOICES[name].get(value, value)) if name in CHOICES else str(value)


def preview_rows(rows: Sequence[tuple[str, Any]], found: VolunteerImport) -> list[dict[str, Any]]:
    """Prepare rows of a file: who is meant, what would become of each, and each wrong cell with reason and cure."""
    words = Words(rows)
    prepare = {"wrong": _wrong, "changed": _changed, "new": _new, "same": _same}
    return [{"state": kind, "number": row[0], **prepare[kind](row, found, words)} for kind, row in rows]


def _wrong(row: Sequence[Any], found: VolunteerImport, words: Words) -> dict[str, Any]:
    _number, cells, problems = row
    return {
        "badge": badge("bad", _("Wrong")),
        "name": text_of(_cell(cells, found, "name"))[:VALUE_SHOWN],
        "problems": [_problem(Problem(*each), row, found) for each in problems],
    }


def _problem(problem: Problem, row: Sequence[Any], found: VolunteerImport) -> dict[str, str]:
    place = found.columns.get(problem.column)
    value = text_of(_cell(row[1], found, problem.column))[:VALUE_SHOWN]
    if problem.column == "id_number" and len(value) > 10:
        value = mask_id_number(value)
    return {
        "cell": f"{letter_of(place)}{row[0]}" if place is not None else str(row[0]),
        "label": label_of(problem.column) if problem.column in AT else "",
        "value": value,
        "reason": reason_of(problem),
        "cure": cure_of(problem),
    }


def _cell(cells: Sequence[Any], found: VolunteerImport, column: str) -> Any:
    place = found.columns.get(column)
    return cells[place] if place is not None and place < len(cells) else None


def _new(row: Sequence[Any], found: VolunteerImport, words: Words) -> dict[str, Any]:
    values = row[1]
    return {
        "badge": badge("info", _("New"), "circle-plus"),
        "name": values[NAME],
        "phone": values[AT["phone"]],
        "told": [(label_of(name), said) for name in SHOWN if (said := words.of(name, values[AT[name]]))],
    }


def _changed(row: Sequence[Any], found: VolunteerImport, words: Words) -> dict[str, Any]:
    _number, _values, pk, number, name, changes = row
    return {
        "badge": badge("warn", _("Changed"), "pencil"),
        "name": name,
        "person": number,
        "url": reverse("volunteers:detail", args=[pk]),
        "changes": [
            {
                "label": label_of(field),
                "before": words.of(field, changes[field][0]),
                "after": words.of(field, changes[field][1]),
            }
            for field in FIELDS
            if field in changes
        ],
    }


def _same(row: Sequence[Any], found: VolunteerImport, words: Words) -> dict[str, Any]:
    _number, pk, number, name, twin = row
    return {
        "badge": badge("ok", _("Same"), "copy-check"),
        "name": name,
        "person": number,
        "url": reverse("volunteers:detail", args=[pk]) if pk else "",
        "twin": twin,
    }


def result_rows(rows: Sequence[tuple[str, Any]], found: VolunteerImport) -> list[dict[str, Any]]:
    """Prepare the rows of an import that was done: who was added or changed, by number, and what stayed out."""
    prepared = []
    for kind, row in rows:
        if kind == "wrong":
            prepared.append({"state": kind, "number": row[0], **_wrong(row, found, Words([]))})
            continue
        is_new = kind == "new"
        prepared.append(
            {
                "state": kind,
                "number": row[0],
                "badge": badge("ok", _("Added"), "user-plus") if is_new else badge("ok", _("Changed"), "pencil"),
                "url": reverse("volunteers:detail", args=[row[1]]),
                "person": row[2],
                "name": row[3],
                "told": [] if is_new else [("", "、".join(label_of(name) for name in row[4] if name in AT))],
            }
        )
    return prepared


def hidden_sheets(found: VolunteerImport) -> list[str]:
    """Name the sheets that are hidden in the file, and therefore left out."""
    return [facts["name"] for facts in found.sheets if facts["hidden"]]
