"""What happens to a team: formed, joined, left, led, activated, dissolved.

Every event locks the team's row first, then the volunteers' by primary key; the rule (``grids.domain.rule``) is looked
at again after each change of an active team, under that lock.
"""

from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import TownshipSettings
from common.rules import RuleBroken
from common.wording import sentences
from grids.domain.rule import (
    day_or_today,
    members_of,
    missing_for_activation,
    require_no_help_since,
    require_no_service_after,
    require_rule,
    require_standing,
    skill_types_of,
)
from grids.hooks import team_dissolved, team_was_active
from grids.models import Grid, Membership, RoleChange, Team
from volunteers.models import Volunteer

__all__ = [
    "activate_team",
    "add_member",
    "choose_deputy",
    "choose_leader",
    "dissolve_team",
    "form_team",
    "make_member",
    "missing_for_activation",
    "name_after",
    "remove_member",
    "rename_team",
    "replace_member",
]

Role = Membership.Role
NAME_LENGTH = Team._meta.get_field("name").max_length


@event
def form_team(grid: Grid, *, by: User, name: str = "", on: date | None = None) -> Team:
    """Form the team of ``grid``, with nobody in it yet; named after the grid unless ``name`` is given."""
    grid = Grid.objects.select_for_update(of=("self",), no_key=True).get(pk=grid.pk)
    if grid.is_retired:
        raise RuleBroken(_("This grid has been retired: no team can be formed for it."))
    if grid.teams.standing().exists():
        raise RuleBroken(_("This grid has a team already. Dissolve it first, or change its members."))
    dissolved = [
        (former, _("The grid's former team was dissolved on %(day)s. The new one cannot be formed before."))
        for former in grid.teams.values_list("dissolved_on", flat=True)
    ]
    return Team.objects.create(
        name=name or name_after(grid),
        grid=grid,
        township_id=grid.village.township_id,
        formed_on=day_or_today(on, not_before=dissolved),
    )


def name_after(grid: Grid) -> str:
    """Return what a team is called unless somebody names it: after its grid."""
    return (_("%(grid)s service team") % {"grid": grid})[:NAME_LENGTH]


@event
def rename_team(team: Team, *, name: str, by: User, version: int | None = None) -> Team:
    """Give the team another name."""
    team = Team.locked(team.pk, version=version)
    require_standing(team)
    team.name = name
    team.save()
    return team


@event
def add_member(
    team: Team, volunteer: Volunteer, *, by: User, role: str = Role.MEMBER, on: date | None = None
) -> Membership:
    """Take a free active volunteer of the township into the team."""
    team = Team.locked(team.pk)
    require_standing(team)
    return _join(team, volunteer, role, on)


@event
def remove_member(team: Team, volunteer: Volunteer, *, reason: str, by: User, on: date | None = None) -> Membership:
    """End the volunteer's time in the team; refused where an active team would no longer satisfy the rule."""
    team = Team.locked(team.pk)
    had = skill_types_of(members_of(team))
    membership = _end(team, volunteer, reason, on)
    require_rule(team, had=had, advice=_("Replace the member instead, in one step."))
    return membership


@event
def replace_member(
    team: Team, outgoing: Volunteer, incoming: Volunteer, *, reason: str, by: User, on: date | None = None
) -> Membership:
    """Exchange a member for another person, who takes on the same role, in one step."""
    team = Team.locked(team.pk)
    require_standing(team)
    if outgoing.pk == incoming.pk:
        raise RuleBroken(_("Choose somebody else: this is the person to be replaced."), field="volunteer")
    # Both rows, in the order of their keys: two exchanges at once never wait for each other.
    people = Volunteer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[outgoing.pk, incoming.pk])
    list(people.order_by("pk"))
    had = skill_types_of(members_of(team))
    ended = _end(team, outgoing, reason, on)
    membership = _join(team, incoming, ended.role, on)
    # The trail has both halves under one event already.
    Membership.objects.filter(pk=ended.pk).update(replaced_by=membership)
    require_rule(team, had=had, advice=_("Choose somebody with a skill type that the team lacks."), field="volunteer")
    return membership


@event
def choose_leader(team: Team, volunteer: Volunteer, *, by: User) -> Membership:
    """Make a member the leader; the former leader takes on the role that the new one had."""
    team = Team.locked(team.pk)
    chosen = _membership(team, volunteer)
    if chosen.role == Role.LEADER:
        return chosen
    former = team.memberships.current().filter(role=Role.LEADER).first()
    previous = chosen.role
    if former is not None:
        _take_role(former, previous)
    _take_role(chosen, Role.LEADER)
    return chosen


@event
def choose_deputy(team: Team, volunteer: Volunteer, *, by: User) -> Membership:
    """Make an ordinary member a deputy; a team may have several."""
    return _give_role(team, volunteer, Role.DEPUTY)


@event
def make_member(team: Team, volunteer: Volunteer, *, by: User) -> Membership:
    """Make a deputy an ordinary member again."""
    return _give_role(team, volunteer, Role.MEMBER)


@event
def activate_team(team: Team, *, by: User, on: date | None = None) -> Team:
    """Let a team that satisfies the rule serve."""
    team = Team.locked(team.pk)
    require_standing(team)
    if team.state == Team.State.ACTIVE:
        return team
    missing = missing_for_activation(members_of(team), TownshipSettings.of(team.township_id).least_skill_types)
    if missing:
        raise RuleBroken(sentences([_("The team cannot be activated yet."), *missing]))
    formed = (team.formed_on, _("The team was formed on %(day)s. It cannot be active before."))
    team.state, team.activated_on = Team.State.ACTIVE, day_or_today(on, not_before=[formed])
    team.save()
    team_was_active.send(Team, team=team, until=timezone.localdate())
    return team


@event
def dissolve_team(team: Team, *, reason: str, by: User, on: date | None = None) -> Team:
    """End the team and all its memberships; its logs and reports stay."""
    team = Team.locked(team.pk)
    require_standing(team)
    formed = (team.formed_on, _("The team was formed on %(day)s. It cannot be dissolved before."))
    day = day_or_today(on, not_before=[formed])
    for membership in members_of(team):
        _end(team, membership.volunteer, reason, day)
    if team.state == Team.State.ACTIVE:
        team_was_active.send(Team, team=team, until=day)
    team.state, team.dissolved_on = Team.State.DISSOLVED, day
    team.save()
    team_dissolved.send(Team, team=team, by=by)
    return team


# --- What the events are made of: each wants the team locked ------------------------------------------


def _join(team: Team, volunteer: Volunteer, role: str, on: date | None) -> Membership:
    """Let a volunteer, locked here, begin in the team."""
    volunteer = Volunteer.objects.select_for_update(of=("self",), no_key=True).get(pk=volunteer.pk)
    if volunteer.status != Volunteer.Status.ACTIVE:
        raise RuleBroken(
            _("%(name)s is not an active volunteer: %(status)s.")
            % {"name": volunteer.name, "status": volunteer.get_status_display()},
            field="volunteer",
        )
    if volunteer.township_id != team.township_id:
        raise RuleBroken(
            _("%(name)s belongs to another township. The members of a team are of its township.")
            % {"name": volunteer.name},
            field="volunteer",
        )
    current = volunteer.memberships.current().select_related("team").first()
    if current is not None:
        raise RuleBroken(
            _("%(name)s is in %(team)s already. A volunteer is in one team at a time.")
            % {"name": volunteer.name, "team": current.team},
            field="volunteer",
        )
    if role == Role.LEADER and team.memberships.current().filter(role=Role.LEADER).exists():
        raise RuleBroken(
            _("The team has a leader already. Add the person as a member, then choose them as the leader."),
            field="role",
        )
    if team.memberships.current().count() >= settings.TEAM_MAX_MEMBERS:
        raise RuleBroken(
            _("A team has at most %(count)d members. Replace one of them instead, in one step.")
            % {"count": settings.TEAM_MAX_MEMBERS},
            field="volunteer",
        )
    day = day_or_today(
        on,
        not_before=[
            (team.formed_on, _("The team was formed on %(day)s. Nobody can join it before.")),
            (volunteer.joined_on, _("This volunteer joined the programme on %(day)s, not before.")),
            *(
                (left, _("This volunteer was in a team until %(day)s and can join another one from then on."))
                for left in volunteer.memberships.values_list("left_on", flat=True)
            ),
            *(
                (back, _("This volunteer was away until %(day)s and can join a team from then on."))
                for back in volunteer.absences.values_list("until", flat=True)
            ),
        ],
    )
    require_no_help_since(team, volunteer, day)
    return Membership.objects.create(team=team, volunteer=volunteer, role=role, joined_on=day)


def _end(team: Team, volunteer: Volunteer, reason: str, on: date | None) -> Membership:
    """Let a member's time in the team end."""
    membership = _membership(team, volunteer)
    refusal = _("This member joined the team on %(day)s. The day of leaving cannot lie before it.")
    membership.left_on = day_or_today(on, not_before=[(membership.joined_on, refusal)])
    require_no_service_after(team, [volunteer], membership.left_on)
    membership.reason = reason
    membership.save()
    return membership


def _membership(team: Team, volunteer: Volunteer) -> Membership:
    """Return the person's current membership in the team."""
    require_standing(team)
    membership = team.memberships.current().select_related("volunteer").filter(volunteer=volunteer).first()
    if membership is None:
        raise RuleBroken(_("%(name)s is no longer in this team.") % {"name": volunteer.name})
    return membership


def _give_role(team: Team, volunteer: Volunteer, role: str) -> Membership:
    team = Team.locked(team.pk)
    membership = _membership(team, volunteer)
    if membership.role == Role.LEADER:
        raise RuleBroken(_("This member is the leader. Choose another leader first."))
    if membership.role != role:
        _take_role(membership, role)
    return membership


def _take_role(membership: Membership, role: str) -> None:
    """Let a member have another role from today on."""
    today = timezone.localdate()
    RoleChange.objects.create(membership=membership, day=today, before=membership.role, after=role)
    membership.role = role
    membership.save()
