"""What a month looks like: one team's sheet. Reads only.

Each is a fixed number of queries, whatever the number of teams and logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum

from accounts.models import User
from grids.models import Membership
from services.domain.month import last_day
from services.models import LogComment, LogFlag, LogPhoto, MonthlyReport, Participation, ServiceLog


@dataclass
class Totals:
    """A month in figures: services, people served, those who served, and their minutes together."""

    logs: int = 0
    people_served: int = 0
    people: int = 0
    minutes: int = 0


def totals_of(reports: Sequence[MonthlyReport]) -> dict[int, Totals]:
    """Return the figures of each report by its key; withdrawn logs are left out."""
    pks = [report.pk for report in reports]
    totals = {pk: Totals() for pk in pks}
    logs = ServiceLog.objects.standing().filter(report__in=pks).order_by()
    for row in logs.values("report").annotate(logs=Count("pk"), served=Sum("people_served")):
        totals[row["report"]].logs, totals[row["report"]].people_served = row["logs"], row["served"]
    served = Participation.objects.standing().filter(log__report__in=pks).order_by()
    by_report = served.values("log__report").annotate(people=Count("volunteer", distinct=True), sum=Sum("minutes"))
    for sums in by_report:
        totals[sums["log__report"]].people, totals[sums["log__report"]].minutes = sums["people"], sums["sum"]
    return totals


@dataclass
class MemberLine:
    """One person's month with the team; a member who did nothing has zeros, so that this is visible."""

    name: str
    number: str
    role: str = ""
    is_helper: bool = False
    services: int = 0
    minutes: int = 0


def members_of(report: MonthlyReport) -> list[MemberLine]:
    """Return everybody who was in the team during the month, and its helpers, most minutes first."""
    lines: dict[int, MemberLine] = {}
    memberships = (
        Membership.objects.filter(team=report.team_id, joined_on__lte=last_day(report.month))
        .filter(Q(left_on__isnull=True) | Q(left_on__gte=report.month))
        .select_related("volunteer")
        .order_by("joined_on", "id")
    )
    for membership in memberships:
        role = "" if membership.role == Membership.Role.MEMBER else membership.get_role_display()
        lines[membership.volunteer_id] = MemberLine(membership.volunteer.name, membership.volunteer.number, role)
    served = (
        Participation.objects.standing()
        .filter(log__report=report)
        .order_by()
        .values("volunteer", "volunteer__name", "volunteer__number")
        .annotate(services=Count("pk"), sum=Sum("minutes"))
    )
    for row in served:
        line = lines.setdefault(
            row["volunteer"], MemberLine(row["volunteer__name"], row["volunteer__number"], is_helper=True)
        )
        line.services, line.minutes = row["services"], row["sum"]
    return sorted(lines.values(), key=lambda line: (-line.minutes, line.number))


def logs_of(report: MonthlyReport) -> QuerySet[ServiceLog]:
    """Return the month's logs from first to last with people, comments and flags, the withdrawn ones in their place."""
    people = Participation.objects.select_related("volunteer").order_by("-minutes", "volunteer__number")
    comments = LogComment.objects.select_related("by", "settled_by").order_by("at", "id")
    flags = LogFlag.objects.select_related("answered_by", "other__team").order_by("id")
    return (
        ServiceLog.objects.filter(report=report)
        .select_related("category", "recorded_by", "confirmation")
        .prefetch_related(
            Prefetch("participations", people),
            Prefetch("comments", comments),
            Prefetch("flags", flags),
            Prefetch("photos", LogPhoto.objects.standing()),
        )
        .order_by("date", "starts_at", "id")
    )


def to_hand_in(month: date, *, by: User) -> dict[str, int]:
    """Count the open months that the user may hand in: those with services, and those without."""
    reports = MonthlyReport.objects.visible_to(by).expected().filter(month=month, state=MonthlyReport.State.OPEN)
    served = Exists(ServiceLog.objects.standing().filter(report=OuterRef("pk")))
    counts = reports.aggregate(open=Count("pk"), served=Count("pk", filter=served))
    return {"served": counts["served"], "nil": counts["open"] - counts["served"]}
