"""Requests for help: the list, the page of one, and the caller's phone."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rights import Right, Role, right_required, roles_named
from common.lists import list_page
from grids.models import Team
from services.clock_words import urgency_badge
from services.dispatch_rows import proposals_of, suggestions_of, why_no_team
from services.domain import request as domain
from services.exports import REQUESTS
from services.forms.dispatch import ActForm
from services.models import HelpRequest
from services.models.request import HelpRequestQuerySet, dialled
from services.request_acts import acts_for, is_apart
from services.request_filters import RequestFilter
from services.request_parts import parts_of
from services.request_rows import LIST_FIELDS, logs_of, request_badge, request_rows, steps_of
from services.views.request_gone import tell_who_has_it


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.VIEW_REQUESTS)
def request_list(request: HttpRequest) -> HttpResponse:
    """List the requests that the person sees, the latest first."""
    requests = HelpRequest.objects.visible_to(request.user)
    if request.user.role == Role.TEAM_LEADER:
        # By their keys: PostgreSQL would read a million in the list's order to find those of an unknown team.
        requests = requests.filter(team__in=list(Team.objects.visible_to(request.user).values_list("pk", flat=True)))
    return list_page(
        request,
        queryset=requests,
        filterset_class=RequestFilter,
        ordering=("-asked_at", "-id"),
        columns=LIST_FIELDS,
        rows=request_rows,
        template="services/request/list.html",
        export=REQUESTS,
    )


@require_safe
@right_required(Right.VIEW_REQUESTS)
@tell_who_has_it
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a request with what became of it and what can be done."""
    return detail_page(request, asked_by(request.user, pk))


@require_POST
@right_required(Right.SEE_PHONES)
@tell_who_has_it
def request_phone(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the caller's number in full and record who looked; without scripts the whole page comes with it."""
    asked = asked_by(request.user, pk)
    phone = domain.show_phone(asked, by=request.user)
    if request.htmx:
        return render(request, "volunteers/volunteer/_phone.html", {"phone": phone, "dialled": dialled(phone)})
    return detail_page(request, asked, phone=phone)


def asked_by(user: User, pk: int) -> HelpRequest:
    """Return the request with what its page names, or a 404 where ``user`` does not see it."""
    return get_object_or_404(_shown().visible_to(user), pk=pk)


def look_again(asked: HelpRequest, user: User) -> None:
    """Read the request anew, as it was left by whoever was faster; a 404 where ``user`` sees it no more."""
    try:
        asked.refresh_from_db(from_queryset=_shown().visible_to(user))
    except HelpRequest.DoesNotExist as gone:
        raise Http404 from gone


def _shown() -> HelpRequestQuerySet:
    return HelpRequest.objects.select_related(
        "team", "township", "village__merged_into", "grid__village", "recorded_by", "category", "found_on"
    )


def detail_page(
    request: HttpRequest,
    asked: HelpRequest,
    *,
    sent: tuple[str, ActForm] | None = None,
    phone: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show a request; ``sent`` is the name and form of an act that came back with errors."""
    parts = parts_of(asked, request.user)
    acts = acts_for(asked, request.user, sent)
    chooses_team = "hand" in acts or "transfer" in acts
    context = {
        "asked": asked,
        "parts": [part for part in parts if not part.section.is_aside],
        "beside": [part for part in parts if part.section.is_aside],
        "state": request_badge(asked.state),
        "urgency": "" if asked.urgency == HelpRequest.Urgency.NORMAL else urgency_badge(asked.urgency),
        "steps": steps_of(asked, request.user),
        "logs": logs_of(asked, request.user),
        "phone": phone,
        "dialled": dialled(phone),
        "acts": acts,
        "further": [entry for name, entry in acts.items() if not is_apart(name, asked)],
        "nearest": proposals_of(asked) if chooses_team else None,
        "why_no_team": why_no_team(asked),
        "dispatchers": roles_named(Right.DISPATCH_REQUESTS),
        "suggested": suggestions_of(asked, request.user) if request.user.may(Right.ANSWER_REQUESTS) else None,
    }
    return render(request, "services/request/detail.html", context, status=status)
