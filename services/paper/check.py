"""What the rows of a spreadsheet would do: which are new, which are there already, which are wrong and why.

Read as a set: however many rows there are, the database is asked the same number of questions. The rules are the
domain's, which asks each of them once more, under its locks, when a row is taken in.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from common.rules import RuleBroken
from common.workbook.opening import Cell
from services.domain.month import first_day
from services.domain.participants import Part, refuse_outsider
from services.domain.report import STANDS
from services.models import MonthlyReport, Participation, RecognitionRound, ServiceLog
from services.paper.directory import Directory
from services.paper.line import Line, Problem, Service, read_line
from volunteers.models import Absence

NEW, SAME, WRONG = "new", "same", "wrong"
DAY = datetime.timedelta(days=1)


@dataclass
class CheckedRow:
    """One row of the file, what it means, and what would become of it."""

    number: int
    cells: Mapping[str, Cell]
    line: Line
    key: UUID | None = None
    log: int | None = None
    same_as: int | None = None
    is_withdrawn: bool = False
    state: str = NEW
    problems: list[Problem] = field(default_factory=list)
    understood: Service | None = None

    @property
    def service(self) -> Service:
        """What the row means; only asked of rows whose cells have no problem."""
        assert self.understood is not None  # noqa: S101 (others are wrong by then)
        return self.understood

    def refuse(self, column: str, text: str) -> None:
        """Say what is wrong; a row with a problem is not taken in."""
        problem = Problem(column, text)
        if problem not in self.problems:
            self.problems.append(problem)
        self.state = WRONG

    def is_same(self, log: int | None = None, row: int | None = None) -> None:
        """Say that it is there already, as a log or as another row of the file."""
        self.state, self.log, self.same_as = SAME, log, row


def check_rows(rows: Iterable[tuple[int, Mapping[str, Cell]]], user: User) -> list[CheckedRow]:
    """Say of each row what would become of it, in a fixed number of queries."""
    directory = Directory(user)
    checked = [_read(number, cells, directory) for number, cells in rows]
    _find_twins([row for row in checked if row.state == NEW])
    _find_stored([row for row in checked if row.state == NEW])
    _find_same_content([row for row in checked if row.state == NEW])
    fresh = [row for row in checked if row.state == NEW]
    _refuse_settled(fresh)
    _refuse_people(fresh)
    _refuse_stored_overlaps(fresh, directory)
    _refuse_overlaps_within([row for row in checked if row.state == NEW])
    return checked


def _read(number: int, cells: Mapping[str, Cell], directory: Directory) -> CheckedRow:
    line = read_line(cells, directory)
    row = CheckedRow(number, cells, line)
    if not line.problems:
        try:
            line.as_entry().refuse_senseless()
        except RuleBroken as broken:
            line.refuse_rule(broken)
    for problem in line.problems:
        row.refuse(problem.column, problem.text)
    if row.state == NEW:
        row.key, row.understood = line.content_key(), line.service()
    return row


def _find_twins(rows: Sequence[CheckedRow]) -> None:
    """Mark what the file says twice: the first of them counts."""
    first: dict[UUID | None, CheckedRow] = {}
    for row in rows:
        if row.key in first:
            row.is_same(row=first[row.key].number)
        else:
            first[row.key] = row


def _find_stored(rows: Sequence[CheckedRow]) -> None:
    """Mark what was imported before, by its key; also when the log was corrected or withdrawn since."""
    logs = ServiceLog.objects.filter(key__in=[row.key for row in rows]).order_by()
    stored = {key: (pk, withdrawn) for key, pk, withdrawn in logs.values_list("key", "pk", "is_withdrawn")}
    for row in rows:
        if row.key in stored:
            row.is_same(log=stored[row.key][0])
            row.is_withdrawn = stored[row.key][1]


def _find_same_content(rows: Sequence[CheckedRow]) -> None:
    """Mark what was logged by hand: the same team, times and people."""
    teams, days = {row.service.team.pk for row in rows}, {row.service.date for row in rows}
    wanted = {(row.service.team.pk, row.service.starts_at, row.service.ends_at) for row in rows}
    logs = ServiceLog.objects.standing().filter(team__in=teams, date__in=days).order_by()
    found = {
        pk: (team, starts, ends)
        for pk, team, starts, ends in logs.values_list("pk", "team", "starts_at", "ends_at")
        if (team, starts, ends) in wanted
    }
    people: dict[int, set[int]] = defaultdict(set)
    for log, volunteer in Participation.objects.filter(log__in=found).order_by().values_list("log", "volunteer"):
        people[log].add(volunteer)
    stored = {(*times, frozenset(people[pk])): pk for pk, times in found.items()}
    for row in rows:
        service = row.service
        same = stored.get((service.team.pk, service.starts_at, service.ends_at, frozenset(service.people.minutes)))
        if same is not None:
            row.is_same(log=same)


def _refuse_settled(rows: Sequence[CheckedRow]) -> None:
    """Refuse rows of months that no longer take logs, and of years that have been scored."""
    months = {first_day(row.service.date) for row in rows}
    reports = MonthlyReport.objects.filter(month__in=months, team__in={row.service.team.pk for row in rows}).order_by()
    states = {(team, month): state for team, month, state in reports.values_list("team", "month", "state")}
    rounds = RecognitionRound.objects.filter(year__in={row.service.date.year for row in rows}).order_by()
    frozen = {round_.year for round_ in rounds if round_.is_frozen}
    takes = (MonthlyReport.State.OPEN, MonthlyReport.State.RETURNED)
    for row in rows:
        if row.service.date.year in frozen:
            row.refuse(
                "date",
                _("The year %(year)s has been scored: its months no longer change.") % {"year": row.service.date.year},
            )
        state = states.get((row.service.team.pk, first_day(row.service.date)))
        if state is not None and state not in takes:
            row.refuse("date", str(STANDS[MonthlyReport.State(state)]))


def _refuse_people(rows: Sequence[CheckedRow]) -> None:
    """Refuse who was not in the programme on that day, helpers of elsewhere, and rows without a member."""
    absences: dict[int, list[tuple[datetime.date, datetime.date | None]]] = defaultdict(list)
    volunteers = {person.pk for row in rows for person in row.service.people.found}
    spells = Absence.objects.filter(volunteer__in=volunteers).order_by("id")
    for volunteer, since, until in spells.values_list("volunteer", "since", "until"):
        absences[volunteer].append((since, until))
    for row in rows:
        service, people = row.service, row.service.people
        for person in people.found:
            minutes = people.minutes[person.pk]
            if minutes is not None and minutes > row.line.minutes:
                row.refuse(
                    "people",
                    _("%(name)s: 1 to %(most)s minutes, at most as long as the service lasted.")
                    % {"name": person.name, "most": row.line.minutes},
                )
            try:
                refuse_outsider(
                    Part(person, minutes or row.line.minutes, person.pk in people.helpers), service.date, service.team
                )
            except RuleBroken as broken:
                row.refuse("people", " ".join(broken.messages))
            if any(
                since < service.date and (until is None or service.date < until) for since, until in absences[person.pk]
            ):
                row.refuse(
                    "people",
                    _("%(name)s was suspended or had left the programme on that day.") % {"name": person.name},
                )
        if people.helpers >= set(people.minutes):
            row.refuse("people", _("At least one participant was in the team on that day; helpers only join in."))


def _refuse_stored_overlaps(rows: Sequence[CheckedRow], directory: Directory) -> None:
    """Refuse rows in which somebody was in another service at that time, naming it to those who may see it."""
    volunteers = {person.pk for row in rows for person in row.service.people.found}
    days = {row.service.date + DAY * step for row in rows for step in (-1, 0, 1)}
    parts = Participation.objects.standing().filter(volunteer__in=volunteers, date__in=days).order_by("starts_at", "id")
    served: dict[int, list[tuple]] = defaultdict(list)
    for volunteer, *rest in parts.values_list("volunteer", "starts_at", "ends_at", "team", "log"):
        served[volunteer].append(tuple(rest))
    for row in rows:
        for person in row.service.people.found:
            for starts, ends, team, log in served[person.pk]:
                if starts < row.service.ends_at and ends > row.service.starts_at:
                    words = {"name": person.name} | _when(starts, ends)
                    if team in directory.teams:
                        words["team"] = directory.teams[team].name
                        row.log = row.log or log
                        text = _("%(name)s was in another service at that time: %(day)s, %(start)s–%(end)s, %(team)s.")
                    else:
                        text = _("%(name)s was in another service at that time: %(day)s, %(start)s–%(end)s.")
                    row.refuse("people", text % words)


def _refuse_overlaps_within(rows: Sequence[CheckedRow]) -> None:
    """Refuse rows that put somebody into two places at once: both are named, a person knows which is right."""
    spells: dict[int, list[tuple[datetime.datetime, datetime.datetime, int]]] = defaultdict(list)
    names = {}
    for place, row in enumerate(rows):
        for person in row.service.people.found:
            names[person.pk] = person.name
            spells[person.pk].append((row.service.starts_at, row.service.ends_at, place))
    told: dict[tuple[int, int], str] = {}
    for volunteer, theirs in spells.items():
        theirs.sort()
        last = theirs[0]
        for spell in theirs[1:]:
            if spell[0] < last[1]:
                pair = (min(last[2], spell[2]), max(last[2], spell[2]))
                told.setdefault(pair, names[volunteer])
            last = max(last, spell, key=lambda each: each[1])
    for (one, other), name in told.items():
        for row, twin in ((rows[one], rows[other]), (rows[other], rows[one])):
            row.refuse(
                "people",
                _("Overlaps with row %(row)s of this file: %(name)s would be in two places. %(when)s")
                % {
                    "row": twin.number,
                    "name": name,
                    "when": "{day} {start}–{end}".format(**_when(twin.service.starts_at, twin.service.ends_at)),
                },
            )


def _when(starts: datetime.datetime, ends: datetime.datetime) -> dict[str, str]:
    start, end = timezone.localtime(starts), timezone.localtime(ends)
    return {"day": date_format(start.date()), "start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}


# --- What the person reads beside a problem ---------------------------------------------------------------


def cure_of(problem: Problem) -> str:
    """Return how such a problem is put right in the file."""
    return {
        "team": _("Take the team's name from the second sheet of the template."),
        "date": _("Write the day as text like 2026-07-12, in a month that still takes logs."),
        "starts": _("Write the time as text like 08:30."),
        "ends": _("Write the time as text like 09:30, or +60 for minutes."),
        "category": _("Take the category's name or code from the second sheet of the template."),
        "people": _("Write the numbers on the badges; correct times or people, or leave the row out if it is logged."),
        "recipient": _("Say whom it was for, in at most 60 characters."),
        "content": _("Say what was done, in at most 500 characters."),
        "people_served": _("Write a whole number, or leave it empty for one."),
        "place": _("Shorten it to 100 characters."),
    }.get(problem.column, _("Correct the row and import it again."))
