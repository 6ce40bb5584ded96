"""A read month is shown to everybody, and taken back; what a notice says. Its page is open without an account.

What it shows is asked anew for every look: so it follows corrections, and a consent that was taken back.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import event
from accounts.models import User
from areas.models import Township
from areas.working_days import add_working_days
from common.rules import RuleBroken, constraint_named
from common.wording import sentences
from grids.models import Team
from services.domain.month import has_ended, last_day
from services.domain.report import said
from services.domain.sheet import Totals, totals_of
from services.models import MonthlyReport, Notice, Participation

State = MonthlyReport.State


@event
def open_notice(township: Township, month: date, *, accept_missing: bool = False, by: User) -> Notice:
    """Show the township's read months of ``month`` to everybody for ``NOTICE_WORKING_DAYS`` working days.

    Raises ``RuleBroken`` while months that are due have not been read, unless ``accept_missing``: they are left out.
    """
    if not has_ended(month):
        raise RuleBroken(_("This month has not ended yet."), field="month")
    if Notice.objects.standing().filter(township=township, month=month).exists():
        raise _has_notice()
    read, missing = due_and_read(township, month)
    if not read:
        raise RuleBroken(_("No month of a team has been read yet: there is nothing to show."), field="month")
    if missing and not accept_missing:
        count = ngettext("%(count)s month has not been read.", "%(count)s months have not been read.", missing)
        advice = _("Have them read first, or confirm that they are left out.")
        raise RuleBroken(sentences([count % {"count": missing}, advice]), field="accept_missing", code="missing")
    today = timezone.localdate()
    due = add_working_days(today, settings.NOTICE_WORKING_DAYS)
    opened = Notice(
        township=township,
        month=month,
        opened_on=today,
        working_days=settings.NOTICE_WORKING_DAYS,
        closes_on=due.day,
        days_known=due.is_known,
        left_out=missing,
        opened_by=by,
    )
    with constraint_named("notice_one_standing", _has_notice()):
        opened.save(force_insert=True)
    return opened


@event
def withdraw_notice(notice: Notice, *, reason: str, version: int | None = None, by: User) -> Notice:
    """Take a notice back, with the reason: its page no longer shows anything, and the month may be opened anew."""
    reason = said(reason, "reason", _("Say why it is withdrawn."))
    if len(reason) > 200:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": 200}, field="reason")
    locked = Notice.locked(notice.pk, version=version)
    if locked.is_withdrawn:
        raise RuleBroken(_("This notice was withdrawn already."))
    locked.withdrawn_by, locked.withdrawn_at, locked.withdrawn_reason = by, timezone.now(), reason
    locked.save()
    return locked


def due_and_read(township: Township, month: date) -> tuple[int, int]:
    """Return how many months of the township's teams have been read, and how many are due and have not."""
    reports = MonthlyReport.objects.filter(township=township, month=month)
    read = reports.filter(state=State.READ).count()
    silent = Team.objects.active().filter(township=township, activated_on__lte=last_day(month))
    return read, reports.exclude(state=State.READ).count() + silent.exclude(reports__month=month).count()


def _has_notice() -> RuleBroken:
    return RuleBroken(_("This month of the township is shown already. Withdraw that notice first."), field="month")


# --- What everybody sees ------------------------------------------------------------------------------


@dataclass
class TeamLine:
    """One team's read month: its figures, who agreed to be named, and how many did not."""

    name: str
    totals: Totals = field(default_factory=Totals)
    named: list[str] = field(default_factory=list)
    unnamed: int = 0


def lines_of(notice: Notice, *, with_names: bool) -> list[TeamLine]:
    """Return the read months village by village: no number, phone or recipient of anybody, names as consented."""
    reports = list(
        MonthlyReport.objects.filter(township=notice.township, month=notice.month, state=State.READ)
        .select_related("team")
        .order_by("team__grid__village__code", "team__grid__number", "id")
    )
    totals = totals_of(reports)
    lines = {report.pk: TeamLine(report.team.name, totals[report.pk]) for report in reports}
    served = (
        Participation.objects.counted()
        .filter(log__report__in=reports)
        .order_by("volunteer__name_pinyin", "volunteer__number")
        .values_list("log__report", "volunteer", "volunteer__shows_name", "volunteer__name")
        .distinct()
    )
    seen: defaultdict[int, set[int]] = defaultdict(set)
    for report, volunteer, shows_name, name in served:
        if volunteer in seen[report]:
            continue
        seen[report].add(volunteer)
        if shows_name and with_names:
            lines[report].named.append(name)
        else:
            lines[report].unnamed += 1
    return list(lines.values())


def sum_of(lines: list[TeamLine]) -> Totals:
    """Add the teams up; a person who served in two is counted in both, and so is not given."""
    return Totals(
        logs=sum(line.totals.logs for line in lines),
        people_served=sum(line.totals.people_served for line in lines),
        minutes=sum(line.totals.minutes for line in lines),
    )
