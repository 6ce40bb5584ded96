"""The reviewer's desk: a township's month team by team, and how far each township of the city has come. Reads only.

Each is a fixed number of queries, whatever the number of teams and logs; rows are slim, so that 84 teams are shown as
fast as the database adds them up.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from areas.models import Township, TownshipSettings
from common.clean import END_OF_DAY, moment
from grids.models import Membership, Team
from services.domain.month import days_after, due_on, last_day, review_by
from services.domain.reasons import Reason, reasons_to_look
from services.domain.sheet import Totals, totals_of
from services.models import LogComment, LogFlag, MonthlyReport

State = MonthlyReport.State
# What is shown of a report on the desk.
SLIM = ("id", "team_id", "state", "version", "times_returned", "remark")
# A month that is not handed in: what was returned waits for the team longest, then come those with services, then the
# silent ones, then teams without even a report.
WAITING_ORDER = {State.RETURNED: 0, State.OPEN: 1}


@dataclass(frozen=True)
class FlagCount:
    """How many flags of one rule a month has: those that nobody answered, and those answered once and for all."""

    rule: str
    unanswered: int
    answered: int


@dataclass
class DeskLine:
    """A team's month on the reviewer's desk: its report, figures, flags, and reasons to look at it."""

    team: int
    name: str
    leader: str = ""
    report: MonthlyReport | None = None
    totals: Totals = field(default_factory=Totals)
    flags: list[FlagCount] = field(default_factory=list)
    reasons: list[Reason] = field(default_factory=list)
    asked: int = 0  # comments that nobody ticked as settled

    @property
    def has_conflict(self) -> bool:
        """Whether the reviewer had a part in it, so that somebody else reads it."""
        return any(reason.code == "conflict" for reason in self.reasons)

    @property
    def unanswered(self) -> int:
        """How many flags wait for an answer."""
        return sum(flag.unanswered for flag in self.flags)


@dataclass(frozen=True)
class Desk:
    """A township's month, parted by what is to be done: look, say yes to nothing, wave through, wait, nothing."""

    look: list[DeskLine] = field(default_factory=list)
    nil: list[DeskLine] = field(default_factory=list)
    plain: list[DeskLine] = field(default_factory=list)
    waiting: list[DeskLine] = field(default_factory=list)
    read: list[DeskLine] = field(default_factory=list)

    def parts(self) -> dict[str, list[DeskLine]]:
        """Return the parts by name, what needs eyes first."""
        return {"look": self.look, "nil": self.nil, "plain": self.plain, "waiting": self.waiting, "read": self.read}


def desk_of(township: Township, month: date, *, by: User) -> Desk:
    """Return the month of every active team of the township, the silent ones too, and of those who reported."""
    reports = list(MonthlyReport.objects.visible_to(by).expected().filter(township=township, month=month).only(*SLIM))
    lines = _lines(reports, township, month)
    totals = totals_of(reports)
    flags, asked = _flags(reports), _asked(reports)
    reasons = reasons_to_look([report for report in reports if report.state == State.SUBMITTED], by=by)
    for report in reports:
        line = lines[report.team_id]
        line.totals, line.flags, line.asked = totals[report.pk], flags[report.pk], asked.get(report.pk, 0)
        line.reasons = reasons.get(report.pk, [])
    desk = Desk()
    for pk in sorted(lines):
        _part_of(desk, lines[pk]).append(lines[pk])
    desk.look.sort(key=lambda line: (line.has_conflict, -line.unanswered, -len(line.reasons)))
    desk.waiting.sort(key=_waiting_order)
    return desk


def _lines(reports: Sequence[MonthlyReport], township: Township, month: date) -> dict[int, DeskLine]:
    """Return a line for each team that reported or should have, with its name and leader."""
    by_team = {report.team_id: report for report in reports}
    due = Q(state=Team.State.ACTIVE, township=township, activated_on__lte=last_day(month))
    # A team that came with a township merged into this one has its month there.
    elsewhere = MonthlyReport.objects.filter(team=OuterRef("pk"), month=month).exclude(township=township)
    waived = MonthlyReport.objects.filter(team=OuterRef("pk"), month=month, waived_on__isnull=False)
    there = Q(pk__in=list(by_team))
    if TownshipSettings.of(township.pk).uses_logs:
        there |= due & ~Exists(elsewhere) & ~Exists(waived)
    names = dict(Team.objects.filter(there).order_by().values_list("pk", "name"))
    leaders = _leaders(names)
    return {pk: DeskLine(pk, name, leaders.get(pk, ""), by_team.get(pk)) for pk, name in names.items()}


def _leaders(teams: Iterable[int]) -> dict[int, str]:
    leaders = Membership.objects.current().filter(team__in=list(teams), role=Membership.Role.LEADER)
    return dict(leaders.order_by().values_list("team", "volunteer__name"))


def _flags(reports: Sequence[MonthlyReport]) -> dict[int, list[FlagCount]]:
    """Return the flags of each report by rule, in the order of the rules."""
    flags = LogFlag.objects.filter(log__report__in=[report.pk for report in reports], log__is_withdrawn=False)
    counted = flags.order_by().values_list("log__report", "rule").annotate(Count("pk"), Count("answered_at"))
    order = {rule: place for place, rule in enumerate(LogFlag.Rule.values)}
    found: dict[int, list[FlagCount]] = defaultdict(list)
    for report, rule, count, answered in counted:
        found[report].append(FlagCount(rule, count - answered, answered))
    for counts in found.values():
        counts.sort(key=lambda flag: order.get(flag.rule, len(order)))
    return found


def _asked(reports: Sequence[MonthlyReport]) -> dict[int, int]:
    comments = LogComment.objects.unsettled().filter(
        log__report__in=[report.pk for report in reports], log__is_withdrawn=False
    )
    return dict(comments.order_by().values_list("log__report").annotate(Count("pk")))


def _part_of(desk: Desk, line: DeskLine) -> list[DeskLine]:
    state = line.report.state if line.report else None
    if state == State.SUBMITTED:
        if not line.totals.logs:
            return desk.nil
        return desk.look if line.reasons else desk.plain
    return desk.read if state == State.READ else desk.waiting


def _waiting_order(line: DeskLine) -> tuple[int, bool]:
    place = WAITING_ORDER[State(line.report.state)] if line.report else len(WAITING_ORDER)
    return place, not line.totals.logs


@dataclass
class Progress:
    """How far a township's month has come: its reports by state, of all that are due, and who is late."""

    township: Township
    month: date
    due: int = 0
    by_state: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    submitted_late: int = 0

    @property
    def read(self) -> int:
        """How many have been read."""
        return self.by_state[State.READ]

    @property
    def submitted(self) -> int:
        """How many wait for a reviewer."""
        return self.by_state[State.SUBMITTED]

    @property
    def returned(self) -> int:
        """How many were given back."""
        return self.by_state[State.RETURNED]

    @property
    def missing(self) -> int:
        """How many the teams have not handed in: open, or not even opened."""
        return self.due - self.read - self.submitted - self.returned

    @property
    def days_to_submit(self) -> int:
        """How many days late the teams are that have not handed in, 0 while there is time."""
        return days_after(due_on(self.month)) if self.missing + self.returned else 0

    @property
    def days_to_review(self) -> int:
        """How many days late the reviewers are with what was handed in, 0 while there is time."""
        return days_after(review_by(self.month)) if self.submitted else 0


def progress_of(month: date, *, by: User) -> list[Progress]:
    """Return each township's progress, and who is late; townships without teams are left out."""
    lines = {township.pk: Progress(township, month) for township in Township.objects.visible_to(by)}
    reports = MonthlyReport.objects.visible_to(by).expected().filter(month=month).order_by()
    too_late = moment(due_on(month), END_OF_DAY)
    counted = reports.values("township", "state").annotate(
        count=Count("pk"),
        late=Count("pk", filter=Q(submitted_at__gte=too_late, times_returned=0)),
    )
    for row in counted:
        line = lines[row["township"]]
        line.by_state[row["state"]] = row["count"]
        line.due += row["count"]
        line.submitted_late += row["late"]
    silent = Team.objects.visible_to(by).active().filter(activated_on__lte=last_day(month)).order_by()
    silent = silent.filter(TownshipSettings.by_township().taking_part("uses_logs")).exclude(reports__month=month)
    for gap in silent.values("township").annotate(count=Count("pk")):
        lines[gap["township"]].due += gap["count"]
    found = [line for line in lines.values() if line.due]
    return sorted(found, key=lambda line: (-line.submitted, -line.missing - line.returned, line.township.code))
