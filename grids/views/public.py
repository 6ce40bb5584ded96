"""What everybody may open without an account: who serves a grid and whom to call, by the card's QR code."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.addresses import client_address, network_of
from areas.models import Channel
from common.public import public_page
from common.throttle import Limit
from grids.contacts import contacts_of
from grids.domain.page import find_grid, successor_of
from grids.models import Grid
from volunteers.models import SkillType

# Of 51 bits nobody guesses any at this rate, and many phones share one address of their network.
WRONG_CODES = Limit("grid page", most=200)


@public_page
@require_safe
def grid_public(request: HttpRequest, code: str) -> HttpResponse:
    """Say who serves the grid with this code, as far as they agreed, and whom to call."""
    who = network_of(client_address(request))
    if WRONG_CODES.is_spent(who):
        until = date_format(timezone.localtime(WRONG_CODES.over_at), "TIME_FORMAT")
        message = _("Too many wrong codes came from here. Try again after %(time)s.") % {"time": until}
        return render(request, "grids/public/too_many.html", {"message": message}, status=429)
    grid = find_grid(code)
    if grid is None:
        WRONG_CODES.take(who)
        return render(request, "grids/public/unknown.html", status=404)
    context = {"grid": grid, **_served(grid), **_reached(grid.village.township_id)}
    return render(request, "grids/public/show.html", context)


def _reached(township: int) -> dict[str, Any]:
    """Return how the township is reached: its channels, and the hotline that stands in for a phone."""
    channels = list(Channel.objects.active().filter(township=township).order_by("order", "id"))
    hotline = next((channel for channel in channels if channel.kind == Channel.Kind.HOTLINE), None)
    return {"hotline": hotline, "channels": channels}


def _served(grid: Grid) -> dict[str, Any]:
    """Return the team that serves the grid today and its contacts; nothing for a grid that none serves."""
    team = None if grid.is_retired else grid.teams.active().first()
    if team is None:
        return {"team": None, "successor": successor_of(grid) if grid.is_retired else None}
    contacts = contacts_of([team.pk])[team.pk]
    skills = {skill.pk: str(skill) for skill in SkillType.objects.all()}
    return {
        "team": team,
        "named": [(member, skills[member.skill]) for member in contacts.named],
        "unnamed": len(contacts.unnamed),
        "unnamed_skills": list(dict.fromkeys(skills[member.skill] for member in contacts.unnamed)),
    }
