"""The team's page, put together from panels that each concept registers for itself, as the dossier is.

A panel of an app above, such as the workload of ``services``, joins by ``register`` in its ``AppConfig.ready``. Orders
in use, in the wide column: 10 members, 20 requests, 30 workload, 40 latest logs, 50 monthly reports, 60 time line;
beside it (``is_aside``): 10 skill types, 20 the team, 40 contact cards.
"""

from dataclasses import dataclass

from accounts.models import User
from accounts.rights import Right
from common import sections
from common.sections import Context, Part
from grids.models import Team

__all__ = ["Context", "Part", "Section", "parts_of", "register"]


@dataclass(frozen=True)
class Section(sections.Section[Team]):
    """One panel of the team's page; its template knows ``team``, ``members``, ``standing`` and ``may`` besides."""

    right: Right = Right.VIEW_TEAMS
    is_aside: bool = False


_sections = sections.Sections[Team]()


def register(section: Section) -> None:
    """Add a panel to the page of every team; the same name again takes the former's place."""
    _sections.register(section)


def parts_of(team: Team, reader: User) -> list[Part[Team]]:
    """Return what ``reader`` sees of the team's page, in its order."""
    return _sections.parts_of(team, reader)
