"""A team's own month as its leader looks at it: the calendar, and what is to be done before it is submitted.

Reads only; each function is a fixed number of queries. Figures and people are those of the month's sheet.
"""

from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from grids.models import Team
from services.domain.month import first_day
from services.domain.recognition import unsettled
from services.models import HelpRequest, MonthlyReport, ServiceLog

MONDAY = 0
SATURDAY = 5


@dataclass
class Day:
    """One square of the calendar; days of the months before and after fill the first and the last week."""

    day: date
    is_of_month: bool
    is_today: bool
    has_come: bool
    logs: list[ServiceLog] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        """How long the day's services lasted together, whoever took part."""
        return sum(log.minutes for log in self.logs)

    @property
    def is_weekend(self) -> bool:
        """Whether it is a Saturday or a Sunday."""
        return self.day.weekday() >= SATURDAY


def weeks_of(month: date, logs: QuerySet[ServiceLog], today: date) -> list[list[Day]]:
    """Return the month's weeks from Monday to Sunday, each day with its services."""
    by_day: dict[date, list[ServiceLog]] = defaultdict(list)
    for log in logs:
        by_day[log.date].append(log)
    return [
        [Day(day, first_day(day) == month, day == today, day <= today, by_day.get(day, [])) for day in week]
        for week in Calendar(MONDAY).monthdatescalendar(month.year, month.month)
    ]


def services_of(report: MonthlyReport) -> QuerySet[ServiceLog]:
    """Return the month's services from first to last, without the withdrawn ones."""
    logs = ServiceLog.objects.standing().filter(report=report)
    return logs.select_related("category").order_by("date", "starts_at", "id")


def waiting_requests(team: Team) -> QuerySet[HelpRequest]:
    """Return the team's requests that no service has answered yet, the longest waiting first."""
    return HelpRequest.objects.open().filter(team=team).order_by("asked_at", "id")


def months_to_finish(team: Team, today: date) -> QuerySet[MonthlyReport]:
    """Return the team's months that are over, or were returned, and still have to be submitted; the oldest first."""
    is_over = Q(state=MonthlyReport.State.OPEN, month__lt=first_day(today))
    reports = MonthlyReport.objects.filter(is_over | Q(state=MonthlyReport.State.RETURNED), team=team)
    return unsettled(reports).order_by("month")
