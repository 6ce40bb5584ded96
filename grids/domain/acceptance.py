"""A proposal is accepted, for one grid or for all: what it rests on is looked at again, then the teams change.

Grids between which somebody moves belong together: they are accepted together or not at all. Locks are taken in the
order composition, grids, teams, volunteers, each by key. Everything is checked before anything is written, so that a
chain of moves need hold at its end only; both by some statements for all grids together, however many there are.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from common.wording import sentences
from grids.domain.acceptance_check import Standing, problems_of
from grids.domain.acceptance_write import write
from grids.domain.composition import locked_standing
from grids.domain.composition_count import recount
from grids.domain.proposal_groups import Group, groups_of
from grids.models import Composition, CompositionPart, Grid, Membership, ProposedTeam, Team
from volunteers.models import Volunteer

# So many people join teams in one step at the most; a township has fewer.
MOST_JOINING = 5_000
# So many of the reasons why something is refused are said.
MOST_SAID = 5


@dataclass
class Accepted:
    """What became of an acceptance: how many teams changed, and why others were left as they are."""

    teams: int = 0
    refused: list[str] = field(default_factory=list)


@event
def accept_composition(
    composition: Composition,
    *,
    version: int,
    by: User,
    team: ProposedTeam | None = None,
    part: CompositionPart | None = None,
    only_standing: bool = False,
) -> Accepted:
    """Let the teams become what is proposed: for one grid (``team``) with what hangs together with it, a part, or all.

    What has changed since is refused with names. With ``only_standing`` the rest is accepted all the same.
    """
    composition = locked_standing(composition, version=version)
    parts = list(composition.parts.filter(state=CompositionPart.State.SOLVED, changed__gt=0).order_by("pk"))
    if team is not None:
        part = team.part
    if part is not None:
        parts = [each for each in parts if each.pk == part.pk]
    groups = [group for each in parts for group in groups_of(each) if team is None or team in group.teams]
    if not groups:
        raise RuleBroken(_("There is nothing to accept here: the teams stand as they are proposed."))
    _require_few(groups)
    standing = _lock(groups)
    refused = {at: problems for at, group in enumerate(groups) if (problems := problems_of(group, standing))}
    sound = [group for at, group in enumerate(groups) if at not in refused]
    if refused and not (only_standing and sound):
        raise RuleBroken(_refusal(refused.values(), others=bool(sound)), code="changed")
    write(sound, standing, by)
    for each in parts:
        recount(each)
    still = composition.parts.exclude(state=CompositionPart.State.SOLVED, changed=0).exists()
    composition.state = Composition.State.PARTLY if still else Composition.State.ACCEPTED
    composition.save()
    return Accepted(sum(len(group.teams) for group in sound), [sentences(problems) for problems in refused.values()])


def _require_few(groups: Iterable[Group]) -> None:
    joining = sum(seat.changes and seat.grid_id is not None for group in groups for seat in group.seats)
    if joining > MOST_JOINING:
        raise RuleBroken(
            _("%(count)d people would join teams at once; at most %(most)d can. Accept township by township.")
            % {"count": joining, "most": MOST_JOINING}
        )


def _lock(groups: list[Group]) -> Standing:
    """Lock grids, teams and people, each in the order of their keys, and say how they stand now."""
    pks = [team.grid_id for group in groups for team in group.teams]
    grids = Grid.objects.filter(pk__in=pks).select_related("village").order_by("pk")
    locked_grids = {grid.pk: grid for grid in grids.select_for_update(of=("self",), no_key=True)}
    teams = Team.objects.standing().filter(grid__in=pks).order_by("pk")
    locked_teams = {team.grid_id: team for team in teams.select_for_update(of=("self",), no_key=True)}
    inside = Membership.objects.current().filter(team__in=[team.pk for team in locked_teams.values()])
    people = {seat.volunteer_id for group in groups for seat in group.seats}
    people |= set(inside.order_by().values_list("volunteer", flat=True))
    volunteers = Volunteer.objects.filter(pk__in=people).order_by("pk")
    locked_people = {person.pk: person for person in volunteers.select_for_update(of=("self",), no_key=True)}
    # Only now nobody joins or leaves any more: whoever does waits for the team or for the person.
    members: dict[int, dict[int, Membership]] = defaultdict(dict)
    elsewhere: dict[int, Membership] = {}
    kept = {team.pk for team in locked_teams.values()}
    current = Membership.objects.current().filter(volunteer__in=locked_people).select_related("team")
    for membership in current.order_by("pk"):
        membership.volunteer = locked_people[membership.volunteer_id]
        if membership.team_id in kept:
            members[membership.team_id][membership.volunteer_id] = membership
        else:
            elsewhere[membership.volunteer_id] = membership
    return Standing(locked_grids, locked_teams, locked_people, members, elsewhere)


def _refusal(refused: Iterable[list[str]], *, others: bool) -> str:
    """Put the refusals together: the first few in full."""
    said = list(dict.fromkeys(problem for problems in refused for problem in problems))
    advice = [_("Nothing has been changed.")]
    if others:
        advice.append(_("You may accept what still stands and leave the rest."))
    else:
        advice.append(_("Change the proposal, or solve it again: it then starts from how the teams stand now."))
    return sentences([*said[:MOST_SAID], *advice])
