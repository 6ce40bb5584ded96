"""What waits for a reviewer, each leading straight to the desk of the month that waits; and thanks for a leader."""

from datetime import date, timedelta

from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import Right
from services.domain.recognition import unsettled
from services.domain.task import Task, days_since, listed
from services.models import MonthlyReport, Sample, SampledReport, Thanks

State = MonthlyReport.State
# How long a word of thanks stays on the leader's home, and how many are shown.
THANKS_DAYS, THANKS_SHOWN = 31, 3
# Samples that are not looked through yet: the oldest first, no more than these.
SAMPLES_SHOWN = 3


def desk_of_month(month: date, township: int | None = None) -> str:
    """Return the address of the desk of a month, of one township for the city level."""
    query = {"month": f"{month:%Y-%m}"} | ({"township": township} if township else {})
    return listed("services:review_desk", **query)


def waiting_reports(user: User) -> QuerySet[MonthlyReport]:
    """Return the submitted months that a reviewer sees, the longest waiting first."""
    return (
        unsettled(MonthlyReport.objects.visible_to(user))
        .filter(state=State.SUBMITTED)
        .select_related("team")
        .order_by("submitted_at", "id")
    )


def waiting_townships(user: User, today: date) -> list[dict[str, object]]:
    """Return the townships with submitted months, month by month: how many, since how many days the first waits."""
    rows = (
        unsettled(MonthlyReport.objects.visible_to(user))
        .filter(state=State.SUBMITTED)
        .order_by()
        .values("township", "township__name", "month")
        .annotate(count=Count("pk"), since=Min("submitted_at"))
    )
    waiting = [
        {
            "name": row["township__name"],
            "month": date_format(row["month"], "YEAR_MONTH_FORMAT"),
            "count": row["count"],
            "days": days_since(row["since"], today),
            "url": desk_of_month(row["month"], row["township"]),
        }
        for row in rows
    ]
    return sorted(waiting, key=lambda row: (-row["days"], row["name"], row["url"]))


def review_tasks(user: User) -> list[Task]:
    """Return what waits on the desk, month by month, and what the city's samples ask for."""
    months = (
        unsettled(MonthlyReport.objects.visible_to(user))
        .filter(state=State.SUBMITTED)
        .order_by("month")
        .values_list("month")
        .annotate(Count("pk"))
    )
    tasks = [
        Task(
            count,
            _("monthly reports to review: %(month)s") % {"month": date_format(month, "YEAR_MONTH_FORMAT")},
            _("Plain ones are read with one click; the rest says why it needs eyes."),
            desk_of_month(month),
            "clipboard-check",
            "warn",
        )
        for month, count in months
    ]
    return [*tasks, *(_samples(user) if user.may(Right.SAMPLE_REPORTS) else [_findings(user)])]


def _samples(user: User) -> list[Task]:
    """One task a sample that is not looked through: its list holds just these months."""
    waiting = Count("drawn", filter=Q(drawn__finding=""))
    samples = Sample.objects.visible_to(user).defer("population").annotate(waiting=waiting).filter(waiting__gt=0)
    return [
        Task(
            sample.waiting,
            _("sampled months to look at: %(sample)s") % {"sample": f"{sample.period} · {sample.percent}%"},
            _("They were drawn by chance: look at each once more."),
            f"{sample.get_absolute_url()}?finding=none",
            "dices",
        )
        for sample in samples.order_by("id")[:SAMPLES_SHOWN]
    ]


def _findings(user: User) -> Task:
    waiting = SampledReport.objects.visible_to(user).to_answer()
    return Task(
        waiting.values("report").distinct().count(),
        _("months on which the city's sample has a remark"),
        _("Look into it and answer."),
        f"{reverse('services:report_list')}?finding=true",
        "search-check",
        "warn",
    )


def thanks_for(user: User) -> list[Thanks]:
    """Return the words of thanks that reached the leader's teams of late, for the months that are still read."""
    since = timezone.now() - timedelta(days=THANKS_DAYS)
    words = Thanks.objects.visible_to(user).filter(at__gte=since, report__state=State.READ)
    words = words.filter(round=F("report__times_returned"))
    return list(words.select_related("report__team", "by")[:THANKS_SHOWN])
