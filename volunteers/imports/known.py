"""The volunteers whom rows may mean, looked up as a set: however many rows there are, a batch asks a few questions."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from volunteers.id_number import is_switched_on, keyed_hash
from volunteers.imports.lines import BIRTH, FIELDS, ID, NAME, NUMBER, PHONE, Line
from volunteers.models import Absence, Volunteer

# The column of each field, and what else a comparison needs to know.
COLUMNS_OF = {
    "id_number": "id_number_hash",
    "skills": "primary_skill_id",
    "township": "township_id",
    "village": "village_id",
    "further_skills": "id",
}
READ = [COLUMNS_OF.get(name, name) for name in FIELDS]
DAYS = [place for place, name in enumerate(FIELDS) if name in ("birth_date", "joined_party_on", "joined_on")]
FURTHER_AT = FIELDS.index("further_skills")


@dataclass(slots=True)
class Known:
    """A volunteer on record, its values in the order of a line's; the ID number as its hash."""

    pk: int
    version: int
    status: str
    township: int
    values: list[Any]

    @property
    def number(self) -> str:
        """The number on the badge."""
        return self.values[NUMBER]

    @property
    def name(self) -> str:
        """The name."""
        return self.values[NAME]


class Register:
    """Whom the lines of one batch may mean: by number, by ID number, by name and phone, by name and birth date."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Look all of them up."""
        self.hash_of: dict[str, str] = {}
        if is_switched_on():
            self.hash_of = {number: keyed_hash(number) for line in lines if (number := line.values[ID])}
        numbers = {line.values[NUMBER] for line in lines} - {None}
        found: set[int] = set()
        if numbers:
            found |= set(Volunteer.objects.filter(number__in=numbers).order_by().values_list("pk", flat=True))
        if self.hash_of:
            hashes = Volunteer.objects.filter(id_number_hash__in=self.hash_of.values())
            found |= set(hashes.order_by().values_list("pk", flat=True))
        named = [line.values for line in lines if line.values[NAME]]
        found |= _pairs("phone", {(values[NAME], values[PHONE]) for values in named if values[PHONE]})
        found |= _pairs("birth_date", {(values[NAME], values[BIRTH]) for values in named if values[BIRTH]})
        self._learn(found)

    def _learn(self, pks: set[int]) -> None:
        self.by_number: dict[str, Known] = {}
        self.by_hash: dict[str, Known] = {}
        self.by_phone: dict[tuple[str, str], list[Known]] = defaultdict(list)
        self.by_birth: dict[tuple[str, str], list[Known]] = defaultdict(list)
        self.first_absence: dict[int, str] = {}
        # ID numbers that stay with a record that was merged: the person's own, and nobody's to take over.
        self.kept_by_merged: set[str] = set()
        if not pks:
            return
        kept_by, pks = _kept(pks)
        known = _load(pks)
        for pk, person in known.items():
            keeper = known.get(kept_by.get(pk, pk), person)
            # A record that was merged into another stands for that one.
            self.by_number[person.number] = keeper
            if person.values[ID]:
                self.by_hash[person.values[ID]] = keeper
                if keeper is not person:
                    self.kept_by_merged.add(person.values[ID])
            for index, key in (
                (self.by_phone, (person.name, person.values[PHONE])),
                (self.by_birth, (person.name, person.values[BIRTH])),
            ):
                if keeper not in index[key]:
                    index[key].append(keeper)
        spells = Absence.objects.filter(volunteer__in=pks).order_by("-since").values_list("volunteer", "since")
        self.first_absence = {pk: since.isoformat() for pk, since in spells}


def _kept(pks: set[int]) -> tuple[dict[int, int], set[int]]:
    """Return into which record each of them was merged, and the keys of all that are to be known."""
    merged = Volunteer.objects.filter(pk__in=pks, merged_into__isnull=False).order_by()
    kept_by = {pk: keeper for pk, keeper in merged.values_list("pk", "merged_into") if keeper}
    return kept_by, pks | set(kept_by.values())


def _pairs(column: str, pairs: set[tuple[str, str]]) -> set[int]:
    """Return the keys of the volunteers of whom one of the pairs of name and ``column`` is true."""
    if not pairs:
        return set()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names, others = zip(*pairs, strict=True)
            kind = "date" if column == "birth_date" else "text"
            cursor.execute(
                f"SELECT v.id FROM unnest(%s::text[], %s::{kind}[]) AS pair (name, other)"  # noqa: S608
                f" JOIN volunteers_volunteer v ON v.name = pair.name AND v.{column} = pair.other",
                [list(names), list(others)],
            )
        else:
            cursor.execute(
                f"SELECT v.id FROM json_each(%s) AS pair JOIN volunteers_volunteer v"  # noqa: S608
                f" ON v.name = json_extract(pair.value, '$[0]') AND v.{column} = json_extract(pair.value, '$[1]')",
                [json.dumps(list(pairs))],
            )
        return {pk for (pk,) in cursor.fetchall()}


def _load(pks: Iterable[int]) -> dict[int, Known]:
    """Return what is on record of these volunteers."""
    pks = list(pks)
    further: dict[int, list[int]] = defaultdict(list)
    through = Volunteer.further_skills.through.objects
    for volunteer, skill in through.filter(volunteer__in=pks).values_list("volunteer", "skilltype"):
        further[volunteer].append(skill)
    known = {}
    rows = Volunteer.objects.filter(pk__in=pks).order_by("pk")
    for pk, version, status, township, *values in rows.values_list("pk", "version", "status", "township_id", *READ):
        for place in DAYS:
            values[place] = values[place].isoformat() if values[place] else None
        values[FURTHER_AT] = tuple(sorted(further[pk]))
        known[pk] = Known(pk, version, status, township, values)
    return known
