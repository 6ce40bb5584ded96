"""What lists and tiles print about teams and grids: texts and addresses ready, one query for each kind of thing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.templatetags.yiwang import badge
from grids.models import Grid, Membership, Team
from volunteers.models import SkillType

TONES = {Team.State.FORMING: "warn", Team.State.ACTIVE: "ok", Team.State.DISSOLVED: "neutral"}


@dataclass
class Standing:
    """Who is in a team now: its leader's name, how many they are, their primary skill types."""

    leader: str = ""
    count: int = 0
    skills: set[int] = field(default_factory=set)


def standings(teams: Sequence[Team]) -> dict[int, Standing]:
    """Return the standing of each team by its key, in one query; an empty one where nobody is in it."""
    found: dict[int, Standing] = defaultdict(Standing)
    members = Membership.objects.current().filter(team__in=teams).order_by()
    for team, role, name, skill in members.values_list(
        "team_id", "role", "volunteer__name", "volunteer__primary_skill_id"
    ):
        standing = found[team]
        standing.count += 1
        standing.skills.add(skill)
        if role == Membership.Role.LEADER:
            standing.leader = name
    return found


def team_badge(team: Team) -> SafeString:
    """Return a team's state as a word with an icon."""
    return badge(TONES[Team.State(team.state)], team.get_state_display())


def team_rows(teams: list[Team]) -> list[dict[str, Any]]:
    """Prepare the teams (with their grid's village) of one page."""
    members = standings(teams)
    last = Team.objects.filter(pk__in=[team.pk for team in teams]).last_services()
    skills = list(SkillType.objects.all())
    base = reverse("grids:team_list")
    return [
        {
            "url": f"{base}{team.pk}/",
            "name": team.name,
            "grid": str(team.grid),
            "leader": members[team.pk].leader,
            "count": members[team.pk].count,
            "skills": [str(skill) for skill in skills if skill.pk in members[team.pk].skills],
            "last": last_service_text(last[team.pk]),
            "state": team_badge(team),
        }
        for team in teams
    ]


def grid_rows(grids: list[Grid]) -> list[dict[str, Any]]:
    """Prepare the grids (with their village) of one page or of a village's board, as rows or as tiles."""
    teams = {team.grid_id: team for team in Team.objects.standing().filter(grid__in=grids)}
    members = standings(list(teams.values()))
    last = Team.objects.filter(pk__in=[team.pk for team in teams.values()]).last_services()
    today = timezone.localdate()
    rows = []
    for grid in grids:
        team = teams.get(grid.pk)
        tone, icon, word = _coverage(grid, team, last[team.pk] if team else None, today)
        rows.append(
            {
                "url": grid.get_absolute_url(),
                "name": str(grid),
                "number": grid.number,
                "households": grid.households,
                "tone": tone,
                "state": badge(tone, word, icon),
                "team": team.name if team else "",
                "leader": members[team.pk].leader if team else "",
                "count": members[team.pk].count if team else "",
                "last": last_service_text(last[team.pk], today) if team and team.state == Team.State.ACTIVE else "",
            }
        )
    return rows


def last_service_text(day: date | None, today: date | None = None) -> str:
    """Say when a team served last, and how many days ago."""
    if day is None:
        return _("No service so far")
    days = ((today or timezone.localdate()) - day).days
    if days <= 0:
        return _("today")
    ago = ngettext("%(count)d day ago", "%(count)d days ago", days) % {"count": days}
    return f"{date_format(day, 'SHORT_DATE_FORMAT')} · {ago}"


def _coverage(grid: Grid, team: Team | None, last: date | None, today: date) -> tuple[str, str, str]:
    """Return tone, icon and word for how a grid is served."""
    if grid.is_retired:
        return "neutral", "archive", _("Retired")
    if team is None:
        return "bad", "map-pin-off", _("No team")
    if team.state == Team.State.FORMING:
        return "warn", "users", _("Team is forming")
    silent_since = today - timedelta(days=settings.SILENT_AFTER_DAYS)
    quiet_from = last or team.activated_on
    if quiet_from is not None and quiet_from <= silent_since:
        return "info", "bell-off", _("No service for long")
    if last is None:
        return "info", "circle-dashed", _("No service so far")
    return "ok", "circle-check", _("Served")
