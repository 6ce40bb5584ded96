"""What keeps proposed teams from being accepted: what has changed since they were solved, and what no team may do.

The rules are those of ``grids.domain.team``, looked at for many people at once; whoever joins or leaves does so today.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from areas.models import TownshipSettings
from areas.models.settings import Holdings
from common.wording import sentences
from grids.domain.composition_count import seats_by_grid
from grids.domain.proposal_groups import Group
from grids.domain.rule import least_kept, missing_for_activation, skill_types_of
from grids.models import Grid, Membership, ProposedSeat, Team
from volunteers.models import Volunteer


@dataclass
class Standing:
    """How grids, teams and people stand now, all of them locked.

    ``teams`` is by grid, ``members`` by team and volunteer; ``elsewhere``, by volunteer, is who is in another team.
    """

    grids: Mapping[int, Grid]
    teams: dict[int, Team]
    people: Mapping[int, Volunteer]
    members: Mapping[int, dict[int, Membership]]
    elsewhere: Mapping[int, Membership]
    today: date = field(default_factory=timezone.localdate)
    held: Holdings = field(default_factory=TownshipSettings.by_township)

    def least_skill_types(self, grid: int) -> int:
        """Return how many skill types the township of a grid asks for."""
        return self.held[self.grids[grid].village.township_id].least_skill_types

    @cached_property
    def served(self) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
        """Return who helped in which team today or later, and who served in it, as a member, after today."""
        services = Team.objects.filter(
            pk__in=[team.pk for team in self.teams.values()], logs__is_withdrawn=False, logs__date__gte=self.today
        ).order_by()
        helped, served = set(), set()
        for team, person, day, is_helper in services.values_list(
            "pk", "logs__participations__volunteer", "logs__date", "logs__participations__is_helper"
        ):
            if is_helper:
                helped.add((team, person))
            elif day > self.today:
                served.add((team, person))
        return helped, served


def problems_of(group: Group, standing: Standing) -> list[str]:
    """Say why a group of grids cannot be accepted; nothing where it can."""
    changed = _changed(group, standing)
    if changed:
        return [*changed, _("Solve again: the proposal then starts from how the teams stand now.")]
    return [*_people(group, standing), *_rule(group, standing)]


def _changed(group: Group, standing: Standing) -> list[str]:
    """Say what no longer stands as it did when it was solved, by name."""
    problems = []
    for proposed in group.teams:
        grid, team = standing.grids[proposed.grid_id], standing.teams.get(proposed.grid_id)
        if grid.is_retired:
            problems.append(_("%(grid)s has been retired.") % {"grid": grid})
        elif (team.pk if team else None) != proposed.team_id:
            problems.append(_("%(grid)s has another team than when the proposal was made.") % {"grid": grid})
        elif team is not None:
            before = {seat.volunteer_id: seat for seat in group.seats if seat.from_grid_id == proposed.grid_id}
            problems += _differences(team, before, standing)
    problems += [
        _("%(name)s has joined %(team)s since.")
        % {"name": standing.people[seat.volunteer_id].name, "team": standing.elsewhere[seat.volunteer_id].team}
        for seat in group.seats
        if seat.changes and seat.volunteer_id in standing.elsewhere
    ]
    return list(dict.fromkeys(problems))


def _differences(team: Team, before: Mapping[int, ProposedSeat], standing: Standing) -> list[str]:
    """Say who joined or left the team since, and whether it is led by somebody else."""
    now = standing.members.get(team.pk, {})
    problems = [
        _("%(name)s has joined %(team)s since.") % {"name": standing.people[pk].name, "team": team}
        for pk in now
        if pk not in before
    ]
    problems += [
        _("%(name)s is no longer in %(team)s.") % {"name": standing.people[pk].name, "team": team}
        for pk in before
        if pk not in now
    ]
    led_by = {pk for pk, seat in before.items() if seat.from_role == Membership.Role.LEADER}
    if not problems and led_by != {pk for pk, member in now.items() if member.role == Membership.Role.LEADER}:
        problems.append(_("%(team)s has another leader since.") % {"team": team})
    return problems


def _people(group: Group, standing: Standing) -> list[str]:
    """Say who may not join or leave today."""
    problems = []
    helped, served = standing.served
    townships = {team.grid_id: standing.grids[team.grid_id].village.township_id for team in group.teams}
    for seat in group.seats:
        if not seat.changes:
            continue
        person = standing.people[seat.volunteer_id]
        team, former = standing.teams.get(seat.grid_id or 0), standing.teams.get(seat.from_grid_id or 0)
        if former is not None and (former.pk, person.pk) in served:
            problems.append(
                _("There is a service of %(team)s with %(name)s after today. Correct its day first.")
                % {"team": former, "name": person.name}
            )
        if seat.grid_id is None:
            continue
        if person.status != Volunteer.Status.ACTIVE:
            problems.append(
                _("%(name)s is not an active volunteer: %(status)s.")
                % {"name": person.name, "status": person.get_status_display()}
            )
        elif person.township_id != townships[seat.grid_id]:
            problems.append(
                _("%(name)s belongs to another township. The members of a team are of its township.")
                % {"name": person.name}
            )
        elif person.joined_on > standing.today:
            problems.append(
                _("%(name)s joins the programme on %(day)s only.")
                % {"name": person.name, "day": date_format(person.joined_on)}
            )
        elif team is not None and (team.pk, person.pk) in helped:
            problems.append(
                _("%(name)s is logged as a helper of %(team)s today. Accept from tomorrow on.")
                % {"name": person.name, "team": team}
            )
    return problems


def _rule(group: Group, standing: Standing) -> list[str]:
    """Say which teams would not satisfy the rule, as far as it holds for them, with everybody where they are to be."""
    for seat in group.seats:
        seat.volunteer = standing.people[seat.volunteer_id]
    seats = seats_by_grid(group.seats)
    problems = []
    for proposed in group.teams:
        team, then = standing.teams.get(proposed.grid_id), seats.get(proposed.grid_id, [])
        if team is None or team.state != Team.State.ACTIVE:
            # A forming team may lack what it likes, but it never has more than a team may have.
            if len(then) > settings.TEAM_MAX_MEMBERS:
                words = _("%(grid)s: a team has at most %(count)d members. Move people in the proposal.")
                grid = standing.grids[proposed.grid_id]
                problems.append(words % {"grid": grid, "count": settings.TEAM_MAX_MEMBERS})
            continue
        had = skill_types_of(standing.members[team.pk].values())
        least = least_kept(standing.least_skill_types(proposed.grid_id), had)
        missing = missing_for_activation(then, least)  # type: ignore[arg-type]
        if missing:
            words = _("%(team)s would no longer satisfy the rule.") % {"team": team}
            problems.append(sentences([words, *missing, _("Move people in the proposal until it does.")]))
    return problems
