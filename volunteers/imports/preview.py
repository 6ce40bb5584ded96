"""Checks all rows of an uploaded list and packs what each would do into parts, ready to be paged through."""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from accounts.models import User
from common.jobs import Progress
from volunteers.hooks import volunteers_changing
from volunteers.imports.apply import change_weighty
from volunteers.imports.check import CHANGED, NEW, SAME, WRONG, Checker, Decision, Twins
from volunteers.imports.lines import NAME, Directory, Reader
from volunteers.imports.parts import Kind, pack, rows_of, unpack
from volunteers.imports.problems import Problem
from volunteers.models import Volunteer, VolunteerImport, VolunteerImportPart

ROWS_A_PART = 1_000
# In this order they are shown: what needs a person first.
STATES = (WRONG, CHANGED, NEW, SAME)


@dataclass
class Heap:
    """The rows of one state in the order of the file, packed as they come."""

    packed: list[tuple[int, int, bytes]] = field(default_factory=list)
    open: list[list[Any]] = field(default_factory=list)
    count: int = 0

    def add(self, row: list[Any]) -> None:
        """Put a row in."""
        self.open.append(row)
        self.count += 1
        if len(self.open) == ROWS_A_PART:
            self.close()

    def close(self) -> None:
        """Pack what is open."""
        if self.open:
            self.packed.append((len(self.open), self.open[0][0], pack(self.open)))
            self.open = []

    def take_out(self, numbers: Collection[int]) -> set[int]:
        """Take the rows with these numbers out; return which of them were there."""
        self.close()
        firsts = [first for _count, first, _data in self.packed]
        found: set[int] = set()
        for place in sorted({bisect_right(firsts, number) - 1 for number in numbers} - {-1}):
            rows = unpack(self.packed[place][2])
            kept = [row for row in rows if row[0] not in numbers]
            found |= {row[0] for row in rows} & set(numbers)
            if len(kept) < len(rows):
                self.packed[place] = (len(kept), self.packed[place][1], pack(kept))
        self.packed = [each for each in self.packed if each[0]]
        self.count -= len(found)
        return found

    def parts(self, volunteer_import: VolunteerImport, kind: str) -> Iterator[VolunteerImportPart]:
        """Yield the parts to be saved."""
        self.close()
        for position, (count, first, data) in enumerate(self.packed):
            yield VolunteerImportPart(
                volunteer_import=volunteer_import, kind=kind, position=position, count=count, first=first, data=data
            )


class Preview:
    """What all rows of a file would do."""

    def __init__(self, volunteer_import: VolunteerImport, progress: Progress) -> None:
        """Check them, batch by batch."""
        self.volunteer_import = volunteer_import
        self.by = volunteer_import.by
        self.heaps = {state: Heap() for state in STATES}
        # The raw cells of rows that only later turned out to be wrong are read again: they are few.
        self.late: dict[int, Problem] = {}
        self.weighty: list[Decision] = []
        directory = Directory(self.by)
        self.checker = Checker(self.by, directory, volunteer_import.defaults)
        self.reader = Reader(directory, volunteer_import.columns, volunteer_import.defaults)
        twins = Twins()
        # Whom a row has meant already: key → its number, and what it would change.
        self.meant: dict[int, tuple[int, int]] = {}
        done = 0
        for rows in rows_of(volunteer_import, Kind.CELLS, sheet=volunteer_import.sheet):
            self._batch(rows, twins)
            done += len(rows)
            progress(done, volunteer_import.row_count)
        for earlier, later in twins.late.items():
            self.late[earlier] = Problem("", "twin", {"row": later})
        self._rehearse()
        self._mark_late()

    @property
    def counts(self) -> dict[str, int]:
        """How many rows there are of each state."""
        return {state: heap.count for state, heap in self.heaps.items()}

    def parts(self) -> Iterator[VolunteerImportPart]:
        """Yield all parts to be saved."""
        for state, heap in self.heaps.items():
            yield from heap.parts(self.volunteer_import, state)

    def _batch(self, rows: list[Any], twins: Twins) -> None:
        lines = self.reader.read(rows)
        same = twins.find(lines)
        decided = iter(self.checker.decide([line for line in lines if line.number not in same]))
        heaps = self.heaps
        for (number, cells), line in zip(rows, lines, strict=True):
            if number in same:
                heaps[SAME].add([number, None, "", line.values[NAME] or "", same[number]])
                continue
            decision = next(decided)
            person = decision.person
            if person is not None and decision.state != WRONG and (twin := self._twin_of(decision, person.pk)):
                if twin[1] == _said(decision):
                    heaps[SAME].add([number, None, "", line.values[NAME] or person.name, twin[0]])
                    continue
                line.problems.append(Problem("", "twin", {"row": twin[0]}))
                twins.late.setdefault(twin[0], number)
                decision.state = WRONG
            if decision.state == NEW:
                heaps[NEW].add([number, line.values])
            elif decision.state == WRONG:
                heaps[WRONG].add([number, cells, line.problems])
            elif person is not None and decision.state == SAME:
                heaps[SAME].add([number, person.pk, person.number, person.name, 0])
            elif person is not None:
                heaps[CHANGED].add([number, line.values, person.pk, person.number, person.name, decision.changes])
                if decision.is_weighty:
                    self.weighty.append(decision)

    def _twin_of(self, decision: Decision, pk: int) -> tuple[int, int] | None:
        """Return the earlier row that means the same record by another of its keys: one by number, one by phone."""
        if pk in self.meant:
            return self.meant[pk]
        self.meant[pk] = (decision.line.number, _said(decision))
        return None

    def _rehearse(self) -> None:
        """Try the changes that teams and services have a say in, and undo them: what refuses one is told now."""
        if not self.weighty:
            return
        with transaction.atomic():
            people = [decision.person.pk for decision in self.weighty if decision.person]
            volunteers_changing.send(Volunteer, volunteers=people)
            list(
                Volunteer.objects.filter(pk__in=people)
                .order_by("pk")
                .select_for_update(of=("self",), no_key=True)
                .values_list("pk", flat=True)
            )
            for decision in self.weighty:
                refused = change_weighty(decision, by=self.by)
                if refused is not None:
                    self.late[decision.line.number] = refused
            transaction.set_rollback(True)

    def _mark_late(self) -> None:
        """Put the rows that turned out to be wrong among the wrong ones, in the order of the file."""
        found: set[int] = set()
        for state in (CHANGED, NEW, SAME):
            found |= self.heaps[state].take_out(self.late.keys())
        if not found:
            return
        rows = [[number, cells, [self.late[number]]] for number, cells in cells_at(self.volunteer_import, found)]
        wrong = self.heaps[WRONG]
        wrong.close()
        rows += [row for _count, _first, data in wrong.packed for row in unpack(data)]
        self.heaps[WRONG] = Heap()
        for row in sorted(rows, key=lambda row: row[0]):
            self.heaps[WRONG].add(row)


def _said(decision: Decision) -> int:
    return hash(repr(sorted(decision.changes.items()))) if decision.changes else 0


def cells_at(volunteer_import: VolunteerImport, numbers: Collection[int]) -> Iterator[list[Any]]:
    """Yield the rows with these numbers as they came."""
    for rows in rows_of(volunteer_import, Kind.CELLS, sheet=volunteer_import.sheet):
        for row in rows:
            if row[0] in numbers:
                yield row


def checker_of(volunteer_import: VolunteerImport, user: User) -> Checker:
    """Return what decides for the rows of an import."""
    return Checker(user, Directory(user), volunteer_import.defaults)
