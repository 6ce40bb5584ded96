"""Composing teams: begun, followed, looked at, decided on."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from areas.models import Township, Village
from common.clean import key_of
from common.lists import list_page
from common.rules import RuleBroken
from grids.composition_filters import CompositionFilter
from grids.composition_page import city_page, part_page, seat_page
from grids.composition_rows import FIELDS, composition_rows
from grids.domain import composition as domain
from grids.domain import composition_change as change
from grids.domain.acceptance import accept_composition
from grids.exports import COMPOSITIONS
from grids.forms.composition import CompositionForm
from grids.models import Composition, CompositionPart, Grid, ProposedSeat, ProposedTeam
from grids.views.pages import form_page, posted, press
from volunteers.models import Volunteer

# What the page of a proposal is narrowed by; an action leads back to the same view of it.
VIEW = ("part", "village", "show", "page")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_COMPOSITIONS)
def composition_list(request: HttpRequest) -> HttpResponse:
    """List the proposals, the latest first."""
    return list_page(
        request,
        queryset=Composition.objects.visible_to(request.user),
        filterset_class=CompositionFilter,
        ordering=("-at", "-id"),
        columns=FIELDS,
        rows=composition_rows,
        template="grids/composition/list.html",
        export=COMPOSITIONS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.COMPOSE_TEAMS)
def composition_begin(request: HttpRequest) -> HttpResponse:
    """Say what there is to compose from, and ask what is to be done."""
    scope = _scope(request)
    grids = domain.grids_of(scope)
    free = Volunteer.objects.visible_to(request.user).free()
    township = scope if scope is None or isinstance(scope, Township) else _township_of(scope)
    if township is not None:
        free = free.filter(township=township)
    open_ones = Composition.objects.visible_to(request.user).standing().filter(**_filter_of(scope))
    return form_page(
        request,
        CompositionForm(posted(request)),
        act=lambda values: domain.begin_composition(scope, **values, by=request.user),
        title=_("Compose teams"),
        submit=_("Compose"),
        back=_above(scope),
        up=str(scope) if scope is not None else _("Grids"),
        template="grids/composition/begin.html",
        scope=scope,
        grid_count=grids.count(),
        covered=grids.covered().count(),
        free=free.count(),
        open_ones=list(open_ones.select_related("township", "village", "grid__village", "by")[:3]),
    )


@require_safe
@right_required(Right.VIEW_COMPOSITIONS)
def composition_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far it is, or what is proposed beside today."""
    composition = _composition(request, pk)
    may = request.user.may(Right.COMPOSE_TEAMS)
    if composition.is_at_work and composition.is_standing:
        return render(request, "grids/composition/running.html", {"composition": composition, "may": may})
    parts = list(composition.parts.select_related("township"))
    chosen = key_of(request.GET.get("part", ""))
    part = parts[0] if len(parts) == 1 else next((each for each in parts if each.township_id == chosen), None)
    page = city_page(composition, parts) if part is None else part_page(composition, part, request.GET)
    context = {
        "composition": composition,
        "may_compose": may and composition.is_standing,
        "back_to": _view_of(request.GET).urlencode(),
        "offers_rest": "rest" in request.GET,
        "is_alone": len(parts) == 1,
        **page,
    }
    return render(request, "grids/composition/city.html" if part is None else "grids/composition/detail.html", context)


@require_safe
@right_required(Right.COMPOSE_TEAMS)
def composition_seat(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where somebody may be put instead, or with whom they may change places; the way without dragging."""
    seats = ProposedSeat.objects.filter(part__composition__in=Composition.objects.visible_to(request.user))
    seat = get_object_or_404(
        seats.select_related(
            "part__composition", "part__township", "volunteer__primary_skill", "volunteer__village", "grid__village",
            "from_grid__village",
        ),
        pk=pk,
    )  # fmt: skip
    context = {"seat": seat, "back_to": _view_of(request.GET).urlencode(), **seat_page(seat)}
    return render(request, "grids/composition/seat.html", context)


@require_POST
@right_required(Right.COMPOSE_TEAMS)
def composition_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Move, swap, lock, bar somebody or make them the leader; what is meant stands in the form."""
    composition = _composition(request, pk)
    try:
        done = _change(request, composition)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _effect(done))
    return redirect(_back(request, composition))


def _effect(done: ProposedSeat | Composition) -> str:
    """Say where the person is now and how many grids would be served; a change of words alone says so."""
    if isinstance(done, Composition):
        return _("It was taken away.")
    part = CompositionPart.objects.get(pk=done.part_id)
    words = {"name": done.volunteer.name, "grid": done.grid, "served": part.served_after, "grids": part.grids}
    if done.grid is None:
        return _("%(name)s is proposed for no team. %(served)d of %(grids)d grids would be served.") % words
    return _("%(name)s is proposed for %(grid)s. %(served)d of %(grids)d grids would be served.") % words


def _change(request: HttpRequest, composition: Composition) -> Any:
    """Do what the form asks for; raises ``RuleBroken`` also where it says nothing that can be done."""
    asked = {name: key_of(request.POST.get(name, "")) for name in ("seat", "to", "with", *ON_SEAT, "bar", "lift")}
    by = request.user
    for name, act in ON_SEAT.items():
        if asked[name] is not None:
            return act(composition, asked[name], by=by)
    seat = asked["bar"] if asked["bar"] is not None else asked["seat"]
    if asked["lift"] is not None:
        return change.lift_wish(composition, asked["lift"], by=by)
    if seat is not None and asked["bar"] is not None and asked["to"] is not None:
        return change.bar_person(composition, seat, asked["to"], by=by)
    if seat is not None and asked["with"] is not None:
        return change.swap_people(composition, seat, asked["with"], by=by)
    if seat is not None and (asked["to"] is not None or request.POST.get("to") == "out"):
        return change.move_person(composition, seat, asked["to"], by=by)
    raise RuleBroken(_("Choose the person, and where they are to go or with whom they change places."))


ON_SEAT: dict[str, Callable[..., Any]] = {
    "lock": change.lock_person,
    "unlock": change.unlock_person,
    "lead": change.propose_leader,
}


@require_POST
@right_required(Right.COMPOSE_TEAMS)
def composition_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the teams become what is proposed: for one grid, a township, or all."""
    composition = _composition(request, pk)
    seen = key_of(request.POST.get("version", ""))
    one, township = key_of(request.POST.get("team", "")), key_of(request.POST.get("part", ""))
    team = part = None
    if one is not None:
        teams = ProposedTeam.objects.filter(part__composition=composition).select_related("part")
        team = get_object_or_404(teams, pk=one)
    elif township is not None:
        part = get_object_or_404(composition.parts, pk=township)
    back = _back(request, composition)
    try:
        accepted = accept_composition(
            composition,
            version=-1 if seen is None else seen,
            team=team,
            part=part,
            only_standing="rest" in request.POST,
            by=request.user,
        )
    except RuleBroken as broken:
        messages.error(request, broken.message)
        rest = broken.code == "changed" and team is None
        return redirect(f"{back}{'&' if '?' in back else '?'}rest=1" if rest else back)
    messages.success(
        request,
        ngettext(
            "Accepted: %(count)d team stands as proposed.",
            "Accepted: %(count)d teams stand as proposed.",
            accepted.teams,
        )
        % {"count": accepted.teams},
    )
    for refusal in accepted.refused[:5]:
        messages.warning(request, refusal)
    return redirect(back)


@require_POST
@right_required(Right.COMPOSE_TEAMS)
def composition_solve(request: HttpRequest, pk: int) -> HttpResponse:
    """Solve once more, with what was locked and barred."""
    return _step(request, pk, domain.solve_again, _("It is being solved again."))


@require_POST
@right_required(Right.COMPOSE_TEAMS)
def composition_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave off solving."""
    return _step(request, pk, domain.stop_composition, _("It stops within some seconds."))


@require_POST
@right_required(Right.COMPOSE_TEAMS)
def composition_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the proposal aside."""
    return _step(request, pk, domain.discard_composition, _("The proposal was discarded. The teams stay as they are."))


def _step(request: HttpRequest, pk: int, act: Callable[..., Any], done: str) -> HttpResponse:
    composition = _composition(request, pk)
    return press(request, lambda: act(composition, by=request.user), back=composition, done=done)


def _composition(request: HttpRequest, pk: int) -> Composition:
    found = Composition.objects.visible_to(request.user)
    return get_object_or_404(found.select_related("township", "village", "grid__village", "by"), pk=pk)


def _scope(request: HttpRequest) -> domain.Scope:
    """Return what the address names, within what the person sees; without a name the own township, or the city."""
    user = request.user
    for name, records in (
        ("grid", Grid.objects.visible_to(user).in_use().select_related("village__township")),
        ("village", Village.objects.visible_to(user).current().select_related("township")),
        ("township", Township.objects.visible_to(user).current()),
    ):
        if name in request.GET:
            pk = key_of(request.GET[name])
            if pk is None:
                raise Http404
            found: Grid | Village | Township = get_object_or_404(records, pk=pk)
            return found
    return None if user.is_city_wide else user.township


def _township_of(scope: Grid | Village) -> Township:
    return scope.township if isinstance(scope, Village) else scope.village.township


def _filter_of(scope: domain.Scope) -> dict[str, Any]:
    if scope is None:
        return {"township": None}
    if isinstance(scope, Township):
        return {"township": scope, "village": None}
    return {"village": scope, "grid": None} if isinstance(scope, Village) else {"grid": scope}


def _above(scope: domain.Scope) -> str:
    if scope is None:
        return reverse("grids:village_list")
    if isinstance(scope, Grid):
        return scope.get_absolute_url()
    return reverse("grids:village_detail" if isinstance(scope, Village) else "grids:township_detail", args=[scope.pk])


def _view_of(query: QueryDict) -> QueryDict:
    """Keep of a query string what says how the proposal was looked at."""
    kept = QueryDict(mutable=True)
    for name in VIEW:
        if name in query:
            kept[name] = query[name][:20]
    return kept


def _back(request: HttpRequest, composition: Composition) -> str:
    """Return the address of the proposal as the person looked at it."""
    view = _view_of(QueryDict(request.POST.get("back", "")[:300])).urlencode()
    return composition.get_absolute_url() + (f"?{view}" if view else "")
