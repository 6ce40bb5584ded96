"""The pager: a team's open requests on its leader's phone, one tap a step, and the members who are called for one."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import Right, right_required
from common.clean import key_of
from common.rules import RuleBroken
from grids.models import Team
from grids.states import is_leader
from services import pager_rows as rows
from services.call_rows import calls_of
from services.domain import pager as domain
from services.domain.call_attempt import members_of, note_call
from services.domain.request import show_phone
from services.models import HelpRequest
from services.models.request import dialled
from volunteers.domain.volunteer import show_phone as show_members_phone
from volunteers.models import Volunteer

# The forms of these pages lead to the dialler, by way of the server, which records the look at the number.
MAY_DIAL = {"form-action": ["tel:"]}


class Dial(HttpResponseRedirect):
    """Leads on to the phone's own dialler."""

    allowed_schemes = ["tel"]


@require_safe
@right_required(Right.ANSWER_REQUESTS)
@csp_update(MAY_DIAL)
def pager(request: HttpRequest) -> HttpResponse:
    """Show the open requests of the teams that the person leads, or of one team; staff choose it first.

    The page asks from time to time whether something has changed since ``mark``: if not, the answer is empty (204).
    """
    team = _team_of(request)
    if team is None and not is_leader(request.user):
        return render(request, "services/pager/teams.html", {"teams": rows.teams_of(request.user, timezone.now())})
    return _pager_page(request, team)


@require_POST
@right_required(Right.ANSWER_REQUESTS)
def pager_tap(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how far the team is with a request: ``step`` names a tap, ``undo`` one that is taken back."""
    team = _team_of(request)
    step, undo = request.POST.get("step", ""), request.POST.get("undo", "")

    def act(asked: HelpRequest) -> None:
        if undo:
            domain.take_tap_back(asked, undo, by=request.user)
        else:
            domain.tap(asked, step, by=request.user)

    asked = _acted_on(request, pk, act)
    if asked is not None and "detail" in request.POST:
        return redirect(asked)
    return _pager_page(request, team) if request.htmx else redirect(f"{rows.address_of(team)}#request-{pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.ANSWER_REQUESTS)
@csp_update(MAY_DIAL)
def pager_calls(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the members who may be called for a request; put down what came of calling ``member``."""
    if request.method == "POST":
        result = request.POST.get("result", "")

        def act(asked: HelpRequest) -> None:
            note_call(asked, _member_of(request, asked), result=result, by=request.user)

        asked = _acted_on(request, pk, act)
        return redirect("services:pager_calls", pk) if asked is not None else redirect("services:pager")
    asked = _acted_on(request, pk, domain.refuse_settled)
    if asked is None:
        return redirect("services:pager")
    if asked.team is None or not asked.is_open:
        return redirect(asked)
    return render(request, "services/pager/calls.html", calls_of(asked, asked.team, request.user, timezone.now()))


@require_POST
@right_required(Right.SEE_PHONES)
def pager_dial(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a look at the number of whoever asked, or of a ``member`` of the team, and have the phone dial it."""
    asked = get_object_or_404(_shown().visible_to(request.user), pk=pk)
    if "member" in request.POST:
        phone = show_members_phone(_member_of(request, asked), by=request.user)
    else:
        phone = show_phone(asked, by=request.user)
    if not phone:
        messages.info(
            request, _("There is no phone number on record. Look on the page of the request for another way.")
        )
        return redirect(asked)
    return Dial(f"tel:{dialled(phone)}")


def _acted_on(request: HttpRequest, pk: int, act: Callable[[HelpRequest], None]) -> HelpRequest | None:
    """Act on a request, say what refuses it, and return it; None where it is not the person's any longer.

    Whoever's team had it until a moment ago is told who has it now; to anybody else it does not exist.
    """
    asked = _shown().visible_to(request.user).filter(pk=pk).first()
    if asked is None:
        gone = HelpRequest.objects.once_with(request.user).select_related("team", "township").filter(pk=pk).first()
        if gone is None:
            raise Http404
        messages.warning(request, domain.gone_to(gone))
        return None
    try:
        act(asked)
    except RuleBroken as broken:
        messages.error(request, broken.message)
        if broken.code == domain.ELSEWHERE:
            return None
    return asked


def _shown() -> Any:
    return HelpRequest.objects.select_related("team", "village", "grid__village")


def _team_of(request: HttpRequest) -> Team | None:
    """Return the team of the address; there is none unless the person sees it."""
    if "team" not in request.GET:
        return None
    return get_object_or_404(Team.objects.visible_to(request.user), pk=key_of(request.GET["team"]))


def _member_of(request: HttpRequest, asked: HelpRequest) -> Volunteer:
    """Return the member of the request's team who is meant, as far as the person sees their record."""
    members = Volunteer.objects.visible_to(request.user).filter(pk__in=members_of(asked).values("volunteer"))
    return get_object_or_404(members.distinct(), pk=key_of(request.POST.get("member")))


def _pager_page(request: HttpRequest, team: Team | None) -> HttpResponse:
    context = rows.pager_of(request.user, team, timezone.now())
    if request.htmx and request.GET.get("mark") == context["mark"]:
        return HttpResponse(status=204)
    template = "services/pager/_needs.html" if request.htmx else "services/pager/pager.html"
    return render(request, template, context)
