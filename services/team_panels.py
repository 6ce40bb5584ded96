"""The panels of a team's page that tell of services: workload, requests, the latest logs, the months' reports."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.rights import Right
from common.hours import hours
from common.months import month_after
from common.templatetags.yiwang import badge
from common.wording import sentences
from grids.domain.rule import members_of
from grids.models import Membership, Team
from grids.team_sections import Context, Section, register
from services.domain.figures import Period
from services.domain.month import first_day, last_day
from services.domain.rates import rates_of
from services.domain.task import listed
from services.domain.workload import NOTHING, SPANS, Done, Load, bearers_of_half, first_days, loads_of
from services.log_rows import LIST_FIELDS as LOG_FIELDS
from services.log_rows import log_rows
from services.models import HelpRequest, MonthlyReport, ServiceLog
from services.rate_rows import figures_of
from services.request_rows import LIST_FIELDS as REQUEST_FIELDS
from services.request_rows import request_rows
from services.rows import STATES as REPORT_STATES
from services.rows import month_name

REQUESTS_SHOWN = 6
LOGS_SHOWN = 6
MONTHS = 12


def _last_day_of(team: Team) -> date:
    """Return the day up to which the page looks back: the last of a team that was dissolved."""
    return team.dissolved_on or timezone.localdate()


def _workload(team: Team, reader: User) -> Context:
    """Prepare a row a member, also without any service, and one for whoever else served with the team."""
    day = _last_day_of(team)
    loads = loads_of(team, day)
    members = members_of(team)
    rows = [_member_row(member, loads.get(member.volunteer_id, NOTHING), team, day, reader) for member in members]
    others = [load for volunteer, load in loads.items() if volunteer not in {each.volunteer_id for each in members}]
    minutes = [row["minutes"] for row in rows]
    most, even = max(minutes, default=0) or 1, sum(minutes) / len(rows) if rows else 0
    for row in rows:
        row["width"] = round(100 * row["minutes"] / most, 1)
        row["mark"] = _load_badge(row["minutes"], even)
    return {
        "rows": rows,
        "others": _spans(_together(others), team, day) if others else None,
        "other_people": len(others),
        "even": round(100 * even / most, 1) if even else None,
        "even_hours": hours(int(even)),
        "said": _spread(minutes),
        "until": day if team.dissolved_on else None,
    }


def _member_row(member: Membership, load: Load, team: Team, day: date, reader: User) -> dict[str, Any]:
    # Another township's volunteers are no filter of the reader's list.
    is_in_reach = reader.is_city_wide or member.volunteer.township_id in reader.township_ids
    return {
        "name": member.volunteer.name,
        "minutes": load["twelve"].minutes,
        "spans": _spans(load, team, day, volunteer=member.volunteer_id if is_in_reach else None),
    }


def _spans(load: Mapping[str, Done], team: Team, day: date, volunteer: int | None = None) -> list[dict[str, Any]]:
    """Prepare the three spans; each leads to its services."""
    whose = {"team": team.pk} | ({"volunteer": volunteer} if volunteer else {})
    first = first_days(day)
    return [
        {
            "services": load[span].services,
            "hours": hours(load[span].minutes),
            "url": listed("services:log_list", **whose, since=first[span], until=last_day(day), state="standing")
            if volunteer
            else "",
        }
        for span in SPANS
    ]


def _together(loads: Iterable[Load]) -> Load:
    summed = dict(NOTHING)
    for load in loads:
        for span in SPANS:
            summed[span] += load[span]
    return summed


def _load_badge(minutes: int, even: float) -> Any:
    """Mark who did nothing while others did, and who did at least twice an even share."""
    if not even:
        return ""
    if not minutes:
        return badge("neutral", _("no service"), "circle-dashed")
    return badge("warn", _("twice an even share"), "trending-up") if minutes >= 2 * even else ""


def _spread(minutes: list[int]) -> str:
    """Say in words how evenly the last twelve months were shared out."""
    few, idle, count = bearers_of_half(minutes), minutes.count(0), len(minutes)
    if not few:
        return _("No member has served with the team in these twelve months.") if count else ""
    told = [
        ngettext(
            "Half of the members’ hours of the last twelve months were those of %(few)d of %(count)d.",
            "Half of the members’ hours of the last twelve months were those of %(few)d of %(count)d.",
            few,
        )
        % {"few": few, "count": count}
    ]
    if idle:
        told.append(
            ngettext("%(count)d member had no service.", "%(count)d members had no service.", idle) % {"count": idle}
        )
    return sentences(told)


def _requests(team: Team, reader: User) -> Context:
    """Prepare the requests that wait, the longest waiting first, then the last ones that were settled."""
    requests = HelpRequest.objects.visible_to(reader).filter(team=team)
    waiting = list(requests.open().order_by("asked_at", "id").values(*REQUEST_FIELDS)[:REQUESTS_SHOWN])
    settled = requests.exclude(state=HelpRequest.State.OPEN).order_by("-asked_at", "-id").values(*REQUEST_FIELDS)
    period = Period(timezone.localdate().year)
    year = rates_of(requests, period=period, now=timezone.now(), with_spreads=False).total
    figures = figures_of(year, {"team": team.pk, "period": str(period)})
    return {
        "year": [figures[name] for name in ("counted", "resolve", "overdue")] if year["asked"] else None,
        "waiting_count": requests.open().count(),
        "waiting_url": listed("services:request_list", team=team.pk, state=HelpRequest.State.OPEN),
        "requests": request_rows([*waiting, *settled[: REQUESTS_SHOWN - len(waiting)]]),
        "all_url": listed("services:request_list", team=team.pk),
        "ask_url": f"{reverse('services:request_create')}?team={team.pk}"
        if reader.may(Right.KEEP_REQUESTS) and team.state != Team.State.DISSOLVED
        else "",
    }


def _logs(team: Team, reader: User) -> Context:
    logs = ServiceLog.objects.visible_to(reader).filter(team=team).order_by("-date", "-id")
    return {
        "logs": log_rows(list(logs.values(*LOG_FIELDS)[:LOGS_SHOWN])),
        "all_url": listed("services:log_list", team=team.pk),
        "log_url": f"{reverse('services:log_create')}?team={team.pk}"
        if reader.may(Right.LOG_SERVICES) and team.state == Team.State.ACTIVE
        else "",
    }


def _reports(team: Team, reader: User) -> Context:
    """Prepare the last twelve months as a strip: where each stands, and where there is none."""
    day = _last_day_of(team)
    months = [month_after(day, -back) for back in reversed(range(MONTHS))]
    found = MonthlyReport.objects.visible_to(reader).filter(team=team, month__range=(months[0], months[-1]))
    reports = {report.month: report for report in found}
    return {
        "months": [_month_cell(month, reports.get(month), first_day(team.formed_on)) for month in months],
        "all_url": listed("services:report_list", team=team.pk),
    }


def _month_cell(month: date, report: MonthlyReport | None, formed: date) -> dict[str, Any]:
    cell = {"short": f"{month:%y-%m}", "name": month_name(month), "url": "", "tone": "none", "icon": "minus"}
    if report is None:
        return cell | {"word": _("no report") if month >= formed else _("not formed yet")}
    tone, icon = REPORT_STATES[MonthlyReport.State(report.state)]
    return cell | {"url": report.get_absolute_url(), "tone": tone, "icon": icon, "word": report.get_state_display()}


def register_all() -> None:
    """Put the panels of this app onto the team's page."""
    parts = "services/team"
    for name, title, context, order, right in (
        ("requests", gettext_lazy("Requests"), _requests, 20, Right.VIEW_REQUESTS),
        ("workload", gettext_lazy("Workload by member"), _workload, 30, Right.VIEW_LOGS),
        ("logs", gettext_lazy("Latest services"), _logs, 40, Right.VIEW_LOGS),
        ("reports", gettext_lazy("Monthly reports"), _reports, 50, Right.VIEW_REPORTS),
    ):
        register(Section(name, title, f"{parts}/_{name}.html", context, order, right))
