"""Merging grids of a village: choose them, read what becomes of their teams, confirm."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from areas.models import Village
from common.rules import RuleBroken
from grids.domain.change import seen_hash
from grids.domain.merging import merge_grids, words_about_merge
from grids.forms.merging import MergeChoiceForm, MergeForm
from grids.models import Grid
from grids.tiles import tiles_of
from grids.views.pages import posted


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def grids_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge grids of a village: one stays with its number and team, the others are given up."""
    village = get_object_or_404(Village.objects.visible_to(request.user), pk=pk)
    # A link ticks one grid; the form says that it was sent, for nothing at all may be chosen in it.
    is_sent = "chosen" in request.GET or "kept" in request.GET
    choice = MergeChoiceForm(request.GET if is_sent else None, village=village, initial=_begin(request))
    context: dict[str, Any] = {"village": village, "choice": choice}
    status = 200
    if choice.is_valid():
        kept: Grid = choice.cleaned_data["kept"]
        given_up = [grid for grid in choice.cleaned_data["grids"] if grid != kept]
        words = words_about_merge(kept, given_up)
        form = MergeForm(posted(request), seen=seen_hash(village, words))
        context |= {
            "form": form,
            "kept": kept,
            "given_up": given_up,
            "households": kept.households + sum(grid.households for grid in given_up),
            "words": words,
            "is_refused": any(word.refuses for word in words),
        }
        if request.method == "POST":
            status = 422
            if form.is_valid():
                try:
                    merge_grids(village, kept.pk, [grid.pk for grid in given_up], **form.cleaned_data, by=request.user)
                except RuleBroken as broken:
                    form.add_rule(broken)
                else:
                    messages.success(request, _("The grids were merged. What they were stays in their history."))
                    return redirect(kept)
    elif request.method == "POST":
        # The same form once more finds its grids given up already.
        form = MergeForm(request.POST, seen="")
        if form.is_valid() and village.grid_changes.filter(key=form.cleaned_data["key"]).exists():
            return redirect(reverse("grids:village_detail", args=[village.pk]))
        status = 422
    context["tiles"] = _tiles(request, village, choice)
    return render(request, "grids/village/merge.html", context, status=status)


def _begin(request: HttpRequest) -> dict[str, Any]:
    """Tick the grid that led here."""
    return {"grids": request.GET.getlist("grids")[:1]}


def _tiles(request: HttpRequest, village: Village, choice: MergeChoiceForm) -> list[dict[str, Any]]:
    """Return the grids to choose from, each with its two boxes and with how it is served."""
    ticked = {str(value) for value in choice["grids"].value() or ()}
    stays = str(choice["kept"].value() or "")
    return [
        {"tile": tile, "is_ticked": str(tile.pk) in ticked, "stays": str(tile.pk) == stays}
        for tile in tiles_of(village.grids.in_use().order_by("number"), request.user)
    ]
