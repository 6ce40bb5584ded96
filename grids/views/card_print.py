"""Contact cards are printed: how many of each grid, the page on which the files wait, and the files."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import Right, right_required
from common.bulk import back_to_list, carried, selected
from common.rules import RuleBroken
from grids.card_filters import CardFilter
from grids.card_rows import print_badge
from grids.domain.card_print import KEPT_FOR, hurry, print_cards
from grids.forms.card import CopiesForm
from grids.models import CardFile, CardPrint, Grid, Team
from grids.views.card import grids_with_cards
from volunteers.print_files import path_of, storage

# The largest township has some two hundred grids; a form takes no more than a thousand fields.
MOST_GRIDS = 400


@require_POST
@right_required(Right.KEEP_CARDS)
def card_print(request: HttpRequest) -> HttpResponse:
    """Ask how many cards of each of the chosen grids (sent by the list), then print them (sent by the page itself)."""
    try:
        grids = _chosen(request)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back_to_list(request, "grids:card_list"))
    form, status = CopiesForm(grids=grids), 200
    if "step" in request.POST:
        form, status = CopiesForm(request.POST, grids=grids), 422
        if form.is_valid():
            try:
                made = print_cards(form.copies, by=request.user)
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                hurry(made)
                return redirect(made)
    served = _served(grids)
    context = {
        "form": form,
        "carried": carried(request),
        "cards": sum(grid.households for grid in grids if grid.pk in served),
        "without_team": len(grids) - len(served),
        "back": back_to_list(request, "grids:card_list"),
    }
    return render(request, "grids/card/print.html", context, status=status)


def _chosen(request: HttpRequest) -> list[Grid]:
    """Return the grids that are meant: all of one township."""
    found = selected(request, grids_with_cards(request), CardFilter).select_related("village")
    grids = list(found.order_by("village__code", "number", "pk")[: MOST_GRIDS + 1])
    if len({grid.village.township_id for grid in grids}) > 1:
        raise RuleBroken(_("Cards are printed for one township at a time. Narrow the list down to one."))
    if len(grids) > MOST_GRIDS:
        raise RuleBroken(_("At most %(most)s grids are printed at a time. Choose a village.") % {"most": MOST_GRIDS})
    return grids


def _served(grids: list[Grid]) -> set[int]:
    return set(Team.objects.active().filter(grid__in=grids).values_list("grid_id", flat=True))


@require_safe
@right_required(Right.VIEW_CARDS)
def card_print_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a print is, its files, and which grids were left out and why."""
    made = get_object_or_404(CardPrint.objects.visible_to(request.user).select_related("by", "township"), pk=pk)
    batches = made.batches.select_related("grid__village").order_by("grid__village__code", "grid__number", "pk")
    batches = list(batches)
    printed = [batch for batch in batches if batch.printed_on]
    files = list(made.files.select_related("first__village", "last__village"))
    context = {
        "made": made,
        "files": files,
        "state": print_badge(made, any(file.name for file in files), len(printed)),
        "grids": len(batches),
        "printed": printed,
        "cards": sum(batch.copies for batch in printed),
        "left_out": [batch for batch in batches if batch.left_out],
        "gone_on": timezone.localtime(made.at + KEPT_FOR).date(),
        "may_fetch": request.user.may(Right.KEEP_CARDS),
    }
    return render(request, "grids/card/printed.html", context)


@require_safe
@right_required(Right.KEEP_CARDS)
def card_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Hand out one file of a print while it waits."""
    prints = CardPrint.objects.visible_to(request.user)
    kept = get_object_or_404(CardFile.objects.filter(print__in=prints).exclude(name=""), pk=pk)
    try:
        file = storage.open(path_of(kept.name))
    except FileNotFoundError as gone:
        raise Http404 from gone
    name = f"contact-cards-{timezone.localtime(kept.print.at):%Y%m%d-%H%M}-{kept.part}-{kept.cards}.pdf"
    return FileResponse(file, filename=name, content_type="application/pdf")
