"""A team's visit plans: added, changed and ended, each from the team's month and back to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import Right, right_required
from common.rules import RuleBroken
from grids.models import Team
from services.domain.visit_plan import add_visit_plan, edit_visit_plan, end_visit_plan
from services.forms.visit_plan import VisitPlanForm
from services.models import VisitPlan


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.PLAN_VISITS)
def visit_plan_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a team visit somebody regularly."""
    team = get_object_or_404(Team.objects.visible_to(request.user).standing(), pk=pk)
    form = VisitPlanForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            add_visit_plan(team, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            form.add_rule(broken)
        else:
            messages.success(request, _("The visit plan was added."))
            return redirect(plans_address(team.pk))
    return _page(request, form, team)


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.PLAN_VISITS)
def visit_plan_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a plan; its page ends it as well."""
    plan = _plan(request, pk)
    if request.method != "POST" and plan.ended_on is not None:
        messages.info(request, _("This plan was ended. Add it anew to visit them again."))
        return redirect(plans_address(plan.team_id))
    form = VisitPlanForm(request.POST if request.method == "POST" else None, plan=plan)
    if form.is_valid():
        try:
            edit_visit_plan(plan, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            plan.refresh_from_db(fields=["version"])
            form.add_rule(broken, current_version=plan.version)
        else:
            messages.success(request, _("The visit plan was changed."))
            return redirect(plans_address(plan.team_id))
    return _page(request, form, plan.team, plan=plan)


@require_POST
@right_required(Right.MEND_LOGS)
def visit_plan_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a plan."""
    plan = _plan(request, pk)
    try:
        end_visit_plan(plan, by=request.user)
    except RuleBroken as broken:
        messages.error(request, broken.message)
    else:
        messages.success(request, _("The visit plan was ended. Its visits stay on record."))
    return redirect(plans_address(plan.team_id))


def plans_address(team: int) -> str:
    """Return where a team's plans are listed."""
    return f"{reverse('services:team_month', args=[team])}#visits"


def _plan(request: HttpRequest, pk: int) -> VisitPlan:
    return get_object_or_404(VisitPlan.objects.visible_to(request.user).select_related("team"), pk=pk)


def _page(request: HttpRequest, form: VisitPlanForm, team: Team, **context: Any) -> HttpResponse:
    context |= {"form": form, "team": team, "back": plans_address(team.pk)}
    return render(request, "services/visit_plan/form.html", context, status=422 if form.is_bound else 200)
