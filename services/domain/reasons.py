"""Why a month needs eyes: each reason states its rule and the logs it is about; a month without one is plain.

A log is a reason while it has a flag that nobody answered (``services.domain.flags``).

Every function asks for all reports at once: its queries do not depend on how many there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.rights import ROLES_WITH, Right
from services.domain.confirmation import denied_logs
from services.domain.flag_lines import RULE_TEXTS
from services.models import LogFlag, MonthlyReport, ServiceLog
from volunteers.models import Volunteer

DENIED = _("The person served says that it did not take place")


@dataclass(frozen=True)
class Reason:
    """One reason to look at a month: its rule in words, and the logs that it is about (none: the whole month)."""

    code: str
    text: str | Promise
    log_pks: tuple[int, ...] = ()


def reasons_to_look(reports: Iterable[MonthlyReport], *, by: User | None = None) -> dict[int, list[Reason]]:
    """Return the reasons by the report's key, an empty list for a plain month; for a reviewer ``by`` theirs too."""
    reports = list(reports)
    pks = [report.pk for report in reports]
    reasons: dict[int, list[Reason]] = {pk: [] for pk in pks}
    conflicting = conflicts(pks, by) if by is not None else {}
    filled = set(ServiceLog.objects.standing().filter(report__in=pks).values_list("report", flat=True))
    flagged = _flagged(pks)
    denied = denied_logs(pks)
    for report in reports:
        mine = reasons[report.pk]
        if report.pk in conflicting:
            mine.append(Reason("conflict", conflicting[report.pk]))
        if report.times_returned:
            mine.append(Reason("returned", _times_returned(report.times_returned)))
        if report.pk not in filled:
            mine.append(Reason("nil", _("Nil report: no service all month")))
        if report.pk in denied:
            mine.append(Reason("denied", DENIED, tuple(sorted(denied[report.pk]))))
        logs = flagged.get(report.pk, {})
        mine += [Reason(rule, RULE_TEXTS[rule], tuple(sorted(logs[rule]))) for rule in RULE_TEXTS if rule in logs]
    return reasons


def _flagged(pks: Sequence[int]) -> dict[int, dict[str, set[int]]]:
    """Return the logs with unanswered flags, by report and rule."""
    flags = LogFlag.objects.unanswered().filter(log__report__in=pks, log__is_withdrawn=False).order_by()
    found: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for report, rule, log in flags.values_list("log__report", "rule", "log"):
        found[report][rule].add(log)
    return found


def _times_returned(times: int) -> str:
    return ngettext("Returned or reopened once before", "Returned or reopened %(times)d times before", times) % {
        "times": times
    }


def conflicts(report_pks: Sequence[int], user: User) -> dict[int, Promise]:
    """Return, by report, why ``user`` may not review it: nobody reviews what they contributed to or took part in.

    A withdrawn log counts too: who wrote it is not the one to look at the rest. So does what others have changed
    since: who submitted the month the first time, or corrected a log of it, has had a hand in it.
    """
    reports = MonthlyReport.objects.filter(pk__in=report_pks)
    # The last one that holds is named: the most telling.
    mine = (
        (_("You changed a log of this month, or submitted it before."), Q(contributors__user=user)),
        (
            _("You took part in a service of this month."),
            Q(logs__participations__volunteer__user=user) | Q(logs__participations__volunteer__merged_into__user=user),
        ),
        (_("You recorded a log of this month."), Q(logs__recorded_by=user)),
        (_("You submitted this month."), Q(submitted_by=user)),
    )
    found: dict[int, Promise] = {}
    for why, condition in mine:
        found |= dict.fromkeys(reports.filter(condition).order_by().values_list("pk", flat=True).distinct(), why)
    return found


def other_reviewers(report: MonthlyReport) -> QuerySet[User]:
    """Return who may review the month: reviewers of the township, then of the city, who had no part in it."""
    logs = ServiceLog.objects.filter(report=report)
    return (
        User.objects.filter(is_active=True, role__in=ROLES_WITH[Right.REVIEW_REPORTS])
        .filter(Q(township=report.township.present) | Q(township__isnull=True))
        .exclude(pk=report.submitted_by_id or 0)
        .exclude(pk__in=report.contributors.order_by().values("user"))
        .exclude(pk__in=logs.order_by().values("recorded_by"))
        .exclude(
            pk__in=Volunteer.objects.filter(user__isnull=False, participations__log__in=logs.order_by())
            .order_by()
            .values("user")
        )
        .order_by(F("township").asc(nulls_last=True), "username")
    )
