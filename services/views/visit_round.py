"""A team's round of its grid: who is due, a tap for each visit, and requests that are found on the way."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.clean import key_of
from common.rules import RuleBroken
from grids.models import Membership, Team
from services.domain.log import RecordedDifferently
from services.domain.request import AskedDifferently
from services.domain.visit_plan import rounds_of
from services.domain.visit_round import miss_visit, open_found, round_of, seen_in, undo_visit, visit_now
from services.forms.log import ticked_for
from services.forms.visit_round import FoundForm, RoundForm, first_round
from services.models import HelpRequest, ServiceLog, VisitPlan
from services.models.visit_plan import VISIT
from services.visit_round_rows import log_time, seen_url, stop_rows, visited_rows


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.PLAN_VISITS)
def visit_round(request: HttpRequest, pk: int) -> HttpResponse:
    """Show whom the team calls on today, and log a visit, or that nobody was at home, with one tap."""
    teams = Team.objects.visible_to(request.user).standing().select_related("grid__village")
    team = get_object_or_404(teams, pk=pk)
    if request.method != "POST":
        return _page(request, team)
    form = _form(request, team)
    tapped = next((name for name in ("visit", "away") if name in request.POST), None)
    plan = _plan_of(request, team, tapped) if tapped else None
    if tapped == "away" and plan is not None:
        try:
            miss_visit(plan, by=request.user)
        except RuleBroken as broken:
            messages.error(request, broken.message)
        else:
            messages.success(request, _("Nobody was at home: %(whom)s stays due.") % {"whom": plan.recipient})
        return redirect("services:visit_round", team.pk)
    if form.is_valid():
        _keep(request, team, form)
        if plan is None:
            return redirect("services:visit_round", team.pk)
        try:
            recorded = visit_now(plan, **form.tap(plan), by=request.user)
        except RecordedDifferently as different:
            form.add_rule(different)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            words = _("%(whom)s: visit logged, %(time)s.") % {"whom": plan.recipient, "time": log_time(recorded.log)}
            messages.success(request, format_html('<a href="{}">{}</a>', recorded.log.get_absolute_url(), words))
            return redirect("services:visit_round", team.pk)
    return _page(request, team, form, status=422)


@require_POST
@right_required(Right.MEND_LOGS)
def visit_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a visit that was tapped by mistake today."""
    log = _log(request, pk)
    try:
        undo_visit(log, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The visit was undone. It stays on record as withdrawn and does not count."))
    return redirect("services:visit_round", log.team_id)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.KEEP_REQUESTS)
def visit_found(request: HttpRequest, pk: int) -> HttpResponse:
    """Note a request that was found on a visit."""
    log = _log(request, pk)
    form = FoundForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opened = open_found(log, **form.cleaned_data, by=request.user)
        except AskedDifferently as different:
            form.add_rule(different)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The request was noted. The team has it."))
            return redirect(opened.request)
    return render(
        request, "services/visit_round/found.html", {"form": form, "log": log}, status=422 if form.is_bound else 200
    )


def _log(request: HttpRequest, pk: int) -> ServiceLog:
    logs = ServiceLog.objects.visible_to(request.user).filter(category__code=VISIT)
    return get_object_or_404(logs.select_related("team", "category", "visit"), pk=pk)


def _plan_of(request: HttpRequest, team: Team, name: str) -> VisitPlan:
    key = key_of(request.POST.get(name))
    plan = VisitPlan.objects.visible_to(request.user).filter(team=team, pk=key).first() if key else None
    if plan is None:
        raise Http404
    return plan


def _form(request: HttpRequest, team: Team) -> RoundForm:
    today = timezone.localdate()
    members = Membership.objects.on(today).filter(team=team).select_related("volunteer")
    kept = request.session.get(_place(team))
    kept = kept if kept and kept["day"] == today.isoformat() else None
    return RoundForm(
        request.POST if request.method == "POST" else None,
        members=members.only("volunteer__name", "role", "team_id").order_by("role", "volunteer__name_pinyin", "id"),
        plans=[each.plan for each in rounds_of(team, today)],
        initial=first_round(kept, () if kept else ticked_for(request.user, team.pk)),
    )


def _keep(request: HttpRequest, team: Team, form: RoundForm) -> None:
    """Remember for the day who goes along and how long a visit takes."""
    told = form.cleaned_data
    request.session[_place(team)] = {
        "day": timezone.localdate().isoformat(),
        "people": told["participants"],
        "minutes": told["minutes"],
    }


def _place(team: Team) -> str:
    return f"round:{team.pk}"


def _page(request: HttpRequest, team: Team, form: RoundForm | None = None, *, status: int = 200) -> HttpResponse:
    today = timezone.localdate()
    form = form or _form(request, team)
    tour, seen = round_of(team, today), seen_in(team, today)
    found = HelpRequest.objects.visible_to(request.user).filter(found_on__in=tour.visited)
    context: dict[str, Any] = {
        "team": team,
        "form": form,
        "due": stop_rows(tour.due, form),
        "soon": stop_rows(tour.soon, form),
        "later": tour.later,
        "visited": visited_rows(tour.visited, found.order_by("id")),
        "seen": seen,
        "seen_url": seen_url(team, today),
        "may_note": request.user.may(Right.KEEP_REQUESTS),
    }
    return render(request, "services/visit_round/round.html", context, status=status)
