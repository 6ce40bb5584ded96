"""What becomes of months and visit plans when a township turns a duty on or off (``grids.hooks``).

Months in which something was recorded stay what they are: they can be handed in and read, so that nobody's hours are
lost. Empty ones are not expected any more; they stay on record and say since when.
"""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.audit import record
from accounts.models import AuditEntry
from areas.models import Township
from common.wording import sentences
from grids.hooks import duty_turned, duty_weighed
from grids.models import Team
from services.domain.month import expect_again, first_day, open_month
from services.models import MonthlyReport, ServiceLog, VisitPlan
from services.models.report import MonthlyReportQuerySet

State = MonthlyReport.State
LOGS, VISIT_PLANS = "uses_logs", "uses_visit_plans"
HAS_LOGS = Exists(ServiceLog.objects.standing().filter(report=OuterRef("pk")))


def follow(sender: Any, township: Township, duty: str, is_on: bool, **_unused: Any) -> None:
    """Waive the township's empty months, or expect this month's again."""
    if duty != LOGS:
        return
    if is_on:
        _expect_this_month(township)
    else:
        _waive(township)


def weigh(sender: Any, township: Township, duty: str, **_unused: Any) -> str:
    """Say what becomes of open months and running plans."""
    if duty == LOGS:
        return _months_in_words(township)
    if duty == VISIT_PLANS:
        count = VisitPlan.objects.running().filter(team__township=township).count()
        told = ngettext(
            "%(count)d visit plan rests: nobody is reminded of it. It goes on when visit plans are turned on again.",
            "%(count)d visit plans rest: nobody is reminded of them. They go on when visit plans are turned on again.",
            count,
        )
        return told % {"count": count} if count else ""
    return ""


def _unfinished(township: Township) -> MonthlyReportQuerySet:
    unread = MonthlyReport.objects.filter(township=township).unread()
    return unread.exclude(state=State.SUBMITTED)


def _empty(township: Township) -> MonthlyReportQuerySet:
    """Return the months in which nothing stands and that were never handed in."""
    return MonthlyReport.objects.expected().filter(~HAS_LOGS, township=township, state=State.OPEN)


def _waive(township: Township) -> None:
    locked = list(_empty(township).order_by("pk").select_for_update(of=("self",), no_key=True))
    # A log that was written before the lock was given is there now.
    still_empty = MonthlyReport.objects.filter(~HAS_LOGS, pk__in=[report.pk for report in locked])
    today = timezone.localdate()
    reports = list(still_empty.select_related("team"))
    MonthlyReport.objects.filter(pk__in=[report.pk for report in reports]).update(waived_on=today)
    record(reports, AuditEntry.Action.UPDATE, {"waived_on": ("None", str(today))})


def _expect_this_month(township: Township) -> None:
    month = first_day(timezone.localdate())
    waived = MonthlyReport.objects.filter(township=township, month=month, waived_on__isnull=False).order_by("pk")
    for report in waived.select_for_update(of=("self",), no_key=True):
        expect_again(report)
    open_month(month)


def _months_in_words(township: Township) -> str:
    served = _unfinished(township).filter(HAS_LOGS).count()
    waiting = MonthlyReport.objects.filter(township=township, state=State.SUBMITTED).count()
    empty = _empty(township).count()
    said = []
    if served:
        said.append(
            ngettext(
                "%(count)d month holds services and is not handed in: it still can be, and is read as ever.",
                "%(count)d months hold services and are not handed in: they still can be, and are read as ever.",
                served,
            )
            % {"count": served}
        )
    if waiting:
        said.append(
            ngettext(
                "%(count)d month waits for its reviewer and is read as ever.",
                "%(count)d months wait for their reviewer and are read as ever.",
                waiting,
            )
            % {"count": waiting}
        )
    if empty:
        said.append(
            ngettext(
                "%(count)d month without services is not expected any more.",
                "%(count)d months without services are not expected any more.",
                empty,
            )
            % {"count": empty}
        )
    teams = Team.objects.active().filter(township=township).count()
    if teams:
        said.append(
            ngettext(
                "New services cannot be logged by %(count)d active team; enter what lies on paper first.",
                "New services cannot be logged by %(count)d active teams; enter what lies on paper first.",
                teams,
            )
            % {"count": teams}
        )
    return sentences(said)


def connect() -> None:
    """Listen to what townships decide."""
    duty_turned.connect(follow, dispatch_uid="services.duty.follow")
    duty_weighed.connect(weigh, dispatch_uid="services.duty.weigh")
