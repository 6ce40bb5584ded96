"""Where the app above joins in when a team serves or a grid changes, without grids and teams knowing of it.

Monthly reports are opened by it (``services.domain.month``), and what waits for a team keeps its grid or goes along
(``services.domain.grid``). Receivers run inside the transaction of the change; a ``RuleBroken`` that they raise
refuses the whole change.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.dispatch import Signal

# Sent with ``township``, ``duty`` (``areas.models.settings.DUTIES``), ``is_on`` and ``by`` when a duty was turned on or
# off in a township.
duty_turned = Signal()
# Sent with ``township`` and ``duty``, which is on: receivers answer with what becomes of their records when it is off.
duty_weighed = Signal()
# Sent with ``team`` (locked) when it becomes active and when it ceases to be, before ``activated_on`` is taken away:
# it has been active from that day on, to the day ``until``.
team_was_active = Signal()


@dataclass(frozen=True)
class Plan:
    """What is about to become of grids: ``households`` of each afterwards by its key, None for one that is given up.

    ``kept`` is the key of the grid that goes on, in a split or a merge.
    """

    kind: str
    households: Mapping[int, int | None]
    kept: int | None = None

    @property
    def given_up(self) -> list[int]:
        """The grids that are given up."""
        return sorted(grid for grid, households in self.households.items() if households is None)


@dataclass(frozen=True)
class Word:
    """What somebody should know of a grid before it changes, or, where it ``refuses``, why it cannot and what to do.

    ``url`` leads to what it is about.
    """

    grid: int
    text: str
    refuses: bool = False
    url: str = ""


# Sent with ``plan`` before the page asks, and again with the grids locked: receivers return a list of ``Word``.
grid_changing = Signal()
# Sent with ``kept`` (a standing team) and ``given_up`` (standing teams), all locked, in a merge before these teams are
# dissolved on the day ``on``: what waits for them goes on with the team that stays.
teams_merging = Signal()
# Sent with ``team``, locked, and ``by`` when it is dissolved, after what goes on with another team went there: what
# still waits for it needs somebody else.
team_dissolved = Signal()
# Sent with ``ended`` and ``kept`` (townships): with ``is_preview`` for the lines of what stays where it was made, with
# ``is_refused`` for the sentences of what stands in the way, at last with neither, both and their teams locked, before
# anything has moved: what is begun moves.
township_merging = Signal()
