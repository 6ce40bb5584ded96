"""The months that reports are for: opened for every active team, and found for a service that is written down."""

from datetime import date, timedelta

from django.db import connection
from django.utils import timezone

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from grids.models import Team
from services.models import MonthlyReport


def first_day(day: date) -> date:
    """Return the first day of the month that ``day`` lies in."""
    return day.replace(day=1)


def last_day(month: date) -> date:
    """Return the last day of the month that begins on ``month``."""
    return first_day(month + timedelta(days=31)) - timedelta(days=1)


def next_month(day: date) -> date:
    """Return the first day of the month after the one that ``day`` lies in."""
    return last_day(first_day(day)) + timedelta(days=1)


def previous_month(day: date) -> date:
    """Return the first day of the month before the one that ``day`` lies in."""
    return first_day(first_day(day) - timedelta(days=1))


def has_ended(month: date) -> bool:
    """Whether the month that begins on ``month`` is over in Shanghai."""
    return last_day(month) < timezone.localdate()


@event
def open_month(month: date, *, by: User | None = None) -> int:
    """Open the month for every team that is active and has no report for it yet; return how many were opened.

    One statement, which leaves alone what somebody else opens at the same moment: it may run as often as one likes.
    """
    report, team = MonthlyReport._meta.db_table, Team._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {report} (team_id, township_id, month, state, remark, times_returned, version)"  # noqa: S608
            f" SELECT id, township_id, %s, %s, '', 0, 0 FROM {team} WHERE state = %s AND activated_on <= %s"
            " ON CONFLICT (team_id, month) DO NOTHING RETURNING id",
            [month, MonthlyReport.State.OPEN, Team.State.ACTIVE, last_day(month)],
        )
        opened = [pk for (pk,) in cursor.fetchall()]
    record(MonthlyReport.objects.filter(pk__in=opened).select_related("team"), AuditEntry.Action.CREATE)
    return len(opened)


def report_of(team: Team, day: date, *, lock: bool = True) -> MonthlyReport:
    """Return the team's report of the month of ``day``, opened unless it is there, locked unless told otherwise.

    Whoever writes a log holds this lock: reading the month waits for the log, or the log sees that it came too late.
    """
    reports = MonthlyReport.objects.filter(team=team, month=first_day(day))
    found = (reports.select_for_update(of=("self",), no_key=True) if lock else reports).first()
    if found is not None:
        return found
    report, _ = MonthlyReport.objects.get_or_create(
        team=team, month=first_day(day), defaults={"township_id": team.township_id}
    )
    return MonthlyReport.locked(report.pk) if lock else report
