"""What becomes of a team when a member changes: who leaves the programme leaves the team in the same step.

Receivers of ``volunteers.hooks``, connected by ``GridsConfig.ready``; they run in the volunteer's transaction.
"""

from collections.abc import Collection
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from areas.models import TownshipSettings
from common.rules import RuleBroken
from common.wording import sentences
from grids.domain.rule import (
    day_or_today,
    least_kept,
    members_of,
    missing_for_activation,
    require_no_service_after,
    require_rule,
    skill_types_of,
)
from grids.hooks import team_was_active
from grids.models import Membership, Team
from volunteers.hooks import volunteer_changed, volunteer_changing, volunteers_changing
from volunteers.models import Volunteer


def lock_team_first(sender: Any, volunteer: Volunteer, **_unused: Any) -> None:
    """Lock the volunteer's team before their own row, as the lock order has it.

    Whoever moves the volunteer holds that lock, so the team is asked for again once it was obtained.
    """
    locked = None
    while (team := _team_of(volunteer)) is not None and team != locked:
        Team.locked(team)
        locked = team


def lock_teams_first(sender: Any, volunteers: Collection[int], **_unused: Any) -> None:
    """Lock the teams of many volunteers in their order, before any of the volunteers is locked."""
    locked: set[int] = set()
    while True:
        current = Membership.objects.current().filter(volunteer__in=volunteers).order_by()
        teams = set(current.values_list("team_id", flat=True)) - locked
        if not teams:
            return
        rows = Team.objects.filter(pk__in=teams).order_by("pk").select_for_update(of=("self",), no_key=True)
        locked |= set(rows.values_list("pk", flat=True))


def follow(sender: Any, before: Volunteer, volunteer: Volunteer, by: User, **_unused: Any) -> str | None:
    """Check the team's rules against the changed volunteer, and end the membership of one who no longer serves there.

    Returns what became of the team.
    """
    _require_memberships_within(before, volunteer)
    current = volunteer.memberships.current().first()
    if current is None:
        return None
    team = Team.locked(current.team_id)
    if volunteer.status != Volunteer.Status.ACTIVE:
        return _depart(team, current, volunteer)
    if volunteer.township_id != team.township_id and volunteer.moved_on is not None:
        return _depart(team, current, volunteer)
    if volunteer.township_id != team.township_id:
        raise RuleBroken(
            _(
                "%(name)s is a member of %(team)s. Remove or replace the member there first, "
                "or use “Move to another township”."
            )
            % {"name": volunteer.name, "team": team},
            field="township",
        )
    if volunteer.primary_skill_id != before.primary_skill_id:
        others = set(
            team.memberships.current().exclude(pk=current.pk).values_list("volunteer__primary_skill", flat=True)
        )
        require_rule(
            team,
            had=len(others | {before.primary_skill_id}),
            advice=_("Replace the member in the team first."),
            field="primary_skill",
        )
    return None


def _require_memberships_within(before: Volunteer, volunteer: Volunteer) -> None:
    """Refuse a day of joining after a membership, also a past one, began, and a day of leaving before it ended."""
    memberships = volunteer.memberships.all()
    if volunteer.joined_on > before.joined_on:
        first = memberships.filter(joined_on__lt=volunteer.joined_on).order_by("joined_on").first()
        if first is not None:
            raise RuleBroken(
                _("This volunteer joined a team on %(day)s. Enter that day or an earlier one.")
                % {"day": date_format(first.joined_on)},
                field="joined_on",
            )
    if volunteer.left_on is not None:
        last = memberships.filter(left_on__gt=volunteer.left_on).order_by("left_on").last()
        if last is not None and last.left_on is not None:
            raise RuleBroken(
                _("This volunteer was in a team until %(day)s. Enter that day or a later one.")
                % {"day": date_format(last.left_on)},
                field="on",
            )


def _depart(team: Team, membership: Membership, volunteer: Volunteer) -> str:
    has_left = volunteer.status == Volunteer.Status.LEFT
    joined = (membership.joined_on, _("This volunteer joined the present team on %(day)s and cannot leave before."))
    membership.left_on = day_or_today(volunteer.left_on if has_left else volunteer.moved_on, not_before=[joined])
    require_no_service_after(team, [volunteer], membership.left_on)
    had = skill_types_of(members_of(team))
    membership.reason = _reason(volunteer)
    membership.save()
    least = least_kept(TownshipSettings.of(team.township_id).least_skill_types, had)
    missing = missing_for_activation(members_of(team), least) if team.state == Team.State.ACTIVE else []
    if missing:
        team_was_active.send(Team, team=team, until=membership.left_on)
        team.state, team.activated_on = Team.State.FORMING, None
        team.save()
        return sentences([_("%(team)s lost this member and is forming again.") % {"team": team}, *missing])
    return _("This volunteer is no longer in %(team)s.") % {"team": team}


def _reason(volunteer: Volunteer) -> str:
    if volunteer.moved_on is not None:
        return _("Moved to another township")
    return _("Left the programme") if volunteer.status == Volunteer.Status.LEFT else _("Suspended")


def _team_of(volunteer: Volunteer) -> int | None:
    return Membership.objects.current().filter(volunteer=volunteer.pk).values_list("team_id", flat=True).first()


def connect() -> None:
    """Listen to what happens to volunteers."""
    volunteer_changing.connect(lock_team_first, dispatch_uid="grids.lock_team_first")
    volunteers_changing.connect(lock_teams_first, dispatch_uid="grids.lock_teams_first")
    volunteer_changed.connect(follow, dispatch_uid="grids.follow")
