"""Dividing a village into grids, and splitting a grid."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from areas.models import Village
from common.rules import RuleBroken
from grids.domain.change import seen_hash
from grids.domain.division import (
    divide_village,
    households_of,
    propose_division,
    propose_split,
    split_grid,
    words_about_split,
)
from grids.forms.division import PartsForm, SplitSizeForm, VillageSizeForm
from grids.models import Grid
from grids.views.pages import posted


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def village_divide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how many households in how many grids, look at the rows, and draw them up at once."""
    village = get_object_or_404(Village.objects.visible_to(request.user), pk=pk)
    size = VillageSizeForm(request.GET if "grids" in request.GET else None)
    back = reverse("grids:village_detail", args=[village.pk])
    form, status = None, 200
    if request.method == "POST":
        form, status = PartsForm(posted(request), seen=seen_hash(village)), 422
        if not size.is_valid():
            form.add_error(None, _("Say first how many households and grids the village has."))
        elif form.is_valid():
            values = form.cleaned_data
            try:
                change = divide_village(
                    village,
                    form.parts(),
                    households=size.cleaned_data["households"],
                    seen=values["seen"],
                    on=values["on"],
                    key=values["key"],
                    by=request.user,
                )
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                count = change.grids.count()
                done = ngettext("%(count)d grid was drawn up.", "%(count)d grids were drawn up.", count)
                messages.success(request, done % {"count": count})
                return redirect(back)
    elif size.is_valid():
        try:
            parts = propose_division(village, **size.cleaned_data)
        except RuleBroken as broken:
            size.add_rule(broken)
        else:
            form = PartsForm(parts=parts, seen=seen_hash(village))
    grids = list(village.grids.in_use().order_by("number").select_related("village"))
    households = households_of(village)
    wanted = size.cleaned_data.get("households", 0) if size.is_bound else 0
    context = {"village": village, "size": size, "grids": grids, "households": households, "back": back, "form": form}
    return render(request, "grids/village/divide.html", context | {"rest": wanted - households}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def grid_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Split a grid: it keeps its number and team, and gives households to new grids."""
    grid = get_object_or_404(Grid.objects.visible_to(request.user).select_related("village"), pk=pk)
    size = SplitSizeForm(request.GET if "into" in request.GET else {"into": "2"})
    context: dict[str, Any] = {"grid": grid, "size": size, "words": words_about_split(grid, grid.households)}
    form, status = None, 200
    if request.method == "POST":
        form, status = PartsForm(posted(request), seen=seen_hash(grid.village), kept=grid), 422
        if form.is_valid():
            values = form.cleaned_data
            try:
                change = split_grid(
                    grid,
                    form.parts(),
                    seen=values["seen"],
                    on=values["on"],
                    remark=values["remark"],
                    key=values["key"],
                    by=request.user,
                )
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                count = change.grids.count()
                done = _("The grid was split into %(count)d. Form the teams of the new ones next.")
                messages.success(request, done % {"count": count})
                return redirect(reverse("grids:village_detail", args=[grid.village_id]))
    elif size.is_valid() and not grid.is_retired:
        try:
            parts = propose_split(grid, size.cleaned_data["into"])
        except RuleBroken as broken:
            size.add_rule(broken)
        else:
            form = PartsForm(parts=parts, seen=seen_hash(grid.village), kept=grid)
    return render(request, "grids/grid/split.html", context | {"form": form}, status=status)
