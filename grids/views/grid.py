"""A village's grids, their list, and what is done with a grid."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from areas.models import TownshipSettings, Village
from common.lists import list_page
from grids.card_rows import section_of
from grids.domain.grid import draw_grid, edit_grid, retire_grid
from grids.exports import GRIDS
from grids.filters import GridFilter
from grids.forms.grid import GridEditForm, GridForm
from grids.lineage import former_numbers, steps_of_grid, steps_of_village
from grids.models import Grid, Team
from grids.rows import grid_rows, team_badge
from grids.states import GridState
from grids.tiles import tiles_of
from grids.views.pages import form_page, posted, press
from grids.views.place import past_of


@require_safe
@right_required(Right.VIEW_TEAMS)
def village_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a village as a board of its grids."""
    village = get_object_or_404(
        Village.objects.visible_to(request.user).select_related("township", "merged_into"), pk=pk
    )
    tiles = tiles_of(village.grids.order_by("is_retired", "number"), request.user)
    in_use = [tile for tile in tiles if tile.state != GridState.RETIRED]
    context = {
        "village": village,
        "place": village,
        **past_of(village),
        "tiles": tiles,
        "in_use": len(in_use),
        "households": sum(tile.households for tile in in_use),
        "steps": steps_of_village(village),
    }
    return render(request, "grids/village/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_TEAMS)
def grid_list(request: HttpRequest) -> HttpResponse:
    """List the grids."""
    return list_page(
        request,
        queryset=Grid.objects.visible_to(request.user).select_related("village"),
        filterset_class=GridFilter,
        ordering=("village__code", "number", "id"),
        rows=partial(grid_rows, reader=request.user),
        template="grids/grid/list.html",
        export=GRIDS,
    )


@require_safe
@right_required(Right.VIEW_TEAMS)
def grid_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a grid and the teams that have served it."""
    grid = get_object_or_404(Grid.objects.visible_to(request.user).select_related("village__township"), pk=pk)
    visible = set(Team.objects.visible_to(request.user).filter(grid=grid).values_list("pk", flat=True))
    teams = [
        {"team": team, "state": team_badge(team), "is_visible": team.pk in visible}
        for team in grid.teams.order_by("-formed_on", "-id")
    ]
    (tile,) = tiles_of(Grid.objects.filter(pk=grid.pk), request.user)
    has_team = any(row["team"].state != Team.State.DISSOLVED for row in teams)
    context = {
        "grid": grid,
        "tile": tile,
        "teams": teams,
        "has_team": has_team,
        "former": former_numbers(grid),
        "steps": steps_of_grid(grid, [row["team"] for row in teams]),
    }
    if request.user.may(Right.VIEW_CARDS) and TownshipSettings.of(grid.village.township_id).uses_cards:
        context |= section_of(grid)
    return render(request, "grids/grid/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def grid_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw up a grid of a village."""
    village = get_object_or_404(Village.objects.visible_to(request.user), pk=pk)
    last = village.grids.order_by("-number").values_list("number", flat=True).first() or 0
    return form_page(
        request,
        GridForm(posted(request), initial={"number": min(last + 1, 99)}),
        act=lambda values: draw_grid(village, **values, by=request.user),
        title=_("Draw up a grid"),
        submit=_("Draw up"),
        back=reverse("grids:village_detail", args=[village.pk]),
        up=str(village),
        done=_("The grid was drawn up. Its team can be formed next."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def grid_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a grid."""
    grid = get_object_or_404(Grid.objects.visible_to(request.user).select_related("village"), pk=pk)
    names = ("households", "boundary", "official_code", "version")
    return form_page(
        request,
        GridEditForm(posted(request), initial={name: getattr(grid, name) for name in names}),
        act=lambda values: edit_grid(grid.pk, values, version=values["version"], by=request.user),
        title=_("Change the grid"),
        submit=_("Save"),
        back=grid.get_absolute_url(),
        up=str(grid),
        done=_("The grid was saved."),
        current_version=lambda: grid.version,
    )


@require_POST
@right_required(Right.MANAGE_TEAMS)
def grid_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a grid out of use."""
    grid = get_object_or_404(Grid.objects.visible_to(request.user), pk=pk)
    return press(request, lambda: retire_grid(grid, by=request.user), back=grid, done=_("The grid was retired."))
