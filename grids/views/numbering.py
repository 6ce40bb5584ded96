"""Renumbering the grids of a village in one step."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from areas.models import Village
from grids.domain.change import seen_hash
from grids.domain.numbering import in_a_row, renumber_grids
from grids.forms.numbering import NumbersForm
from grids.models import Team
from grids.views.pages import form_page, posted


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def grids_renumber(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the grids of a village other numbers; ``?row=1`` proposes them in a row, without gaps."""
    village = get_object_or_404(Village.objects.visible_to(request.user), pk=pk)
    grids = list(village.grids.order_by("is_retired", "number").select_related("village"))
    proposed = in_a_row(grids) if "row" in request.GET else {}
    form = NumbersForm(posted(request), grids=grids, proposed=proposed, seen=seen_hash(village))
    teams = dict(Team.objects.standing().filter(grid__in=grids).values_list("grid", "name"))
    return form_page(
        request,
        form,
        act=lambda values: renumber_grids(
            village,
            form.numbers(),
            seen=values["seen"],
            on=values["on"],
            remark=values["remark"],
            key=values["key"],
            by=request.user,
        ),
        title=_("Renumber the grids"),
        submit=_("Renumber the grids"),
        back=reverse("grids:village_detail", args=[village.pk]),
        up=str(village),
        done=_("The grids were renumbered. Their former numbers stay in their history."),
        template="grids/village/renumber.html",
        village=village,
        lines=[(grid, field, teams.get(grid.pk, "")) for grid, field in form.lines()],
    )
