"""Home: what waits for the person who signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.events import event_label
from accounts.models import User
from accounts.rights import Right, Role, right_required
from common.hours import hours
from services.domain import home as waiting
from services.domain.home import ROWS_SHOWN
from services.domain.review_home import desk_of_month, thanks_for, waiting_reports, waiting_townships
from services.domain.task import days_since
from services.models import MonthlyReport
from services.pager_rows import pager_at_home
from services.request_rows import waiting_rows


@require_safe
@right_required(Right.VIEW_LOGS)
def home(request: HttpRequest) -> HttpResponse:
    """Show what waits for the person, the most pressing first; then how things stand."""
    today = timezone.localdate()
    user = request.user
    context = PARTS[Role(user.role)](user)
    tasks = waiting.tasks_of(user, today)
    if user.may(Right.VIEW_FIGURES):
        context["coverage"] = waiting.coverage_of(user)
    return render(request, f"services/home/{user.role}.html", {"tasks": tasks, "today": today, **context})


def _staff(user: User) -> dict[str, Any]:
    returned = list(waiting.returned_reports(user)[:ROWS_SHOWN])
    return {
        "requests": _requests(user),
        "returned": [_report_row(report) for report in returned],
        "week": waiting.week_of(user, timezone.localdate()) if user.may(Right.LOG_SERVICES) else None,
    }


def _leader(user: User) -> dict[str, Any]:
    returned = list(waiting.returned_reports(user)[:ROWS_SHOWN])
    months = waiting.months_of_teams(user, timezone.localdate())
    return {
        "pager": pager_at_home(user, timezone.now()),
        "returned": [_report_row(report) for report in returned],
        "comments": waiting.comments_on(returned),
        "thanks": thanks_for(user),
        "months": [{**month, "hours": hours(month["minutes"])} for month in months],
    }


def _reviewer(user: User) -> dict[str, Any]:
    today = timezone.localdate()
    if user.is_city_wide:
        return {"townships": waiting_townships(user, today)}
    reports = waiting_reports(user)[:ROWS_SHOWN]
    return {
        "reports": [
            _report_row(report)
            | {
                "days": days_since(report.submitted_at, today),
                "url": f"{_desk_of(user, report)}#team-{report.team_id}",
            }
            for report in reports
        ]
    }


def _desk_of(user: User, report: MonthlyReport) -> str:
    """Return the address of the desk that the month is on: that of a township merged into the user's is named."""
    return desk_of_month(report.month, None if report.township_id == user.township_id else report.township_id)


def _admin(user: User) -> dict[str, Any]:
    return {"week": waiting.week_of(user, timezone.localdate())}


def _auditor(user: User) -> dict[str, Any]:
    entries = waiting.latest_entries()[:ROWS_SHOWN]
    return {
        "entries": [
            {
                "when": f"{timezone.localtime(entry.timestamp):%Y-%m-%d %H:%M}",
                "who": entry.actor.name if entry.actor else "",
                "what": event_label(entry.event, entry.action),
                "record": entry.object_repr,
            }
            for entry in entries
        ]
    }


PARTS = {
    Role.TOWNSHIP_STAFF: _staff,
    Role.TEAM_LEADER: _leader,
    Role.REVIEWER: _reviewer,
    Role.ADMIN: _admin,
    Role.AUDITOR: _auditor,
}


def _requests(user: User) -> list[dict[str, Any]]:
    return waiting_rows(waiting.open_requests(user)[:ROWS_SHOWN], timezone.now())


def _report_row(report: MonthlyReport) -> dict[str, Any]:
    return {
        "team": report.team.name,
        "month": date_format(report.month, "YEAR_MONTH_FORMAT"),
        "remark": report.remark,
        "by": report.reviewed_by.name if report.state == MonthlyReport.State.RETURNED else "",
        "url": report.get_absolute_url(),
    }
