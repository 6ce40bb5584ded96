"""The dossier (档案): a volunteer's page, put together from sections that each concept registers for itself.

A section of an app above, such as the certificates of ``services``, joins by ``register`` in its ``AppConfig.ready``,
so the page knows of none. Its template prints the inside only: the frame, the heading and the entry in the page's
contents come from here. Orders in use: 10 who, 20 what they can do, 30 qualifications, 35 badges, 40 texts and
consents, 50 teams, 55 absences, 60 standing, 65 services by month, 70 latest services, 75 training, 80 feedback,
85 awards, 90 certificates, 95 changes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.models import User
from accounts.rights import Right
from common import sections
from common.sections import Context, Part
from volunteers.models import Volunteer

__all__ = ["Context", "Part", "Section", "Table", "parts_of", "register", "tables_of"]


@dataclass(frozen=True)
class Table:
    """A section on paper: its columns' heads, a text for each of them in each row, a title if not the section's."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str | Promise = ""


@dataclass(frozen=True)
class Section(sections.Section[Volunteer]):
    """One part of the dossier; its template knows ``volunteer``, ``may`` and ``user`` besides.

    ``printed`` gives its table on the A4 form, or None where there is nothing; it is asked for in Chinese.
    """

    right: Right = Right.VIEW_VOLUNTEERS
    printed: "Callable[[Volunteer, User], Table | None] | None" = None


_sections = sections.Sections[Volunteer]()


def register(section: Section) -> None:
    """Add a section to every dossier; the same name again takes the former's place."""
    _sections.register(section)


def parts_of(volunteer: Volunteer, reader: User) -> list[Part[Volunteer]]:
    """Return what ``reader`` sees of the volunteer's dossier, in its order."""
    return _sections.parts_of(volunteer, reader)


def tables_of(volunteer: Volunteer, reader: User) -> list[tuple[str, Table]]:
    """Return the tables of the printed form that ``reader`` may see, each with its title."""
    return [
        (str(table.title or section.title), table)
        for section in _sections.in_order()
        if isinstance(section, Section)
        and section.printed is not None
        and reader.may(section.right)
        and (table := section.printed(volunteer, reader)) is not None
    ]
