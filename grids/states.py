"""How a grid is served, in one word: what the board, the tiles and the list of grids say, told in one place.

``with_state`` says it in the database, for any number of grids in one question, so that a figure of the board and the
list that it leads to cannot differ. A grid may lack several things at once; its state is what is to be mended first,
in the order of ``GridState``. What else it lacks is said in words (``grids.tiles``).
"""

from datetime import date
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
from grids.models import Membership, Team
from grids.models.grid import GridQuerySet


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


def with_state(grids: GridQuerySet, reader: User, *, with_all: bool = False) -> Any:
    """Bring along ``state`` (a ``GridState``), as far as the reader may know it; and ``standing``, the grid's team.

    ``with_all`` brings along ``is_overdue``, ``is_short`` of skill types and ``is_silent`` too: all that holds of an
    active team, also where it is not what is to be mended first.
    """
    lacks = _lacks(timezone.localdate())
    unseen = [When(~_is_seen(reader), then=Value(GridState.COVERED))] if is_leader(reader) else []
    standing = Q(teams__state__in=(Team.State.FORMING, Team.State.ACTIVE))
    found = grids.alias(standing=FilteredRelation("teams", condition=standing)).annotate(
        state=Case(
            When(is_retired=True, then=Value(GridState.RETIRED)),
            When(standing__isnull=True, then=Value(GridState.NO_TEAM)),
            When(standing__state=Team.State.FORMING, then=Value(GridState.FORMING)),
            *unseen,
            *(When(condition, then=Value(state)) for state, condition in lacks.items()),
            default=Value(GridState.WELL),
            output_field=CharField(),
        )
    )
    if not with_all:
        return found
    names = {GridState.OVERDUE: "is_overdue", GridState.SKILLS: "is_short", GridState.SILENT: "is_silent"}
    holds = {names[state]: Case(When(condition, then=True), default=False) for state, condition in lacks.items()}
    return found.annotate(**holds)


def _lacks(today: date) -> dict[GridState, Any]:
    """Return the conditions of an active team's grid, in the order of what is to be mended first."""
    held = TownshipSettings.by_township()
    silent = Team.objects.silent(today, held=held)
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

    return {
        GridState.OVERDUE: Exists(overdue_requests(held).filter(team=OuterRef("standing__pk"))),
        GridState.SKILLS: TownshipSettings.where("least_skill_types", fewer_than, path="village__township", held=held),
        GridState.SILENT: Exists(silent.filter(pk=OuterRef("standing__pk"))),
    }


def overdue_requests(held: Any = None) -> Any:
    """Return the overdue requests of all teams; which they are says the layer above (``HelpRequestQuerySet``)."""
    requests: Any = Team._meta.get_field("requests").related_model
    return requests.objects.overdue(held=held)


def is_leader(reader: User) -> bool:
    """Whether the reader sees some teams of the township only, and so is told of the others that they are there."""
    return reader.role == Role.TEAM_LEADER


def _is_seen(reader: User) -> Exists:
    return Exists(Team.objects.visible_to(reader).filter(pk=OuterRef("standing__pk")))
