"""What each row of a list would do: new, changed (old and new of each cell), the same, or wrong and why.

The rules are those of ``volunteers.domain.volunteer``, asked of whole batches. The same function decides for the
preview and once more, under locks, when rows are taken in: what was previewed is what is imported.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from accounts.models import User
from volunteers.domain.volunteer import ADULT
from volunteers.imports.known import Known, Register
from volunteers.imports.lines import (
    AT,
    BIRTH,
    FIELDS,
    FURTHER,
    GENDER,
    ID,
    JOINED,
    NAME,
    NUMBER,
    PARTY,
    PHONE,
    SKILLS,
    TOWNSHIP,
    VILLAGE,
    Directory,
    Line,
    last_day,
)
from volunteers.imports.problems import Problem
from volunteers.models import Volunteer

NEW, CHANGED, SAME, WRONG = "new", "changed", "same", "wrong"
# What nobody can be registered without.
REQUIRED = (NAME, GENDER, BIRTH, PHONE, VILLAGE, SKILLS, AT["unit_kind"], JOINED)
# What two records of one person are recognised by.
RECOGNISED_BY = (NAME, PHONE, BIRTH)
# Changes of these are the domain's to judge, each by itself: teams and services have a say.
WEIGHTY = frozenset({"township", "skills", "joined_on"})


@dataclass(slots=True)
class Decision:
    """What a line would do: to whom, and which fields from what to what."""

    line: Line
    state: str
    person: Known | None = None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    same_as: int = 0

    @property
    def is_weighty(self) -> bool:
        """Whether the change is the domain's to judge."""
        return not WEIGHTY.isdisjoint(self.changes)


class Checker:
    """Decides for one importer; ``defaults`` hold for new people where the file says nothing."""

    def __init__(self, user: User, directory: Directory, defaults: Mapping[str, Any]) -> None:
        """Learn whose volunteers may be changed, and what new ones get."""
        self.own = user.township_id
        self.directory = directory
        self.today = timezone.localdate().isoformat()
        self.defaults = [(AT[name], value) for name, value in defaults.items() if name in AT and value]

    def decide(self, lines: Sequence[Line]) -> list[Decision]:
        """Say what each of the lines would do now."""
        register = Register(lines)
        return [self._decide(line, register) for line in lines]

    def _decide(self, line: Line, register: Register) -> Decision:
        person = self._person(line, register)
        if person is None and not line.problems:
            self._complete(line)
        elif person is not None and not line.problems:
            changes = self._changes(line, person, register)
            if not line.problems:
                return Decision(line, CHANGED if changes else SAME, person, changes)
        return Decision(line, WRONG if line.problems else NEW, person)

    def _person(self, line: Line, register: Register) -> Known | None:
        """Find whom the line means: by number, else by ID number, else by name and phone or birth date."""
        values = line.values
        by_hash = register.by_hash.get(register.hash_of.get(values[ID], "")) if values[ID] else None
        if values[NUMBER]:
            person = register.by_number.get(values[NUMBER])
            if person is None or self.own not in (None, person.township):
                line.problems.append(Problem("number", "unknown_number"))
                return None
            if by_hash is not None and by_hash.pk != person.pk:
                line.problems.append(Problem("id_number", "id_taken"))
            if all(values[at] not in (None, person.values[at]) for at in RECOGNISED_BY):
                line.problems.append(Problem("number", "another_person"))
            return person
        found = [by_hash] if by_hash else self._alike(line, register)
        if not found:
            return None
        if any(self.own not in (None, person.township) for person in found):
            line.problems.append(Problem("name", "elsewhere"))
            return None
        if len(found) > 1:
            numbers = "、".join(sorted(person.number for person in found))
            line.problems.append(Problem("name", "two_records", {"numbers": numbers}))
            return None
        if found[0].status == Volunteer.Status.REJECTED:
            line.problems.append(Problem("name", "rejected"))
        return found[0]

    @staticmethod
    def _alike(line: Line, register: Register) -> list[Known]:
        """Return those of the same name with the same phone or birth date; one with both before the others."""
        values = line.values
        by_phone = register.by_phone.get((values[NAME], values[PHONE]), [])
        by_birth = register.by_birth.get((values[NAME], values[BIRTH]), [])
        if not by_phone and not by_birth:
            return []
        wanted = register.hash_of.get(values[ID], "") if values[ID] else ""
        found = {
            person.pk: person
            for person in (*by_phone, *by_birth)
            # Two ID numbers are two people, whatever else is the same; who was turned down is no double.
            if person.status != Volunteer.Status.REJECTED
        }
        both = [person for person in by_phone if person in by_birth and person.pk in found]
        chosen = both if len(both) == 1 else list(found.values())
        if wanted and any(person.values[ID] not in (None, "", wanted) for person in chosen):
            line.problems.append(Problem("id_number", "other_id", {"number": chosen[0].number}))
        return chosen

    def _complete(self, line: Line) -> None:
        """Give a new person what the file leaves open, and say what is missing then."""
        values = line.values
        for at, value in self.defaults:
            if values[at] is None and (at != TOWNSHIP or values[VILLAGE] is None):
                values[at] = value
        if values[VILLAGE] is not None:
            values[TOWNSHIP] = self.directory.township_of.get(values[VILLAGE], values[TOWNSHIP])
        if values[JOINED] is None:
            values[JOINED] = self.today
        self._settle_month(values, None)
        line.problems += [Problem(FIELDS[at], "missing") for at in REQUIRED if values[at] is None]
        if values[BIRTH]:
            self._check_age(line, values[BIRTH], values[JOINED], values[PARTY])

    def _changes(self, line: Line, person: Known, register: Register) -> dict[str, tuple[Any, Any]]:
        """Return which fields would change; an empty cell never erases."""
        values, old = line.values, person.values
        self._settle_month(values, old[PARTY])
        changes: dict[str, tuple[Any, Any]] = {}
        for at, name in enumerate(FIELDS):
            value = values[at]
            if value is None or value == old[at] or at in (NUMBER, ID, FURTHER):
                continue
            changes[name] = (old[at], value)
        hashed = register.hash_of.get(values[ID]) if values[ID] else None
        if hashed and hashed != old[ID] and hashed not in register.kept_by_merged:
            changes["id_number"] = (bool(old[ID]), values[ID])
        primary = values[SKILLS] or old[SKILLS]
        further = old[FURTHER] if values[FURTHER] is None else values[FURTHER]
        further = tuple(skill for skill in further if skill != primary)
        if further != old[FURTHER]:
            changes["further_skills"] = (old[FURTHER], further)
        if changes:
            self._check_change(line, person, changes, register)
        return changes

    @staticmethod
    def _settle_month(values: list[Any], known: str | None) -> None:
        """Let a month stand for the day of it that is on record, or for its first."""
        month = values[PARTY]
        if month and len(month) == len("2005-06"):
            values[PARTY] = known if known and known.startswith(month) else f"{month}-01"

    def _check_change(
        self, line: Line, person: Known, changes: Mapping[str, tuple[Any, Any]], register: Register
    ) -> None:
        old = person.values
        merged = [value if value is not None else before for value, before in zip(line.values, old, strict=True)]
        if "village" not in changes and "township" in changes:
            line.problems.append(Problem("village", "missing"))
        if {"birth_date", "joined_on", "joined_party_on"} & changes.keys():
            self._check_age(line, merged[BIRTH], merged[JOINED], merged[PARTY])
        first = register.first_absence.get(person.pk)
        if "joined_on" in changes and first and merged[JOINED] > first:
            line.problems.append(Problem("joined_on", "joined_after_absence"))
        if {"name", "phone", "birth_date"} & changes.keys():
            # Whom the record looked like before, it was told apart from.
            alike = (
                *register.by_phone.get((old[NAME], old[PHONE]), ()),
                *register.by_birth.get((old[NAME], old[BIRTH]), ()),
            )
            doubles = [
                *register.by_phone.get((merged[NAME], merged[PHONE]), ()),
                *register.by_birth.get((merged[NAME], merged[BIRTH]), ()),
            ]
            for double in doubles:
                if double.pk != person.pk and double not in alike and double.status != Volunteer.Status.REJECTED:
                    seen = self.own in (None, double.township)
                    line.problems.append(
                        Problem("name", "would_double", {"number": double.number})
                        if seen
                        else Problem("name", "elsewhere")
                    )
                    break

    @staticmethod
    def _check_age(line: Line, birth: str, joined: str, party: str | None) -> None:
        adult = f"{int(birth[:4]) + ADULT}{birth[4:]}"
        if adult > joined and all(problem.code != "under_age" for problem in line.problems):
            line.problems.append(Problem("birth_date", "under_age"))
        if party and adult > last_day(party) and all(problem.code != "party_age" for problem in line.problems):
            line.problems.append(Problem("joined_party_on", "party_age"))


class Twins:
    """Rows of one file that are the same person: those that say the same count once, others are wrong, both of them."""

    def __init__(self) -> None:
        """Begin without any row."""
        self._first: dict[Any, int] = {}
        self._said: dict[int, int] = {}
        # Rows that were met before their twin was: number of the row → of the twin.
        self.late: dict[int, int] = {}

    def find(self, lines: Iterable[Line]) -> dict[int, int]:
        """Return the rows that say the same as an earlier one (row → earlier row); mark the ones that differ."""
        same: dict[int, int] = {}
        for line in lines:
            values = line.values
            name = values[NAME]
            said = hash(tuple(values))
            keys = [
                key
                for key in (
                    values[NUMBER] and hash((1, values[NUMBER])),
                    values[ID] and hash((2, values[ID])),
                    name and values[PHONE] and hash((3, name, values[PHONE])),
                    name and values[BIRTH] and hash((4, name, values[BIRTH])),
                )
                if key
            ]
            twin = next((self._first[key] for key in keys if key in self._first), None)
            if twin is None:
                self._said[line.number] = said
                for key in keys:
                    self._first[key] = line.number
            elif self._said[twin] == said and not line.problems:
                same[line.number] = twin
            else:
                line.problems.append(Problem("", "twin", {"row": twin}))
                self.late.setdefault(twin, line.number)
        return same
