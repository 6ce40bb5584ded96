"""How a grid is served, in one word: what the board, the tiles and the list of grids say, told in one place.

``with_state`` says it in the database, for any number of grids in one question, so that a figure of the board and the
list that it leads to cannot differ. A grid may lack several things at once; its state is what is to be mended first,
in the order of ``GridState``. What else it lacks is said in words (``grids.tiles``).
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.lookups import LessThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.rights import Role
from areas.models import TownshipSettings
from areas.models.settings import Holdings
from grids.models import Membership, Team
from grids.models.grid import GridQuerySet
from grids.models.team import is_silent


class GridState(TextChoices):
    """The states of a grid, at the top what is to be mended first.

    Without a team nobody answers, and a team that is forming need not. Then comes who waits for help today, then what
    the rule asks of a team, then silence. ``covered`` is all that is told of a team that the reader does not see.
    """

    NO_TEAM = "no_team", _("No team")
    FORMING = "forming", pgettext_lazy("grid", "Forming")
    OVERDUE = "overdue", _("Request overdue")
    SKILLS = "skills", _("Skill types missing")
    SILENT = "silent", pgettext_lazy("grid", "Silent")
    WELL = "well", pgettext_lazy("grid", "In order")
    COVERED = "covered", _("Has a team")
    RETIRED = "retired", _("Retired")


# What the grid of an active team may lack.
LACKS = (GridState.OVERDUE, GridState.SKILLS, GridState.SILENT)
# The grids that nobody serves; an active team serves all others in use.
UNCOVERED = frozenset({GridState.NO_TEAM, GridState.FORMING})
TONES = {
    GridState.NO_TEAM: ("bad", "map-pin-off"),
    GridState.FORMING: ("warn", "users"),
    GridState.OVERDUE: ("bad", "clock-alert"),
    GridState.SKILLS: ("warn", "puzzle"),
    GridState.SILENT: ("info", "bell-off"),
    GridState.WELL: ("ok", "circle-check"),
    GridState.COVERED: ("ok", "handshake"),
    GridState.RETIRED: ("neutral", "archive"),
}


def states_for(reader: User) -> list[GridState]:
    """Return the states that grids in use may have in the reader's eyes, in their order."""
    hidden = {GridState.RETIRED} if is_leader(reader) else {GridState.RETIRED, GridState.COVERED}
    return [state for state in GridState if state not in hidden]


def with_state(grids: GridQuerySet, reader: User) -> Any:
    """Bring along ``state`` (a ``GridState``), as far as the reader may know it; and ``standing``, the grid's team."""
    lacks = _lacks(TownshipSettings.by_township())
    first = [When(condition, then=Value(state)) for state, condition in lacks.items()]
    return _with_standing(grids).annotate(state=_case(reader, *first, default=GridState.WELL))


def with_all_that_holds(grids: GridQuerySet, reader: User, held: Holdings) -> Any:
    """Bring along the parts of a state, from which ``state_in`` says it.

    ``coverage`` is the state where there is no active team that the reader sees, else ``well``; what such a team lacks
    is there by the names of ``LACKS``, true or false.
    """
    holds = {state.value: Case(When(condition, then=True), default=False) for state, condition in _lacks(held).items()}
    return _with_standing(grids).annotate(coverage=_case(reader, default=GridState.WELL), **holds)


def state_in(row: Mapping[str, Any]) -> GridState:
    """Return the state of a row of ``with_all_that_holds``: of what holds, what is to be mended first."""
    coverage = GridState(row["coverage"])
    if coverage != GridState.WELL:
        return coverage
    return next((state for state in LACKS if row[state]), coverage)


def _with_standing(grids: GridQuerySet) -> Any:
    standing = Q(teams__state__in=(Team.State.FORMING, Team.State.ACTIVE))
    return grids.alias(standing=FilteredRelation("teams", condition=standing))


def _case(reader: User, *first: When, default: GridState) -> Case:
    seen = Exists(Team.objects.visible_to(reader).filter(pk=OuterRef("standing__pk")))
    return Case(
        When(is_retired=True, then=Value(GridState.RETIRED)),
        When(standing__isnull=True, then=Value(GridState.NO_TEAM)),
        When(standing__state=Team.State.FORMING, then=Value(GridState.FORMING)),
        *([When(~seen, then=Value(GridState.COVERED))] if is_leader(reader) else []),
        *first,
        default=Value(default),
        output_field=CharField(),
    )


def _lacks(held: Holdings) -> dict[GridState, Any]:
    """Return the conditions of ``LACKS``, in their order; ``held`` as in ``TownshipSettings.where``."""
    types = (
        Membership.objects.current()
        .filter(team=OuterRef("standing__pk"))
        .order_by()
        .values("team")
        .annotate(types=Count("volunteer__primary_skill", distinct=True))
        .values("types")
    )

    def fewer_than(least: int) -> Q:
        return Q(LessThan(Subquery(types), least))

    conditions = (
        Exists(overdue_requests().filter(team=OuterRef("standing__pk"))),
        TownshipSettings.where("least_skill_types", fewer_than, path="standing__township", held=held),
        is_silent(timezone.localdate(), held, path="standing__"),
    )
    return dict(zip(LACKS, conditions, strict=True))


def overdue_requests() -> Any:
    """Return the overdue requests of all teams; which they are says the layer above (``HelpRequestQuerySet``)."""
    requests: Any = Team._meta.get_field("requests").related_model
    return requests.objects.overdue()


def is_leader(reader: User) -> bool:
    """Whether the reader sees some teams of the township only, and so is told of the others that they are there."""
    return reader.role == Role.TEAM_LEADER
