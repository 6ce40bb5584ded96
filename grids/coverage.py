"""The coverage board: how many grids of each township or village are in which state, one question for all of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, QuerySet, Sum
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from areas.models import Township, Village
from grids.models import Grid
from grids.models.grid import GridQuerySet
from grids.states import UNCOVERED, GridState, states_for, with_state


@dataclass(frozen=True)
class Coverage:
    """The grids in use of a township, a village or all of them, by their state."""

    area: Township | Village | None
    counts: Counter[GridState]
    states: list[GridState]
    households: int = 0

    @cached_property
    def grids(self) -> int:
        """How many grids are in use."""
        return self.counts.total()

    @property
    def uncovered(self) -> int:
        """How many grids have no active team."""
        return sum(self.counts[state] for state in UNCOVERED)

    @property
    def covered(self) -> int:
        """How many grids an active team serves."""
        return self.grids - self.uncovered

    @cached_property
    def worst(self) -> GridState | None:
        """The state that is to be mended first; None without grids, or where there is nothing to mend."""
        found = next((state for state in self.states if self.counts[state]), None)
        return None if found in (GridState.WELL, GridState.COVERED) else found

    @property
    def by_state(self) -> list[tuple[GridState, int]]:
        """Every state the reader may meet with its count, zeros included."""
        return [(state, self.counts[state]) for state in self.states]

    @property
    def bar(self) -> SafeString:
        """One bar, parted by the states."""
        return parted_bar([(state, count) for state, count in self.by_state if count])


def coverage_by_village(grids: GridQuerySet, villages: Iterable[Village], reader: User) -> list[Coverage]:
    """Count the ``grids`` of each of the villages, those without any grid too."""
    return _coverage(grids, "village", villages, reader)


def coverage_by_township(grids: GridQuerySet, townships: QuerySet[Township], reader: User) -> list[Coverage]:
    """Count the ``grids`` of each of the townships, those without any grid too."""
    return _coverage(grids, "village__township", townships, reader)


def _coverage(
    grids: GridQuerySet, path: str, areas: Iterable[Village] | Iterable[Township], reader: User
) -> list[Coverage]:
    counts: dict[int, Counter[GridState]] = {}
    households: Counter[int] = Counter()
    counted = with_state(grids.in_use().order_by(), reader).values_list(path, "state")
    for key, state, number, sum_of_households in counted.annotate(Count("pk"), Sum("households")):
        counts.setdefault(key, Counter())[GridState(state)] += number
        households[key] += sum_of_households
    states = states_for(reader)
    return [Coverage(area, counts.get(area.pk, Counter()), states, households[area.pk]) for area in areas]


def coverage_in_sight(reader: User) -> Coverage:
    """Count all the grids that the reader sees."""
    counted = with_state(Grid.objects.visible_to(reader).in_use().order_by(), reader).values_list("state")
    counts = Counter({GridState(state): count for state, count in counted.annotate(Count("pk"))})
    return Coverage(None, counts, states_for(reader))


def together(lines: Iterable[Coverage], reader: User) -> Coverage:
    """Add up what was counted by area."""
    counts: Counter[GridState] = Counter()
    households = 0
    for line in lines:
        counts.update(line.counts)
        households += line.households
    return Coverage(None, counts, states_for(reader), households)


def parted_bar(parts: list[tuple[GridState, int]]) -> SafeString:
    """Draw the parts side by side, each in the colour and pattern of its state; what they mean stands beside it."""
    total, x, drawn = sum(count for _state, count in parts), 0.0, []
    for state, count in parts:
        width = 100 * count / total
        drawn.append(f'<rect x="{x:.2f}%" y="0" width="{width:.2f}%" height="100%" fill="url(#fill-{state.value})"/>')
        x += width
    bar = f'<svg class="board-bar" aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'
    return mark_safe(bar)  # noqa: S308 (numbers and names of ours)
