"""Whether somebody is on record already: by ID number, by name and phone, or by name and birth date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from volunteers.models import Apart, Volunteer

SAME_ID_NUMBER = gettext_lazy("the same ID number")
SAME_PHONE = gettext_lazy("the same name and phone")
SAME_BIRTH_DATE = gettext_lazy("the same name and birth date")


@dataclass(frozen=True)
class Person:
    """What somebody is recognised by."""

    name: str
    phone: str
    birth_date: date
    id_number_hash: str | None = None


@dataclass(frozen=True)
class Match:
    """A record that may be the same person's, and why; of a merged record its survivor."""

    volunteer: Volunteer
    grounds: Sequence[str | Promise]

    @property
    def is_certain(self) -> bool:
        """Whether it cannot be somebody else."""
        return SAME_ID_NUMBER in self.grounds

    def is_seen_by(self, user: User) -> bool:
        """Whether the record may be shown to ``user``."""
        return user.is_city_wide or self.volunteer.township_id == user.township_id


class Double(RuleBroken):
    """Somebody is on record already; ``matches`` are the records, of which a page shows what the reader may see."""

    def __init__(self, matches: Sequence[Match], by: User | None) -> None:
        """Name the record to those who may know of it; of another township's nothing is told."""
        self.matches = matches
        seen = [match for match in matches if by is not None and match.is_seen_by(by)]
        is_certain = any(match.is_certain for match in matches)
        if not seen:
            text = _("This person is registered already, maybe elsewhere. The organisation department can look it up.")
        else:
            text = _("This person is registered already, with the number %(number)s. Change that record instead.") % {
                "number": seen[0].volunteer.number
            }
        super().__init__(text, field="id_number" if is_certain else "name", code="double")


def matches_of(person: Person | Volunteer, *, besides: int | None = None) -> list[Match]:
    """Return the records that look like ``person``, certain ones first; not the one with the key ``besides``.

    Rejected applicants are none, and neither is whom somebody has told apart from ``besides``.
    """
    meant = Q(name=person.name) & (Q(phone=person.phone) | Q(birth_date=person.birth_date))
    if person.id_number_hash:
        meant |= Q(id_number_hash=person.id_number_hash)
    found = (
        Volunteer.objects.filter(meant)
        .exclude(status=Volunteer.Status.REJECTED)
        .exclude(pk__in=_told_apart_from(besides))
        .select_related("merged_into__village__township", "village__township", "primary_skill")
        .order_by("id")
    )
    matches: dict[int, Match] = {}
    for volunteer in found:
        survivor = volunteer.merged_into or volunteer
        if besides not in (volunteer.pk, survivor.pk):
            matches.setdefault(survivor.pk, Match(survivor, grounds_of(person, volunteer)))
    return sorted(matches.values(), key=lambda match: not match.is_certain)


def can_be_told_apart(matches: Iterable[Match], by: User) -> bool:
    """Whether ``by`` may say that these are other persons: whoever sees all of them, none of them certain."""
    return all(match.is_seen_by(by) and not match.is_certain for match in matches)


def refuse_double(person: Volunteer, by: User, *, is_other_person: bool = False) -> list[Match]:
    """Refuse somebody who is on record already, unless the records that only look alike were said to be others'.

    Only who sees all of them can say so. Returns those that it was said of; ``tell_apart`` keeps that.
    """
    matches = matches_of(person, besides=person.pk)
    if matches and not (is_other_person and can_be_told_apart(matches, by)):
        raise Double(matches, by)
    return matches


def keep_apart(volunteer: Volunteer, others: Iterable[Match], by: User) -> None:
    """Put down that these are not the same person."""
    for match in others:
        first, second = sorted((volunteer.pk, match.volunteer.pk))
        Apart.objects.get_or_create(first_id=first, second_id=second, defaults={"by": by})


# Both databases enter the index on name and birth date; ``name`` alone already leaves a handful.
PAIRS = """
    SELECT a.id, b.id FROM volunteers_volunteer a
    JOIN volunteers_volunteer b
        ON b.name = a.name AND b.id > a.id AND (b.birth_date = a.birth_date OR b.phone = a.phone)
    WHERE a.status <> 'rejected' AND b.status <> 'rejected' AND a.merged_into_id IS NULL AND b.merged_into_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM volunteers_apart t WHERE t.first_id = a.id AND t.second_id = b.id)
        {where}
    ORDER BY a.name, a.id, b.id LIMIT %(most)s
"""
IN_TOWNSHIP = "AND a.township_id = %(township)s AND b.township_id = %(township)s"
TOUCHES_TOWNSHIP = "AND (a.township_id = %(township)s OR b.township_id = %(township)s)"


def likely_doubles(user: User, *, township: int | None = None, most: int = 100) -> list[tuple[Volunteer, Volunteer]]:
    """Return pairs of records that may be one person, of those that ``user`` sees; with a ``township``, its own.

    The city level sees those across townships too; a township those within it.
    """
    if user.is_city_wide:
        where = TOUCHES_TOWNSHIP if township is not None else ""
    else:
        where, township = IN_TOWNSHIP, user.township_id
    with connection.cursor() as cursor:
        cursor.execute(PAIRS.format(where=where), {"township": township, "most": most})
        pairs = cursor.fetchall()
    people = Volunteer.objects.visible_to(user).select_related("village__township", "primary_skill")
    found = people.in_bulk({pk for pair in pairs for pk in pair})
    return [(found[first], found[second]) for first, second in pairs if first in found and second in found]


@event
def tell_apart(first: Volunteer, second: Volunteer | None, *, by: User) -> None:
    """Say that two records which look like one person are two persons'."""
    if second is None or first.pk == second.pk:
        raise RuleBroken(_("Name the other one of the two records."))
    keep_apart(first, [Match(second, ())], by)


def grounds_of(person: Person | Volunteer, volunteer: Volunteer) -> list[str | Promise]:
    """Say what the two have in common."""
    grounds: list[str | Promise] = []
    if person.id_number_hash and person.id_number_hash == volunteer.id_number_hash:
        grounds.append(SAME_ID_NUMBER)
    if person.name == volunteer.name and person.phone == volunteer.phone:
        grounds.append(SAME_PHONE)
    if person.name == volunteer.name and person.birth_date == volunteer.birth_date:
        grounds.append(SAME_BIRTH_DATE)
    return grounds


def _told_apart_from(pk: int | None) -> set[int]:
    if pk is None:
        return set()
    pairs = Apart.objects.filter(Q(first=pk) | Q(second=pk)).values_list("first", "second")
    return {other for pair in pairs for other in pair} - {pk}
