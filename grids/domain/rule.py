"""The rule that an active team satisfies, and what refuses a step that would break it.

From the programme: 「每组 3–10 人」, one leader, volunteers of different ability types
(``settings.TEAM_MIN_SKILL_TYPES`` different primary skill types at least, or more where the township asks for more).

A township that asks for more throws nobody out: a team that is active stays active and shows what it lacks. It becomes
active only with all of them, and no step makes it worse.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from areas.models import TownshipSettings
from common.rules import RuleBroken
from common.wording import sentences
from grids.models import Membership, Team
from volunteers.models import Volunteer

# The order in which members are shown.
ROLE_ORDER: dict[str, int] = {Membership.Role.LEADER: 0, Membership.Role.DEPUTY: 1, Membership.Role.MEMBER: 2}


@dataclass(frozen=True)
class Gap:
    """What a team lacks of the rule: members, a leader, different primary skill types."""

    members: int
    leader: bool
    skill_types: int


def skill_types_of(members: Iterable[Membership]) -> int:
    """Count the different primary skill types of the ``members`` (with their volunteers)."""
    return len({member.volunteer.primary_skill_id for member in members})


def gap_of(members: Collection[Membership], least_skill_types: int) -> Gap:
    """Count what the current ``members`` (with their volunteers) lack; zeros where nothing is missing.

    ``least_skill_types`` is what holds in the township: ``TownshipSettings.of(team.township_id).least_skill_types``.
    """
    return Gap(
        members=max(0, settings.TEAM_MIN_MEMBERS - len(members)),
        leader=not any(member.role == Membership.Role.LEADER for member in members),
        skill_types=max(0, least_skill_types - skill_types_of(members)),
    )


def missing_for_activation(members: Collection[Membership], least_skill_types: int) -> list[str]:
    """Say what the current ``members`` (with their volunteers) lack to be an active team; empty when nothing."""
    gap = gap_of(members, least_skill_types)
    missing = []
    if gap.members:
        missing.append(
            ngettext("%(count)d member is missing.", "%(count)d members are missing.", gap.members)
            % {"count": gap.members}
        )
    if len(members) > settings.TEAM_MAX_MEMBERS:
        missing.append(_("A team has at most %(count)d members.") % {"count": settings.TEAM_MAX_MEMBERS})
    if gap.leader:
        missing.append(_("The leader is missing."))
    if gap.skill_types:
        missing.append(
            ngettext(
                "%(count)d further primary skill type is missing.",
                "%(count)d further primary skill types are missing.",
                gap.skill_types,
            )
            % {"count": gap.skill_types}
        )
    return missing


def members_of(team: Team) -> list[Membership]:
    """Return the current memberships with their volunteers, leader first; asked anew each time."""
    members = team.memberships.current().select_related("volunteer__primary_skill")
    return sorted(members, key=lambda member: (ROLE_ORDER[member.role], member.joined_on, member.pk))


def least_kept(least_skill_types: int, had: int) -> int:
    """Return how many skill types an active team may not fall below: what its township asks for, or the ``had`` ones.

    Never below the city's own number, whatever a team had.
    """
    return max(settings.TEAM_MIN_SKILL_TYPES, min(least_skill_types, had))


def require_rule(team: Team, *, had: int, advice: str, field: str | None = None) -> None:
    """Refuse what was just done to an active ``team`` (locked) if it broke the rule; ``advice`` says what to do.

    ``had`` is the number of primary skill types before (``skill_types_of``): that many are enough where the township
    asks for more than the team ever had.
    """
    if team.state != Team.State.ACTIVE:
        return
    least = least_kept(TownshipSettings.of(team.township_id).least_skill_types, had)
    missing = missing_for_activation(members_of(team), least)
    if missing:
        reasons = _(
            "An active team has %(least)d–%(most)d members, one leader "
            "and at least %(skills)d different primary skill types."
        ) % {
            "least": settings.TEAM_MIN_MEMBERS,
            "most": settings.TEAM_MAX_MEMBERS,
            "skills": least,
        }
        raise RuleBroken(sentences([reasons, *missing, advice]), field=field)


def require_standing(team: Team) -> None:
    """Refuse any change to a team that has been dissolved."""
    if team.state == Team.State.DISSOLVED:
        raise RuleBroken(_("This team was dissolved; it does not change any more. Form a new team for the grid."))


def day_or_today(on: date | None, *, not_before: Iterable[tuple[date | None, str]] = ()) -> date:
    """Return the day of an event, today in Shanghai unless given.

    Refuses days to come, and days before one of ``not_before``: pairs of a day and the message that says whose it is,
    with ``%(day)s`` for it; None sets no bound.
    """
    today = timezone.localdate()
    day = on or today
    if day > today:
        raise RuleBroken(_("This day lies in the future. Enter it when it has come."), field="on")
    for first, message in not_before:
        if first is not None and day < first:
            raise RuleBroken(message % {"day": date_format(first)}, field="on")
    return day


def require_no_service_after(team: Team, volunteers: Iterable[Volunteer], day: date) -> None:
    """Refuse to end memberships before a service that the people took part in as members of ``team``."""
    last = (
        team.logs.filter(
            is_withdrawn=False,
            date__gt=day,
            participations__volunteer__in=list(volunteers),
            participations__is_helper=False,
        )
        .order_by("-date")
        .values_list("date", flat=True)
        .first()
    )
    if last is not None:
        raise RuleBroken(
            _("There is a service of the team with this person on %(day)s. The day of leaving cannot lie before it.")
            % {"day": date_format(last)},
            field="on",
        )


def require_no_help_since(team: Team, volunteer: Volunteer, day: date) -> None:
    """Refuse to begin a membership before a service that the person took part in as a helper of ``team``."""
    last = (
        team.logs.filter(
            is_withdrawn=False,
            date__gte=day,
            participations__volunteer=volunteer,
            participations__is_helper=True,
        )
        .order_by("-date")
        .values_list("date", flat=True)
        .first()
    )
    if last is not None:
        raise RuleBroken(
            _("This volunteer is logged as a helper of the team on %(day)s. Enter a day of joining after it.")
            % {"day": date_format(last)},
            field="on",
        )
