"""Says whom each line of an attendance list means: a handful of queries, however long the list is.

A number or an ID number decides, a name with the unit, and a name alone where only one person can be meant: among the
invited first, then among the volunteers whom the course is for. Whatever is left open is shown with those who come
into question, never guessed. Staff find the volunteers of their own township only.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from common.clean import clean_code, key_of
from volunteers.domain.course import region_of
from volunteers.id_number import is_switched_on, keyed_hash
from volunteers.models import Absence, Attendance, Course, Volunteer
from volunteers.models.volunteer import VolunteerQuerySet, mask_phone
from volunteers.roll.lines import Line

How, Result, Status = Attendance.How, Attendance.Result, Volunteer.Status
NEW, CHANGED, SAME, TWICE, DOUBTFUL, UNKNOWN, REFUSED = (
    "new", "changed", "same", "twice", "doubtful", "unknown", "refused",
)  # fmt: skip
# Stays open: what nobody was found for, or nobody chosen, is kept on the course's page.
OPEN = frozenset({DOUBTFUL, UNKNOWN, REFUSED})
SKIP = "skip"
MOST_CANDIDATES = 12
FIELDS = (
    "pk", "name", "number", "unit", "phone", "village__name", "township", "joined_on", "id_number_hash", "merged_into",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A volunteer who comes into question."""

    pk: int
    name: str
    number: str
    unit: str
    phone: str
    village: str
    township_id: int
    joined_on: date
    id_hash: str | None
    merged_into: int | None

    @property
    def label(self) -> str:
        """Who it is, so that the right one is chosen."""
        return f"{self.name}({self.number}) {self.unit or self.village} {mask_phone(self.phone)}"


@dataclass
class Match:
    """One line and what would become of it."""

    line: Line
    state: str
    person: Person | None = None
    how: str = ""
    result: str = ""
    text: str = ""
    candidates: list[Person] = field(default_factory=list)
    warning: str = ""
    is_invited: bool = False


@dataclass
class Known:
    """What the database knows of those whom a list may mean."""

    by_number: dict[str, Person]
    by_hash: dict[str, Person]
    by_name: dict[str, list[Person]]
    by_phone: dict[str, list[Person]]
    invited: set[int]
    there: dict[int, str]
    away: set[int]
    elsewhere: set[int]


def match(
    course: Course, lines: Sequence[Line], *, default: str = "", choices: Mapping[int, str] | None = None, by: User
) -> list[Match]:
    """Return what each line means; ``default`` is the result of lines without one, ``choices`` whom a person chose."""
    known = _known(course, lines, by)
    found: list[Match] = []
    seen: dict[int, int] = {}
    for line in lines:
        match = _find(line, known)
        _choose(match, (choices or {}).get(line.place, ""))
        if match.person is not None:
            _judge(match, course, known, default, seen)
        found.append(match)
    return found


def seen_hash(matches: Iterable[Match]) -> str:
    """Return what stands for the lines as a person saw them: whom each means. Who signs in meanwhile changes none."""
    seen = ",".join(
        f"{each.line.place}:{each.line.kept}:{each.person.pk if each.person and each.state not in OPEN else each.state}"
        for each in matches
    )
    return hashlib.sha256(seen.encode()).hexdigest()


def _known(course: Course, lines: Sequence[Line], by: User) -> Known:
    pool = Volunteer.objects.in_reach_of(by).filter(status__in=(Status.ACTIVE, Status.SUSPENDED, Status.LEFT))
    region = region_of(course)
    if region:
        pool = pool.filter(township__in=region)
    hashes = {keyed_hash(line.id_number) for line in lines if line.id_number} if is_switched_on() else set()
    people: dict[int, Person] = {}
    for column, values in (
        ("number", {line.number for line in lines}),
        ("id_number_hash", hashes),
        ("name", {line.name for line in lines}),
        ("phone", {line.phone for line in lines}),
    ):
        wanted = sorted(values - {""})
        if wanted:
            rows = pool.filter(**{f"{column}__in": wanted}).order_by("number").values_list(*FIELDS)
            people |= {row[0]: Person(*row) for row in rows}
    stands = _standing(people, pool)
    by_name: defaultdict[str, dict[int, Person]] = defaultdict(dict)
    by_phone: defaultdict[str, dict[int, Person]] = defaultdict(dict)
    for person in sorted(people.values(), key=lambda person: person.number):
        if person.pk in stands:
            by_name[person.name].setdefault(stands[person.pk].pk, stands[person.pk])
            by_phone[person.phone].setdefault(stands[person.pk].pk, stands[person.pk])
    keys = [person.pk for person in stands.values()]
    away = Absence.objects.on(course.starts_on).on(course.ends_on).filter(volunteer__in=keys)
    # Who was invited or recorded under a record that was merged since was so as this person.
    whose = Volunteer.objects.records_of(keys)
    elsewhere = Attendance.objects.filter(course__in=Course.objects.overlapping(course), volunteer__in=whose)
    invited = course.invitations.filter(volunteer__in=whose).values_list("volunteer", flat=True)
    there = course.attendances.filter(volunteer__in=whose).values_list("volunteer", "result")
    return Known(
        by_number={people[pk].number: person for pk, person in stands.items()},
        by_hash={people[pk].id_hash or "": person for pk, person in stands.items()},
        by_name={name: [*found.values()] for name, found in by_name.items()},
        by_phone={phone: [*found.values()] for phone, found in by_phone.items()},
        invited={whose[pk] for pk in invited},
        there={whose[pk]: result for pk, result in there},
        away=set(away.values_list("volunteer", flat=True)),
        elsewhere={whose[pk] for pk in elsewhere.values_list("volunteer", flat=True)},
    )


def _standing(people: Mapping[int, Person], pool: VolunteerQuerySet) -> dict[int, Person]:
    """Return the record that stands for each one found: its own, or the one that it was merged into."""
    merged = {person.merged_into for person in people.values() if person.merged_into} - set(people)
    known = dict(people)
    if merged:
        known |= {row[0]: Person(*row) for row in pool.filter(pk__in=merged).values_list(*FIELDS)}
    return {pk: known[person.merged_into or pk] for pk, person in people.items() if (person.merged_into or pk) in known}


def _find(line: Line, known: Known) -> Match:
    """Say whom the line means, before anything is asked of the person."""
    named = known.by_name.get(line.name, [])[:MOST_CANDIDATES] if line.name else []
    if line.id_number and is_switched_on():
        person = known.by_hash.get(keyed_hash(line.id_number))
        if person is not None:
            return _sure_unless_named_otherwise(line, person, named, How.ID_NUMBER)
    if line.number:
        person = known.by_number.get(line.number)
        if person is not None:
            return _sure_unless_named_otherwise(line, person, named, How.NUMBER)
        nobody = _("Nobody here has the number %(number)s.") % {"number": line.number}
        return Match(line, DOUBTFUL if named else UNKNOWN, text=nobody, candidates=named)
    if line.name:
        return _by_name(line, named, known)
    with_phone = known.by_phone.get(line.phone, []) if line.phone else []
    if len(with_phone) == 1:
        return Match(line, NEW, with_phone[0], How.PHONE)
    if with_phone:
        return Match(line, DOUBTFUL, text=_("Several volunteers have this phone."), candidates=with_phone)
    return Match(line, UNKNOWN, text=_("Nobody was found. Write the name or the number on the badge."))


def _sure_unless_named_otherwise(line: Line, person: Person, named: list[Person], how: str) -> Match:
    if not line.name or line.name == person.name or any(other.pk == person.pk for other in named):
        return Match(line, NEW, person, how)
    others = [other for other in named if other.pk != person.pk]
    text = _("The number is that of somebody with another name. Choose who was there.")
    return Match(line, DOUBTFUL, text=text, candidates=[person, *others])


def _by_name(line: Line, named: list[Person], known: Known) -> Match:
    if not named:
        return Match(line, UNKNOWN, text=_("Nobody here is called that. Compare the name, or write the number."))
    if line.unit:
        there = [person for person in named if _is_unit(line.unit, person)]
        if len(there) == 1:
            return Match(line, NEW, there[0], How.NAME_AND_UNIT)
        if not there and all(person.unit for person in named):
            text = _("Who has this name is of another unit. Choose who was there.")
            return Match(line, DOUBTFUL, text=text, candidates=named)
        named = there or named
    if line.phone:
        reached = [person for person in named if person.phone == line.phone]
        if len(reached) == 1:
            return Match(line, NEW, reached[0], How.PHONE)
    invited = [person for person in named if person.pk in known.invited]
    for among in (invited, named):
        if len(among) == 1:
            return Match(line, NEW, among[0], How.NAME)
    text = _("Several volunteers have this name. Choose who was there.")
    return Match(line, DOUBTFUL, text=text, candidates=named)


def _is_unit(typed: str, person: Person) -> bool:
    """Whether the unit typed is the person's, or their village: one name is a part of the other, as 卫生院 is."""
    wanted = _plain(typed)
    return any(wanted in own or own in wanted for own in (_plain(person.unit), _plain(person.village)) if own)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", clean_code(text)).casefold()


def _choose(match: Match, choice: str) -> None:
    """Take the candidate whom a person chose; anything else leaves the line open."""
    pk = key_of(choice)
    if match.state == DOUBTFUL and pk is not None:
        chosen = next((person for person in match.candidates if person.pk == pk), None)
        if chosen is not None:
            match.state, match.person, match.how, match.text = NEW, chosen, How.CHOSEN, ""


def _judge(match: Match, course: Course, known: Known, default: str, seen: dict[int, int]) -> None:
    """Say what would become of the person whom the line means."""
    person = match.person
    assert person is not None  # noqa: S101 (for mypy: the caller asked)
    match.is_invited = person.pk in known.invited
    if person.pk in seen:
        match.state = TWICE
        match.text = _("Stands in line %(line)s already: counted once.") % {"line": seen[person.pk]}
        return
    seen[person.pk] = match.line.place
    there = known.there.get(person.pk)
    match.result = match.line.result or default or there or Result.NOT_ASSESSED
    if there is not None:
        match.state = SAME if match.result == there else CHANGED
        return
    if person.joined_on > course.ends_on:
        match.state, match.text = (
            REFUSED,
            _("Joined the programme on %(day)s, after the course.") % {"day": date_format(person.joined_on)},
        )
    elif person.pk in known.away:
        match.state, match.text = REFUSED, _("Was suspended or had left at the time of the course.")
    elif person.pk in known.elsewhere:
        match.warning = _("Is recorded at another course at the same time as well. Look which of the two is right.")
