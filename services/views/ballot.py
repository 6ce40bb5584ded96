"""Votes entered as tallies: which grids' votes are in, and the page to enter them."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.rights import Right, right_required
from common.filter_fields import chosen_pk
from common.lists import list_page
from common.rules import RuleBroken
from grids.models import Grid
from services.domain.ballot import candidates, enter_votes, votes_version, voting_grids, voting_teams, with_votes
from services.exports import VOTES
from services.filters import VoteFilter
from services.forms.ballot import LABELS, VoteForm
from services.models import BallotTally, RecognitionRound


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_RECOGNITION)
def vote_list(request: HttpRequest, pk: int) -> HttpResponse:
    """List the grids that vote in the round, and whether their votes are in."""
    found = get_object_or_404(RecognitionRound.objects.visible_to(request.user), pk=pk)
    grids = with_votes(voting_grids(found.year).visible_to(request.user), found)
    return list_page(
        request,
        queryset=grids.select_related("village__township"),
        filterset_class=VoteFilter,
        ordering=("id",),
        rows=lambda rows: _vote_rows(rows, found, may_enter=request.user.may(Right.ENTER_VOTES)),
        template="services/vote/list.html",
        export=VOTES,
        context={"round": found},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.ENTER_VOTES)
def vote_enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the votes of the grid ``pk``, in the round ``?round=`` (the latest one unless given)."""
    found = _round_asked_for(request)
    grids = voting_grids(found.year).visible_to(request.user)
    grid = get_object_or_404(grids.select_related("village"), pk=pk)
    tallies = BallotTally.objects.filter(round=found, grid=grid)
    form = VoteForm(
        request.POST or None, candidates=candidates(found, grid), tallies=tallies, households=grid.households
    )
    if request.method == "POST" and form.is_valid():
        try:
            enter_votes(found, grid, form.counts, version=form.cleaned_data["version"] or None, by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken, current_version=votes_version(tallies.all()))
        else:
            messages.success(request, _("The votes of %(grid)s are entered.") % {"grid": grid})
            return redirect("services:vote_list", pk=found.pk)
    context = {"round": found, "grid": grid, "form": form, "options": LABELS.values()}
    return render(request, "services/vote/enter.html", context, status=422 if request.method == "POST" else 200)


def _round_asked_for(request: HttpRequest) -> RecognitionRound:
    rounds = RecognitionRound.objects.visible_to(request.user)
    if "round" in request.GET:
        return get_object_or_404(rounds, pk=chosen_pk(request, "round"))
    latest = rounds.first()
    if latest is None:
        raise Http404
    return latest


def _vote_rows(rows: Iterable[Grid], round: RecognitionRound, *, may_enter: bool) -> list[dict[str, Any]]:
    rows = list(rows)
    # Every ballot marks everybody: what one volunteer's four numbers add up to is the number of ballots.
    ballots = {tally.grid_id: tally.ballots for tally in BallotTally.objects.filter(round=round, grid__in=rows)}
    teams: dict[int, list[str]] = {}
    for grid, name in voting_teams(round.year).filter(grid__in=rows).order_by("pk").values_list("grid", "name"):
        teams.setdefault(grid, []).append(name)
    return [
        {
            "url": f"{reverse('services:vote_enter', args=[grid.pk])}?round={round.pk}"
            if may_enter and not round.is_frozen
            else reverse("grids:grid_detail", args=[grid.pk]),
            "name": str(grid),
            "township": grid.village.township.name,
            "teams": "、".join(teams[grid.pk]),
            "households": grid.households,
            "has_votes": grid.has_votes,
            "ballots": ballots.get(grid.pk, ""),
        }
        for grid in rows
    ]
