"""What a month looks like: one team's sheet, a township's desk, the city's progress. Reads only.

Each is a fixed number of queries, whatever the number of teams and logs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum

from accounts.models import User
from areas.models import Township
from grids.models import Membership, Team
from services.domain.month import last_day
from services.domain.reasons import Reason, reasons_to_look
from services.models import LogComment, MonthlyReport, Participation, ServiceLog


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
    """Return the month's logs from first to last with people and comments, the withdrawn ones in their place."""
    people = Participation.objects.select_related("volunteer").order_by("-minutes", "volunteer__number")
    comments = LogComment.objects.select_related("by").order_by("at", "id")
    return (
        ServiceLog.objects.filter(report=report)
        .select_related("category", "recorded_by")
        .prefetch_related(Prefetch("participations", people), Prefetch("comments", comments))
        .order_by("date", "starts_at", "id")
    )


@dataclass
class DeskLine:
    """A team's month on the reviewer's desk: its report, figures, and reasons to look at it."""

    team: Team
    leader: str
    report: MonthlyReport | None
    totals: Totals = field(default_factory=Totals)
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class Desk:
    """A township's month, parted by what is to be done: look, wave through, wait, nothing."""

    look: list[DeskLine]
    plain: list[DeskLine]
    waiting: list[DeskLine]
    read: list[DeskLine]


def desk_of(township: Township, month: date, *, by: User) -> Desk:
    """Return the month of every active team of the township, the silent ones too, and of those who reported."""
    reports = list(MonthlyReport.objects.visible_to(by).filter(township=township, month=month).select_related("team"))
    totals = totals_of(reports)
    submitted = [report for report in reports if report.state == MonthlyReport.State.SUBMITTED]
    reasons = reasons_to_look(submitted, by=by)
    teams = {report.team_id: report.team for report in reports}
    active = Team.objects.active().filter(township=township, activated_on__lte=last_day(month))
    teams |= {team.pk: team for team in active.exclude(pk__in=teams)}
    leaders = _leaders(teams)
    by_team = {report.team_id: report for report in reports}
    desk = Desk([], [], [], [])
    for team in sorted(teams.values(), key=lambda team: team.pk):
        report = by_team.get(team.pk)
        line = DeskLine(team, leaders.get(team.pk, ""), report)
        if report is not None:
            line.totals, line.reasons = totals[report.pk], reasons.get(report.pk, [])
        _part_of(desk, line).append(line)
    return desk


def _part_of(desk: Desk, line: DeskLine) -> list[DeskLine]:
    state = line.report.state if line.report else None
    if state == MonthlyReport.State.SUBMITTED:
        return desk.look if line.reasons else desk.plain
    return desk.read if state == MonthlyReport.State.READ else desk.waiting


def _leaders(teams: Iterable[int]) -> dict[int, str]:
    leaders = Membership.objects.current().filter(team__in=teams, role=Membership.Role.LEADER)
    return dict(leaders.order_by().values_list("team", "volunteer__name"))


@dataclass
class Progress:
    """How far a township's month has come: its reports by state, of all that are due."""

    township: Township
    due: int = 0
    by_state: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def read(self) -> int:
        """How many have been read."""
        return self.by_state[MonthlyReport.State.READ]

    @property
    def submitted(self) -> int:
        """How many wait for a reviewer."""
        return self.by_state[MonthlyReport.State.SUBMITTED]

    @property
    def returned(self) -> int:
        """How many were given back."""
        return self.by_state[MonthlyReport.State.RETURNED]

    @property
    def missing(self) -> int:
        """How many the teams have not handed in: open, or not even opened."""
        return self.due - self.read - self.submitted - self.returned


def progress_of(month: date, *, by: User) -> list[Progress]:
    """Return each township's progress, what waits for a reviewer first; townships without teams are left out."""
    lines = {township.pk: Progress(township) for township in Township.objects.visible_to(by)}
    reports = MonthlyReport.objects.visible_to(by).filter(month=month).order_by()
    for row in reports.values("township", "state").annotate(count=Count("pk")):
        lines[row["township"]].by_state[row["state"]] = row["count"]
        lines[row["township"]].due += row["count"]
    silent = Team.objects.visible_to(by).active().filter(activated_on__lte=last_day(month)).order_by()
    silent = silent.exclude(reports__month=month)
    for gap in silent.values("township").annotate(count=Count("pk")):
        lines[gap["township"]].due += gap["count"]
    found = [line for line in lines.values() if line.due]
    return sorted(found, key=lambda line: (-line.submitted, -line.missing, line.township.code))


def to_hand_in(month: date, *, by: User) -> dict[str, int]:
    """Count the open months that the user may hand in: those with services, and those without."""
    reports = MonthlyReport.objects.visible_to(by).filter(month=month, state=MonthlyReport.State.OPEN)
    served = Exists(ServiceLog.objects.standing().filter(report=OuterRef("pk")))
    counts = reports.aggregate(open=Count("pk"), served=Count("pk", filter=served))
    return {"served": counts["served"], "nil": counts["open"] - counts["served"]}
