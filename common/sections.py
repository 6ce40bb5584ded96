"""Pages that are put together from sections, each registered by the concept that it tells of.

So a page of a lower layer shows what the layers above keep, and knows of none of them. A section's template prints the
inside only: frame and heading come from the page (``{% section_part part %}``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.utils.functional import Promise

Context = dict[str, Any]
Subject = TypeVar("Subject")


class Reader(Protocol):
    """Whoever opens the page."""

    def may(self, right: Any) -> bool:
        """Whether they have the right."""


@dataclass(frozen=True)
class Section(Generic[Subject]):
    """One part of a page.

    ``name`` is its anchor (``#name``). ``context`` gives what the template needs for a subject and a reader, beside the
    page's own words; None where the reader has nothing to see there. ``right`` is what a reader needs to see it at all;
    whoever reads it sees the subject.
    """

    name: str
    title: str | Promise
    template: str
    context: Callable[[Subject, Any], Context | None]
    order: int
    right: Any


@dataclass(frozen=True)
class Part(Generic[Subject]):
    """A section made ready for one subject and reader."""

    section: Section[Subject]
    context: Context


class Sections(dict[str, Section[Subject]]):
    """The sections of one kind of page, by their names."""

    def register(self, section: Section[Subject]) -> None:
        """Add a section; the same name again takes the former's place."""
        self[section.name] = section

    def in_order(self) -> list[Section[Subject]]:
        """Return the sections as they stand on the page."""
        return sorted(self.values(), key=lambda section: (section.order, section.name))

    def parts_of(self, subject: Subject, reader: Reader) -> list[Part[Subject]]:
        """Return what ``reader`` sees of the subject's page, in its order."""
        return [
            Part(section, context)
            for section in self.in_order()
            if reader.may(section.right) and (context := section.context(subject, reader)) is not None
        ]


def nothing_more(subject: Any, reader: Any) -> Context:
    """Be the context of a section that prints the page's own words."""
    return {}
