"""Contact cards in the office: where every grid's cards stand, printed batches, hand-outs, and how many were issued."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from areas.models import Township, TownshipSettings, Village
from common.bulk import Action, back_to_list, carried, selected
from common.exports import Offer, export_table
from common.lists import list_page
from common.rules import RuleBroken
from grids.card_filters import CardBatchFilter, CardFilter, HandOutFilter
from grids.card_rows import batch_rows, card_rows, figure_rows, figures_of, hand_out_rows, sum_of
from grids.card_states import State
from grids.domain.card import hand_out, hand_out_all, take_back_hand_out
from grids.exports import CARD_BATCHES, CARD_TOWNSHIPS, CARD_VILLAGES, CARDS, HAND_OUTS
from grids.forms.card import HandOutAllForm, HandOutForm, TakeBackForm
from grids.models import CardBatch, Grid, HandOut
from grids.models.grid import GridQuerySet
from grids.views.pages import form_page, posted


def grids_with_cards(request: HttpRequest) -> GridQuerySet:
    """Return the grids in use that the reader sees, of the townships that have contact cards."""
    seen = Grid.objects.visible_to(request.user).in_use()
    return seen.filter(TownshipSettings.by_township().taking_part("uses_cards", path="village__township"))


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_CARDS)
def card_list(request: HttpRequest) -> HttpResponse:
    """List the grids with where their cards stand; those to be printed anew say why."""
    may_print = request.user.may(Right.KEEP_CARDS)
    query = request.GET.urlencode()
    context = {
        "states": State,
        "chosen": request.GET.get("state", ""),
        # One click prints what is found: of one township only.
        "print_url": f"{reverse('grids:card_print')}?{query}",
        "is_one_township": not request.user.is_city_wide or bool(request.GET.get("township")),
        "is_off": _is_off(request),
    }
    return list_page(
        request,
        queryset=grids_with_cards(request).select_related("village"),
        filterset_class=CardFilter,
        ordering=("village__code", "number", "id"),
        rows=card_rows,
        template="grids/card/list.html",
        export=CARDS,
        context=context,
        bulk=[Action(_("Print cards"), reverse("grids:card_print"), "printer")] if may_print else [],
    )


def _is_off(request: HttpRequest) -> bool:
    """Whether the reader's township does without contact cards."""
    township = request.user.township_id
    return township is not None and not TownshipSettings.of(township).uses_cards


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_CARDS)
def card_figures(request: HttpRequest) -> HttpResponse:
    """Count the cards by township for the city level, else by village: every figure leads to its rows."""
    export, areas = (CARD_TOWNSHIPS, Township) if request.user.is_city_wide else (CARD_VILLAGES, Village)
    lines, total = figures_of(request.user, grids_with_cards(request))
    if request.method == "POST":
        return export_table(request, export, areas, figure_rows(lines))
    context = {"lines": lines, "total": total, "offer": Offer.to(request, export)}
    return render(request, "grids/card/figures.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_CARDS)
def card_batch_list(request: HttpRequest) -> HttpResponse:
    """List what was printed for which grid, and how much of it was handed out."""
    may_hand_out = request.user.may(Right.KEEP_CARDS)
    return list_page(
        request,
        queryset=CardBatch.objects.visible_to(request.user)
        .printed()
        .select_related("grid__village", "township", "print__by"),
        filterset_class=CardBatchFilter,
        ordering=("-printed_on", "-id"),
        rows=batch_rows,
        template="grids/card/batches/list.html",
        export=CARD_BATCHES,
        context=lambda found: {"printed": sum_of(found, "copies")},
        bulk=[Action(_("Hand out what is left"), reverse("grids:card_hand_out_many"), "hand")] if may_hand_out else [],
    )


@require_safe
@right_required(Right.VIEW_CARDS)
def card_batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a printed batch and what became of it."""
    batch = get_object_or_404(_batches(request), pk=pk)
    made = batch.hand_outs.select_related("by", "taken_back_by").order_by("-on", "-pk")
    return render(request, "grids/card/batches/detail.html", {"batch": batch, "hand_outs": made})


def _batches(request: HttpRequest) -> Any:
    return CardBatch.objects.visible_to(request.user).printed().select_related("grid__village", "team", "print__by")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CARDS)
def card_hand_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that cards of a batch were handed out."""
    batch = get_object_or_404(_batches(request), pk=pk)
    form = HandOutForm(posted(request), batch=batch)

    def act(_values: dict[str, Any]) -> CardBatch:
        hand_out(batch, **form.told, by=request.user)
        return batch

    return form_page(
        request,
        form,
        act=act,
        title=_("Hand out cards"),
        submit=_("Record the hand-out"),
        back=batch.get_absolute_url(),
        up=str(batch.grid),
        done=_("The hand-out was recorded."),
        lead=ngettext("%(count)d card is left.", "%(count)d cards are left.", batch.remaining)
        % {"count": batch.remaining},
    )


@require_POST
@right_required(Right.KEEP_CARDS)
def card_hand_out_many(request: HttpRequest) -> HttpResponse:
    """Ask when and to whom (sent by the list), then record that what is left of the chosen batches was handed out."""
    try:
        chosen = selected(request, CardBatch.objects.visible_to(request.user).printed(), CardBatchFilter)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        return redirect(back_to_list(request, "grids:card_batch_list"))
    left = chosen.with_cards_left().order_by()
    form, status = HandOutAllForm(), 200
    if "step" in request.POST:
        form, status = HandOutAllForm(request.POST), 422
        if form.is_valid():
            try:
                made = hand_out_all(list(chosen.order_by().values_list("pk", flat=True)), **form.told, by=request.user)
            except RuleBroken as broken:
                form.add_rule(broken)
            else:
                cards = sum(one.count for one in made)
                told = ngettext("%(count)d card was handed out.", "%(count)d cards were handed out.", cards)
                messages.success(request, told % {"count": cards})
                return redirect(back_to_list(request, "grids:card_batch_list"))
    context = {
        "form": form,
        "carried": carried(request),
        "batches": left.count(),
        "cards": sum(copies - out for copies, out in left.values_list("copies", "handed_out")),
        "back": back_to_list(request, "grids:card_batch_list"),
    }
    return render(request, "grids/card/hand_out_many.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_CARDS)
def card_hand_out_list(request: HttpRequest) -> HttpResponse:
    """List what was handed out: these rows are the cards issued."""
    return list_page(
        request,
        queryset=HandOut.objects.visible_to(request.user)
        .standing()
        .select_related("batch__grid__village", "township", "by"),
        filterset_class=HandOutFilter,
        ordering=("-on", "-id"),
        rows=hand_out_rows,
        template="grids/card/hand_outs/list.html",
        export=HAND_OUTS,
        context=lambda found: {"issued": sum_of(found, "count")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_CARDS)
def card_hand_out_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a hand-out that was recorded by mistake."""
    made = get_object_or_404(
        HandOut.objects.visible_to(request.user).standing().select_related("batch__grid__village"), pk=pk
    )
    return form_page(
        request,
        TakeBackForm(posted(request)),
        act=lambda values: take_back_hand_out(made, **values, by=request.user),
        title=_("Take back a hand-out"),
        submit=_("Take back"),
        back=made.batch.get_absolute_url(),
        up=str(made.batch.grid),
        done=_("The hand-out was taken back: its cards count as lying in the office again."),
        lead=_("It stays on the page of the batch with your reason, and counts no more."),
    )
