"""The page of one request, put together from parts that each concept registers for itself, as the team's page is.

Orders in use, in the wide column: 10 the three clocks, 20 taps and calls, 30 photos and words, 40 custody; beside it
(``is_aside``): 10 copy-ready texts.
"""

from dataclasses import dataclass

from accounts.models import User
from accounts.rights import Right
from common import sections
from common.sections import Context, Part
from services.models import HelpRequest

__all__ = ["Context", "Part", "Section", "parts_of", "register"]


@dataclass(frozen=True)
class Section(sections.Section[HelpRequest]):
    """One part of the page of a request; its template knows ``asked`` and ``may`` besides."""

    right: Right = Right.VIEW_REQUESTS
    is_aside: bool = False


_sections = sections.Sections[HelpRequest]()


def register(section: Section) -> None:
    """Add a part to the page of every request; the same name again takes the former's place."""
    _sections.register(section)


def parts_of(request: HelpRequest, reader: User) -> list[Part[HelpRequest]]:
    """Return what ``reader`` sees of the request's page, in its order."""
    return _sections.parts_of(request, reader)
