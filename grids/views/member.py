"""Who joins and leaves a team, and who leads it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from grids.candidates import SHOWN, candidates
from grids.domain.rule import members_of
from grids.domain.team import add_member, choose_deputy, choose_leader, make_member, remove_member, replace_member
from grids.forms.team import CandidateForm, LeavingForm, MemberForm, ReplacementForm
from grids.models import Membership, Team
from grids.views.pages import form_page, posted, press


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def member_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who joins the team."""
    team = get_object_or_404(Team.objects.visible_to(request.user).select_related("grid__village"), pk=pk)
    return _candidate_page(
        request,
        team,
        MemberForm(posted(request), team=team),
        act=lambda values: add_member(team, **values, by=request.user),
        title=_("Add a member"),
        submit=_("Add"),
        done=_("The member was added."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def member_replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose who takes a member's place, in one step."""
    member = _member(request, pk)
    return _candidate_page(
        request,
        member.team,
        ReplacementForm(posted(request), team=member.team),
        act=lambda values: replace_member(
            member.team,
            member.volunteer,
            values["volunteer"],
            reason=values["reason"],
            on=values["on"],
            by=request.user,
        ),
        title=_("Replace %(name)s") % {"name": member.volunteer.name},
        submit=_("Replace"),
        done=_("The member was replaced."),
        lead=_("The newcomer takes on the same role (%(role)s) on the same day.") % {"role": member.get_role_display()},
        leaving=member,
    )


def _candidate_page(
    request: HttpRequest,
    team: Team,
    form: CandidateForm,
    *,
    act: Callable[[dict[str, Any]], Any],
    leaving: Membership | None = None,
    **words: str,
) -> HttpResponse:
    """Show the candidates that the search finds; a search alone refreshes only them."""
    text = request.GET.get("q", "")[:40]
    found = list(candidates(team, text)[: SHOWN + 1])
    chosen = form.chosen
    staying = [member for member in members_of(team) if leaving is None or member.pk != leaving.pk]
    context = {
        "team": team,
        "q": text,
        "candidates": [*([chosen] if chosen and chosen not in found[:SHOWN] else []), *found[:SHOWN]],
        "has_more": len(found) > SHOWN,
        "present": {member.volunteer.primary_skill_id for member in staying},
        "chosen": chosen,
    }
    if request.htmx:
        return render(request, "grids/member/_candidates.html", {**context, "form": form})
    return form_page(
        request,
        form,
        act=act,
        back=team.get_absolute_url(),
        up=str(team),
        template="grids/member/choose.html",
        **words,
        **context,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.MANAGE_TEAMS)
def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member out of the team."""
    member = _member(request, pk)
    return form_page(
        request,
        LeavingForm(posted(request)),
        act=lambda values: remove_member(member.team, member.volunteer, **values, by=request.user),
        title=_("Remove %(name)s from the team") % {"name": member.volunteer.name},
        submit=_("Remove"),
        back=member.team.get_absolute_url(),
        up=str(member.team),
        done=_("The member was removed."),
        lead=_("Where the active team needs the member, replace them instead."),
    )


@require_POST
@right_required(Right.MANAGE_TEAMS)
def leader_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the member the leader."""
    return _give_role(request, pk, choose_leader, _("%(name)s leads the team now."))


@require_POST
@right_required(Right.MANAGE_TEAMS)
def deputy_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the member a deputy."""
    return _give_role(request, pk, choose_deputy, _("%(name)s is a deputy now."))


@require_POST
@right_required(Right.MANAGE_TEAMS)
def deputy_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the deputy an ordinary member."""
    return _give_role(request, pk, make_member, _("%(name)s is an ordinary member now."))


def _give_role(request: HttpRequest, pk: int, give: Callable[..., Membership], done: str) -> HttpResponse:
    member = _member(request, pk)
    return press(
        request,
        lambda: give(member.team, member.volunteer, by=request.user),
        back=member.team,
        done=done % {"name": member.volunteer.name},
    )


def _member(request: HttpRequest, pk: int) -> Membership:
    """Return a membership that the reader may know of; the domain says whether it has ended."""
    memberships = Membership.objects.visible_to(request.user).select_related("volunteer", "team__grid__village")
    return get_object_or_404(memberships, pk=pk)
