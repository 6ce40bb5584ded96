"""What lists print about teams and grids: texts and addresses ready, one query for each kind of thing."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import User
from common.templatetags.yiwang import badge
from grids.models import Grid, Team
from grids.reasons import last_service_text
from grids.standings import standings
from grids.tiles import tiles_of
from volunteers.models import SkillType

TONES = {Team.State.FORMING: "warn", Team.State.ACTIVE: "ok", Team.State.DISSOLVED: "neutral"}


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


def grid_rows(grids: Sequence[Grid], reader: User) -> list[dict[str, Any]]:
    """Prepare the grids of one page of the list, as far as ``reader`` may know of them."""
    tiles = {tile.pk: tile for tile in tiles_of(Grid.objects.filter(pk__in=[grid.pk for grid in grids]), reader)}
    return [
        {
            "url": tile.page_url,
            "name": tile.name,
            "state": tile.badge,
            "team": tile.team,
            "leader": tile.leader,
            "count": tile.count or "",
            "last": tile.last,
            "households": tile.households,
        }
        for tile in (tiles[grid.pk] for grid in grids)
    ]
