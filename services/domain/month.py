"""The months that reports are for: opened for every active team, and found for a service that is written down."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from areas.models import Township, TownshipSettings
from areas.models.settings import Holdings
from grids.hooks import team_was_active
from grids.models import SettingChange, Team
from services.models import MonthlyReport, RecognitionRound


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


def months(first: date, last: date) -> Iterator[date]:
    """Yield the first days of the months from the one that ``first`` lies in to that of ``last``."""
    month = first_day(first)
    while month <= last:
        yield month
        month = next_month(month)


def has_ended(month: date) -> bool:
    """Whether the month that begins on ``month`` is over in Shanghai."""
    return last_day(month) < timezone.localdate()


def due_on(month: date) -> date:
    """Return the day by which the month that begins on ``month`` is to be submitted: one of the next month."""
    return next_month(month).replace(day=settings.SUBMIT_BY_DAY)


def review_by(month: date) -> date:
    """Return the day by which the month is to be read or returned."""
    return next_month(month).replace(day=settings.REVIEW_BY_DAY)


def days_after(day: date) -> int:
    """Return how many days ``day`` lies back in Shanghai, 0 on the day itself and before it."""
    return max(0, (timezone.localdate() - day).days)


@event
def open_missing_months(*, by: User | None = None) -> dict[date, int]:
    """Open every month that an active team lacks a report for, after its first one; return how many of each month.

    A team without any begins with the month before this one: it may have been active for years on paper. Where no logs
    are kept no month is opened, and after that only those from the month in which logs were taken up again.
    """
    today, holdings = timezone.localdate(), TownshipSettings.by_township()
    first = MonthlyReport.objects.aggregate(first=Min("month"))["first"] or today
    return {month: _open(month, holdings) for month in months(min(first, previous_month(today)), today)}


def open_month(month: date) -> int:
    """Open the month for every active team that lacks it and keeps logs; return how many."""
    return _open(month, TownshipSettings.by_township())


def open_months_of(sender: Any, team: Team, until: date, **_unused: Any) -> None:
    """Open the months in which the team, locked, has been active: its report does not wait for the night.

    Without it a team that lost its rule within the month would have no report of what it did.
    """
    holdings = TownshipSettings.by_township()
    first = MonthlyReport.objects.filter(team=team).aggregate(first=Min("month"))["first"] or until
    for month in months(min(first, previous_month(until)), until):
        _open(month, holdings, team)


def expect_again(report: MonthlyReport) -> None:
    """Let a locked month that nobody waited for be waited for: something was recorded in it, or logs are kept again."""
    if report.waived_on is not None:
        report.waived_on = None
        report.save(update_fields=["waived_on"])


def _open(month: date, holdings: Holdings, only: Team | None = None) -> int:
    """Open the month for the active teams, or one of them; a month of a year that has been scored stays as it was.

    One statement, which leaves alone what somebody else opens at the same moment: it may run as often as one likes.
    """
    models = (MonthlyReport, Team, RecognitionRound, SettingChange, Township)
    report, team, round_, change, township_ = (model._meta.db_table for model in models)
    keep_logs, others = _keeping_logs(holdings)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {report} (team_id, township_id, month, state, remark, times_returned, version)"  # noqa: S608
            f" SELECT id, township_id, %s, %s, '', 0, 0 FROM {team} t WHERE state = %s AND activated_on <= %s"
            f" AND (id = %s OR %s)"
            f" AND (%s OR EXISTS (SELECT 1 FROM {report} e WHERE e.team_id = t.id AND e.month < %s))"
            f" AND NOT EXISTS (SELECT 1 FROM {report} r WHERE r.team_id = t.id AND r.month = %s)"
            f" AND NOT EXISTS (SELECT 1 FROM {round_} n WHERE n.year = %s AND n.state <> %s)"
            f" AND {keep_logs.format('t.township_id')}"
            f" AND NOT EXISTS (SELECT 1 FROM {change} c WHERE c.township_id = t.township_id"
            " AND c.name = 'uses_logs' AND COALESCE(c.before, c.city) <> COALESCE(c.after, c.city) AND c.\"on\" > %s)"
            # Nor does a merge bring up the months in which the township that the team came from kept no logs.
            f" AND NOT EXISTS (SELECT 1 FROM {report} p JOIN {township_} o ON o.id = p.township_id"
            f" WHERE p.team_id = t.id AND o.ended_on > %s AND NOT ({keep_logs.format('o.id')}))"
            " ON CONFLICT (team_id, month) DO NOTHING RETURNING id",
            [
                month,
                MonthlyReport.State.OPEN,
                Team.State.ACTIVE,
                last_day(month),
                only.pk if only else None,
                only is None,
                month >= previous_month(timezone.localdate()),
                month,
                month,
                month.year,
                RecognitionRound.State.VOTING,
                *others,
                last_day(month),
                last_day(month),
                *others,
            ],
        )
        opened = [pk for (pk,) in cursor.fetchall()]
    record(MonthlyReport.objects.filter(pk__in=opened).select_related("team"), AuditEntry.Action.CREATE)
    return len(opened)


def _keeping_logs(holdings: Holdings) -> tuple[str, list[int]]:
    """Return the condition of a township ({}) that keeps logs, and its values: some do otherwise than the city."""
    usual = holdings.city.uses_logs
    others = [township for township, holding in holdings.items() if holding.uses_logs != usual]
    if not others:
        return ("1 = 1" if usual else "1 = 0"), []
    return f"{{}} {'NOT' if usual else ''} IN ({', '.join(['%s'] * len(others))})", others


def connect() -> None:
    """Listen to what happens to teams."""
    team_was_active.connect(open_months_of, dispatch_uid="services.open_months_of")


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
