"""Takes confirmed rows in, all of one transaction: new people by COPY, changes of known ones as a set.

What teams, absences and services have a say in goes the way of the form (``edit_volunteer``), row by row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.audit import record_rows
from accounts.models import AuditEntry, User
from accounts.rights import Right
from areas.models import Township, Village
from common import copying
from common.rules import RuleBroken
from volunteers.domain.numbers import next_numbers
from volunteers.domain.volunteer import edit_volunteer
from volunteers.hooks import volunteers_changing
from volunteers.id_number import encrypted, is_switched_on, keyed_hash
from volunteers.imports.check import CHANGED, NEW, Checker, Decision
from volunteers.imports.lines import AT, FIELDS, FURTHER, ID, NAME, Line
from volunteers.imports.parts import Kind, rows_of
from volunteers.imports.problems import Problem
from volunteers.models import SkillType, Volunteer, VolunteerImport
from volunteers.pinyin import pinyin_of

# What the database calls each field of a line; further skill types stand in a table of their own.
ATTNAMES = {"skills": "primary_skill_id", "township": "township_id", "village": "village_id"}
OWN_COLUMNS = [name for name in FIELDS if name not in ("number", "id_number", "further_skills")]
# What the trail calls them.
AUDITED = {"skills": "primary_skill"}
DAYS = frozenset({"birth_date", "joined_party_on", "joined_on"})
TRUTHS = frozenset({"is_rural_expert", "shows_name", "shows_phone"})
NULLABLE = frozenset({"joined_party_on"})
LOCKED_AT_ONCE = 5_000


@dataclass
class Taken:
    """What became of the rows: the new ones as [row, key, number, name], and those refused since the preview."""

    added: list[list[Any]] = field(default_factory=list)
    changed: list[list[Any]] = field(default_factory=list)
    refused: dict[int, Problem] = field(default_factory=dict)


def take_in(volunteer_import: VolunteerImport, checker: Checker, *, by: User) -> Taken:
    """Take in the rows of the preview, each as it was previewed or not at all; runs in the event's transaction."""
    taken = Taken()
    # Whoever takes numbers goes first: nobody is registered, and no other list taken in, until this one is.
    numbers = iter(next_numbers(volunteer_import.counts.get(NEW, 0)))
    _lock(volunteer_import)
    for rows in rows_of(volunteer_import, Kind.CHANGED):
        _change(rows, checker, taken, by)
    for rows in rows_of(volunteer_import, Kind.NEW):
        _add(rows, checker, taken, numbers, by)
    return taken


def _lock(volunteer_import: VolunteerImport) -> None:
    """Lock who is changed, their teams first where the change concerns these, each in their order."""
    everybody: list[int] = []
    weighty: list[int] = []
    for rows in rows_of(volunteer_import, Kind.CHANGED):
        for _number, _values, pk, _called, _name, changes in rows:
            everybody.append(pk)
            if Decision(Line(0, [], []), CHANGED, changes=changes).is_weighty:
                weighty.append(pk)
    if weighty:
        volunteers_changing.send(Volunteer, volunteers=weighty)
    everybody.sort()
    for place in range(0, len(everybody), LOCKED_AT_ONCE):
        people = Volunteer.objects.filter(pk__in=everybody[place : place + LOCKED_AT_ONCE]).order_by("pk")
        list(people.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


# --- Changes ----------------------------------------------------------------------------------------------


def _change(rows: Sequence[Any], checker: Checker, taken: Taken, by: User) -> None:
    decisions = checker.decide([_line(row) for row in rows])
    light: list[Decision] = []
    for row, decision in zip(rows, decisions, strict=True):
        number, _values, pk, _called, _name, changes = row
        seen = {name: (_plain(old), _plain(new)) for name, (old, new) in changes.items()}
        person = decision.person
        if decision.state != CHANGED or person is None or person.pk != pk or decision.changes != seen:
            taken.refused[number] = _since(decision)
        elif not decision.is_weighty:
            light.append(decision)
        else:
            refused = change_weighty(decision, by=by)
            if refused is not None:
                taken.refused[number] = refused
    if light:
        _change_light(light)
    taken.changed += [[row[0], row[2], row[3], row[4], sorted(row[5])] for row in rows if row[0] not in taken.refused]


def change_weighty(decision: Decision, *, by: User) -> Problem | None:
    """Change a record the way of the form; return what refused it."""
    person = decision.person
    assert person is not None  # noqa: S101 (a change is somebody's)
    values: dict[str, Any] = {}
    for name, (_old, new) in decision.changes.items():
        if name == "skills":
            values["primary_skill"] = SkillType.objects.get(pk=new)
        elif name == "further_skills":
            values[name] = list(SkillType.objects.filter(pk__in=new))
        elif name == "township":
            values[name] = Township.objects.get(pk=new)
        elif name == "village":
            values[name] = Village.objects.get(pk=new)
        else:
            values[name] = date.fromisoformat(new) if name in DAYS else new
    try:
        with transaction.atomic():
            edit_volunteer(person.pk, values, version=person.version, by=by)
    except RuleBroken as broken:
        column = {"primary_skill": "skills"}.get(broken.field or "", broken.field or "")
        return Problem(column if column in AT else "", "rule", {"text": " ".join(broken.messages)})
    return None


def _change_light(decisions: Sequence[Decision]) -> None:
    """Write changes that nobody else has a say in, and their entries in the trail."""
    rows, entries, gone, given = [], [], [], []
    for decision in decisions:
        person, changes = decision.person, decision.changes
        assert person is not None  # noqa: S101 (a change is somebody's)
        merged = [new if new is not None else old for new, old in zip(decision.line.values, person.values, strict=True)]
        id_number = changes["id_number"][1] if "id_number" in changes else None
        rows.append(
            (person.pk, person.version + 1, *_columns(merged), *pinyin_of(merged[NAME]), *_id_columns(id_number))
        )
        told = {
            AUDITED.get(name, name): pair
            for name, pair in changes.items()
            if name not in ("id_number", "further_skills")
        }
        entries.append((person.pk, f"{merged[NAME]}({person.number})", told))
        if "further_skills" in changes:
            before, after = changes["further_skills"]
            gone += [(person.pk, skill) for skill in before if skill not in after]
            given += [(person.pk, skill) for skill in after if skill not in before]
    with_id = [row for row in rows if row[-1] is not None]
    plain_names = ["version", *(ATTNAMES.get(name, name) for name in OWN_COLUMNS), "name_pinyin", "name_initials"]
    if with_id:
        copying.update(Volunteer, [*plain_names, "id_number_encrypted", "id_number_hash"], with_id)
    without = [row[:-2] for row in rows if row[-1] is None]
    if without:
        copying.update(Volunteer, plain_names, without)
    record_rows(Volunteer, AuditEntry.Action.UPDATE, entries)
    through = Volunteer.further_skills.through
    for volunteer, skill in gone:
        through.objects.filter(volunteer=volunteer, skilltype=skill).delete()
    copying.insert(through, ("volunteer_id", "skilltype_id"), given)


# --- New people -------------------------------------------------------------------------------------------


def _add(rows: Sequence[Any], checker: Checker, taken: Taken, numbers: Iterator[str], by: User) -> None:
    """Add the people of one batch."""
    lines = []
    for decision in checker.decide([_line(row) for row in rows]):
        if decision.state == NEW:
            lines.append(decision.line)
        else:
            taken.refused[decision.line.number] = _since(decision)
    if not lines:
        return
    keys = copying.take_keys(Volunteer, len(lines))
    is_admitted = by.may(Right.ADMIT_VOLUNTEERS)
    status = Volunteer.Status.ACTIVE.value if is_admitted else Volunteer.Status.APPLIED.value
    endorsed = (None, None) if is_admitted else (timezone.localdate().isoformat(), by.pk)
    told = {"status": (None, status)} | (
        {} if is_admitted else {"endorsed_on": (None, endorsed[0]), "endorsed_by": (None, by.pk)}
    )
    people, entries, skills = [], [], []
    for key, line in zip(keys, lines, strict=True):
        values = line.values
        number = next(numbers)
        name = values[NAME]
        people.append((key, number, *_columns(values), *pinyin_of(name), *_id_columns(values[ID]), status, *endorsed))
        said = {
            AUDITED.get(column, column): (None, values[AT[column]])
            for column in OWN_COLUMNS
            if values[AT[column]] is not None
        }
        entries.append((key, f"{name}({number})", {"number": (None, number), **said, **told}))
        skills += [(key, skill) for skill in values[FURTHER] or ()]
        taken.added.append([line.number, key, number, name])
    copying.insert(
        Volunteer,
        (
            "id", "number", *(ATTNAMES.get(name, name) for name in OWN_COLUMNS), "name_pinyin", "name_initials",
            "id_number_encrypted", "id_number_hash", "status", "endorsed_on", "endorsed_by_id",
        ),
        people,
    )  # fmt: skip
    copying.insert(Volunteer.further_skills.through, ("volunteer_id", "skilltype_id"), skills)
    record_rows(Volunteer, AuditEntry.Action.CREATE, entries)


_COLUMNS = [(AT[name], None if name in DAYS & NULLABLE else False if name in TRUTHS else "") for name in OWN_COLUMNS]


def _columns(values: Sequence[Any]) -> list[Any]:
    """Return the values of a line as the table has them: nothing said is an empty text, or no."""
    return [empty if (value := values[at]) is None else value for at, empty in _COLUMNS]


def _id_columns(id_number: str | None) -> tuple[bytes | None, str | None]:
    if not id_number or not is_switched_on():
        return None, None
    return encrypted(id_number), keyed_hash(id_number)


def _line(row: Sequence[Any]) -> Line:
    values = list(row[1])
    values[FURTHER] = None if values[FURTHER] is None else tuple(values[FURTHER])
    return Line(row[0], values, [])


def _plain(value: Any) -> Any:
    """Undo what JSON makes of tuples."""
    return tuple(value) if isinstance(value, list) else value


def _since(decision: Decision) -> Problem:
    """Say why a row is not what it was when it was previewed."""
    return decision.line.problems[0] if decision.line.problems else Problem("", "changed_since")
