"""«My month»: a team's calendar, everybody's minutes, visits and requests that wait, and the month's submission."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import Right, right_required
from common.rules import RuleBroken
from grids.models import Team
from services.domain.home import comments_on
from services.domain.month import due_on, first_day, has_ended, next_month, previous_month
from services.domain.recognition import is_scored
from services.domain.report import submit_month
from services.domain.sheet import Totals, members_of, totals_of
from services.domain.team_month import months_to_finish, services_of, waiting_requests, weeks_of
from services.domain.visit_plan import rounds_of
from services.forms.report import DeskForm, SubmitForm
from services.models import MonthlyReport
from services.month_rows import day_squares, due_text, finish_rows, member_rows, request_rows, round_rows
from services.rows import badge_of, month_name

State = MonthlyReport.State


@require_safe
@right_required(Right.KEEP_OWN_MONTH)
def my_month(request: HttpRequest) -> HttpResponse:
    """Lead to the month of the leader's team; whoever has several chooses."""
    teams = list(Team.objects.visible_to(request.user).standing().order_by("id"))
    if len(teams) == 1:
        return redirect("services:team_month", teams[0].pk)
    return render(request, "services/month/choose.html", {"teams": teams})


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.SUBMIT_REPORTS)
def team_month(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a team's month, and submit it where it is shown."""
    team = get_object_or_404(Team.objects.visible_to(request.user).select_related("grid__village", "township"), pk=pk)
    chosen = DeskForm(request.GET, user=request.user)
    problems = [] if chosen.is_valid() else [error for errors in chosen.errors.values() for error in errors]
    month = chosen.cleaned_data.get("month") or first_day(timezone.localdate())
    report = _report(team, month)
    if request.method != "POST":
        return _page(request, team, month, report, problems=problems)
    form = SubmitForm(request.POST)
    if form.is_valid():
        try:
            if report is None:
                raise RuleBroken(_("The team was not active in this month, so there is nothing to submit."))
            submit_month(report, **form.cleaned_data, by=request.user)
        except RuleBroken as broken:
            report = _report(team, month)
            form.add_rule(broken, current_version=report.version if report else None)
        else:
            messages.success(request, _("%(month)s was submitted.") % {"month": month_name(month)})
            return redirect(_address(team, month))
    return _page(request, team, month, report, form=form, problems=problems, status=422)


def _report(team: Team, month: date) -> MonthlyReport | None:
    reports = MonthlyReport.objects.select_related("submitted_by", "reviewed_by")
    return reports.filter(team=team, month=month).first()


def _address(team: Team, month: date) -> str:
    return f"{reverse('services:team_month', args=[team.pk])}?month={month:%Y-%m}"


def _page(
    request: HttpRequest,
    team: Team,
    month: date,
    report: MonthlyReport | None,
    *,
    form: SubmitForm | None = None,
    problems: list[Any],
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    is_settled = is_scored(month.year)
    takes_logs = report.takes_logs if report else month <= today
    may_log = request.user.may(Right.LOG_SERVICES)
    can_log = may_log and takes_logs and not is_settled and team.state != Team.State.DISSOLVED
    can_submit = report is not None and report.allows("submit") and not is_settled
    totals = totals_of([report])[report.pk] if report else Totals()
    if form is not None and not can_submit:  # the page no longer shows the form
        for error in form.non_field_errors():
            messages.error(request, error)
    weeks = weeks_of(month, services_of(report) if report else [], today)
    stands = team.state != Team.State.DISSOLVED
    can_plan = stands and request.user.may(Right.PLAN_VISITS)
    rounds = rounds_of(team, today) if can_plan else []
    requests = list(waiting_requests(team)[:20])
    others = [each for each in months_to_finish(team, today) if each.month != month]
    context = {
        "team": team,
        "report": report,
        "month": month_name(month),
        "state": badge_of(report) if report else "",
        "problems": problems,
        "earlier_url": _address(team, previous_month(month)),
        "later_url": _address(team, next_month(month)) if month < first_day(today) else "",
        "log_url": f"{reverse('services:log_create')}?team={team.pk}",
        "totals": totals,
        "weeks": day_squares(weeks, team, can_log=can_log),
        "members": member_rows(members_of(report)) if report else [],
        "rounds": round_rows(rounds),
        "overdue": sum(1 for each in rounds if each.days_overdue),
        "requests": request_rows(requests, today),
        "unfinished": finish_rows(others, today, lambda each: _address(team, each)),
        "comments": comments_on([report]) if report and report.state == State.RETURNED else [],
        "thanks": list(report.thanks.select_related("by")) if report else [],
        "due": due_text(due_on(month), today) if can_submit else "",
        "is_late": can_submit and due_on(month) < today,
        "has_ended": has_ended(month),
        "is_settled": is_settled,
        "can_log": can_log,
        "can_submit": can_submit,
        "can_plan": can_plan,
        "can_serve": stands and may_log,
        "submit_form": form or SubmitForm(initial={"version": report.version if report else 0}),
    }
    return render(request, "services/month/team.html", context, status=status)
