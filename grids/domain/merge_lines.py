"""What moves and what stays when a township or village is merged into another: the preview, and the wording of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from common.models import Versioned

Place = TypeVar("Place", bound=Versioned)


@dataclass(frozen=True)
class Line:
    """So many records of a kind; what else becomes of them than moving or staying is said in ``note``."""

    label: str
    count: int
    note: str = ""


@dataclass(frozen=True)
class Preview:
    """What a merge will do: what moves to the other place, what stays where it was made, and what stands in the way."""

    moves: list[Line]
    stays: list[Line]
    refusals: list[str]


def counted(lines: Iterable[tuple[str, int, str]]) -> list[Line]:
    """Return a line for each kind of which there is something."""
    return [Line(label, count, note) for label, count, note in lines if count]


def locked_pair(model: type[Place], *pks: int) -> dict[int, Place]:
    """Return both places by key, locked in the order of their keys, each version raised by one when saved next."""
    rows = model._default_manager.filter(pk__in=pks).order_by("pk")
    places = {place.pk: place for place in rows.select_for_update(of=("self",), no_key=True)}
    for place in places.values():
        place.version += 1
    return places
