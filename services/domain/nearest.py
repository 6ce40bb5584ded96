"""Which team may take a request that the team of its grid cannot: the nearest one that is able to.

Near is first the same village, then the same part of the township (片区), then the township. Able is an active team
with a member whose skill type fits what is asked, and with a holder of a valid qualification where it needs one. Of
those that are equally near the one with the fewest open requests comes first. The reasons go along: the office decides.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from grids.models import Membership, Team
from services.models import HelpRequest, RequestStep
from volunteers.models import Qualification, Volunteer

# How many are proposed.
PROPOSED = 3


class Distance(models.IntegerChoices):
    """How near a team's grid is to where somebody asks."""

    VILLAGE = 0, _("Same village")
    DISTRICT = 1, _("Same part of the township")
    TOWNSHIP = 2, _("Same township")


@dataclass(frozen=True)
class Proposal:
    """A team that may take the request, and what speaks for it; None where it is not asked about."""

    team: Team
    distance: Distance
    open_requests: int
    fitting: int | None
    holders: int | None


@dataclass(frozen=True)
class Nearest:
    """The teams to propose, the nearest first. ``are_able`` is False where none of the township has what it needs."""

    proposals: list[Proposal]
    are_able: bool
    qualification: str

    @property
    def first(self) -> Proposal | None:
        """The one to propose first."""
        return self.proposals[0] if self.proposals else None


def nearest_teams(request: HelpRequest, today: date, *, most: int = PROPOSED) -> Nearest:
    """Propose teams for a request: not the one that has it, and none that gave it back.

    Where no team of the township has what it needs, the nearest ones are proposed all the same.
    """
    category = request.category
    needs = (category.qualification_kind or "") if category is not None else ""
    skills = list(category.skills.values_list("pk", flat=True)) if category is not None else []
    teams = _near(request)
    able = teams
    if skills:
        able = able.annotate(fitting=_counted(_members().filter(_has_skill(skills))))
        able = able.filter(fitting__gt=0)
    if needs:
        able = able.annotate(holders=_counted(_members().filter(_holds(needs, today))))
        able = able.filter(holders__gt=0)
    found = list(able[:most])
    are_able = bool(found) or not (skills or needs)
    if not are_able:
        found = list(teams[:most])
    return Nearest(
        [
            Proposal(
                team=team,
                distance=Distance(team.distance),  # type: ignore[attr-defined]  # annotated, as what follows
                open_requests=team.open_requests,  # type: ignore[attr-defined]
                fitting=getattr(team, "fitting", None),
                holders=getattr(team, "holders", None),
            )
            for team in found
        ],
        are_able,
        str(Qualification.Kind(needs).label) if needs else "",
    )


def _near(request: HelpRequest) -> QuerySet[Team]:
    """Offer the active teams of the township that did not give it back, the nearest and least busy first."""
    village = request.village.merged_into or request.village
    gave_it_back = RequestStep.objects.filter(request=request, kind=RequestStep.Kind.HANDED_BACK, team=OuterRef("pk"))
    steps = [When(grid__village=village, then=Value(Distance.VILLAGE))]
    if village.district:
        steps.append(When(grid__village__district=village.district, then=Value(Distance.DISTRICT)))
    waiting = HelpRequest.objects.open().filter(team=OuterRef("pk")).order_by().values("team")
    return (
        request.possible_teams.active()
        .exclude(pk=request.team_id or 0)
        .filter(~Exists(gave_it_back))
        .annotate(
            distance=Case(*steps, default=Value(Distance.TOWNSHIP), output_field=IntegerField()),
            open_requests=Coalesce(Subquery(waiting.annotate(number=Count("pk")).values("number")), 0),
        )
        .select_related("grid__village")
        .order_by("distance", "open_requests", F("grid__village__code"), "grid__number", "pk")
    )


def _members() -> Any:
    """Ask for the members of a team that serve now."""
    return (
        Membership.objects.current()
        .filter(team=OuterRef("pk"), volunteer__status=Volunteer.Status.ACTIVE)
        .order_by()
        .values("team")
    )


def _has_skill(skills: list[int]) -> Q:
    further = Volunteer.further_skills.through.objects.filter(volunteer=OuterRef("volunteer"), skilltype__in=skills)
    return Q(volunteer__primary_skill__in=skills) | Q(Exists(further))


def _holds(kind: str, today: date) -> Exists:
    valid = Qualification.objects.valid_on(today).filter(kind=kind)
    whose = Q(volunteer=OuterRef("volunteer")) | Q(volunteer__merged_into=OuterRef("volunteer"))
    return Exists(valid.filter(whose))


def _counted(members: Any) -> Coalesce:
    return Coalesce(Subquery(members.annotate(number=Count("pk")).values("number")), 0)
