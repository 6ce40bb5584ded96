"""A whole line: ten cells put together into what ``record_service`` is told, or what is wrong at which cell."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from common import clean
from common.rules import RuleBroken
from common.workbook.opening import Cell
from common.workbook.table import text_of
from grids.models import Team
from services.domain.entry import MOST_PEOPLE_SERVED, Entry
from services.models import ServiceCategory
from services.models.log import TEXT_LIMITS
from services.paper.cells import clock_of, count_of, day_of, end_of, line_of
from services.paper.directory import Directory, People

COLUMNS = (
    "team",
    "date",
    "starts",
    "ends",
    "category",
    "people",
    "recipient",
    "content",
    "people_served",
    "place",
)
# The domain speaks of moments and participants, a line of clock times and people.
COLUMN_OF = {"starts_at": "starts", "ends_at": "ends", "participants": "people"}
# The same content has the same key, in whichever file and however often it comes.
NAMESPACE = UUID("5b1f5c0e-6a0e-5d0e-9d5b-3c5a7b1e2f10")


@dataclass(frozen=True)
class Problem:
    """What is wrong with a line, at one of its cells or (without a column) as a whole."""

    column: str
    text: str


@dataclass(frozen=True)
class Service:
    """What a line without problems means: when, by which team, by whom."""

    team: Team
    date: datetime.date
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    people: People


@dataclass
class Line:
    """What a line means as far as it is understood, and what is wrong with it."""

    team: Team | None = None
    date: datetime.date | None = None
    starts_at: datetime.datetime | None = None
    ends_at: datetime.datetime | None = None
    category: ServiceCategory | None = None
    people: People | None = None
    recipient: str = ""
    content: str = ""
    place: str = ""
    people_served: int = 1
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, column: str, error: ValidationError | str) -> None:
        """Say what is wrong at a cell."""
        text = error if isinstance(error, str) else " ".join(error.messages)
        self.problems.append(Problem(column, text))

    def refuse_rule(self, broken: RuleBroken) -> None:
        """Say which rule of the domain it breaks, at the cell that it is about."""
        column = COLUMN_OF.get(broken.field or "", broken.field or "")
        self.refuse(column if column in COLUMNS else "", broken)

    @property
    def minutes(self) -> int:
        """The whole minutes from start to end; 0 while one of them is not known."""
        if self.starts_at is None or self.ends_at is None:
            return 0
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    def service(self) -> Service:
        """Return what it means; the line has no problems."""
        known = (self.team, self.date, self.starts_at, self.ends_at, self.people)
        assert all(each is not None for each in known)  # noqa: S101 (what is missing is a problem)
        return Service(*known)  # type: ignore[arg-type]  # asserted above

    def entry(self) -> dict[str, Any]:
        """Return what the domain is told, without a key; the line has no problems."""
        assert self.people is not None  # noqa: S101 (a line without problems has people)
        names = ("team", "date", "starts_at", "ends_at", "category", "recipient", "content", "place", "people_served")
        return {name: getattr(self, name) for name in names} | {"participants": self.people.minutes}

    def as_entry(self) -> Entry:
        """Return the line as the domain checks it."""
        told = self.entry()
        del told["team"]
        return Entry(**told)

    def content_key(self) -> UUID:
        """Return the key that follows from the content: the same line is the same log, however often it is sent."""
        assert self.team is not None  # noqa: S101 (a line without problems has a team)
        return uuid5(NAMESPACE, self.as_entry().fingerprint(self.team))


def read_line(cells: Mapping[str, Cell], directory: Directory, *, places: bool = False) -> Line:
    """Read the cells; each that is not understood leaves a problem, and those that depend on it are let be."""
    line = Line()

    def read(column: str, reader: Any) -> Any:
        try:
            return reader(cells.get(column))
        except ValidationError as error:
            line.refuse(column, error)
            return None

    line.team = read("team", lambda cell: directory.team(text_of(cell)))
    line.date = read("date", _day)
    starts = read("starts", _start)
    ends = read("ends", _end)
    line.category = read("category", lambda cell: directory.category(text_of(cell)))
    if line.team is not None and line.date is not None:
        team, day = line.team, line.date
        line.people = read("people", lambda cell: directory.people_in(text_of(cell), team, day, places=places))
    elif not text_of(cells.get("people")):
        line.refuse("people", _("Name who took part: at least one member of the team."))
    line.recipient = read("recipient", lambda cell: line_of(cell, most=TEXT_LIMITS["recipient"])) or ""
    line.content = read("content", lambda cell: line_of(cell, most=TEXT_LIMITS["content"])) or ""
    line.place = read("place", lambda cell: line_of(cell, most=TEXT_LIMITS["place"])) or ""
    line.people_served = read("people_served", lambda cell: count_of(cell, most=MOST_PEOPLE_SERVED)) or 1
    if line.date and starts and ends:
        line.starts_at = clean.moment(line.date, starts)
        if ends.minutes:
            line.ends_at = line.starts_at + datetime.timedelta(minutes=ends.minutes)
        else:
            line.ends_at = clean.moment(line.date + datetime.timedelta(days=ends.is_next_day), ends.clock)
        if line.ends_at <= line.starts_at:
            line.refuse("ends", _("The end must be after the start. Past midnight write 次日01:30 or 25:30."))
    named = {problem.column for problem in line.problems}
    for column, missing in (("recipient", _("Say whom it was for.")), ("content", _("Say what was done."))):
        if not getattr(line, column) and column not in named:
            line.refuse(column, missing)
    order = {column: place for place, column in enumerate(COLUMNS)}
    line.problems.sort(key=lambda problem: order.get(problem.column, 99))
    return line


def _day(cell: Cell) -> datetime.date:
    if not text_of(cell):
        raise ValidationError(_("Enter a day."), code="required")
    return day_of(cell)


def _start(cell: Cell) -> Any:
    if not text_of(cell):
        raise ValidationError(_("Enter when it began, for example 0830."), code="required")
    return clock_of(cell)


def _end(cell: Cell) -> Any:
    if not text_of(cell):
        raise ValidationError(_("Enter when it ended, for example 0930, or +60 for an hour."), code="required")
    return end_of(cell)
