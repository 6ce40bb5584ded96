"""Monthly reports in every state: old months read, the latest finished one in the middle of the offices' work."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from random import Random

from services.demo.contents import COMMENTS
from services.demo.load import stamp
from services.demo.logs import Service
from services.demo.scale import Calendar
from services.demo.teams import DemoTeam, Place
from services.demo.users import Offices

REPORT_FIELDS = (
    "id", "team_id", "township_id", "month", "state", "submitted_by_id", "submitted_at", "reviewed_by_id",
    "reviewed_at", "remark", "times_returned",
)  # fmt: skip
COMMENT_FIELDS = ("id", "log_id", "text", "by_id", "at")
# What has become of the latest finished month, team by team; "again" was returned once and came back.
MIXED = ("submitted", "read", "returned", "open", "submitted", "read", "again", "submitted", "open", "submitted")
REMARKS = ("有日志需要核对，见批注。", "请核实参与人员后重新报送。", "部分服务内容太简略。")


@dataclass
class Report:
    """A monthly report in the making. ``ends`` as "read" only when its logs are in: a read month takes none."""

    pk: int
    team: DemoTeam
    month: date
    ends: str
    returned: bool = False
    commented: bool = False


class Months:
    """The reports of one township."""

    def __init__(self, place: Place, calendar: Calendar, offices: Offices, pace: int, keys: count, random: Random):
        """Make the reports; ``pace`` says by how many months the township is ahead of the others, or behind."""
        self.offices, self.random, self.calendar = offices, random, calendar
        self.reports: dict[tuple[int, date], Report] = {}
        self.contributors: set[tuple[int, int]] = set()  # report and user, by key
        for order, team in enumerate(each for each in place.teams if each.works):
            for month in calendar.months:
                if _had_report(team, month):
                    ends = self._state(order, month, pace)
                    report = Report(next(keys), team, month, ends.replace("again", "submitted"))
                    report.returned = ends in ("again", "returned") or (ends == "read" and random.random() < 0.02)
                    self.reports[team.pk, month] = report

    def _state(self, order: int, month: date, pace: int) -> str:
        """Decide what has become of the month of the ``order``-th team."""
        mixed = self.calendar.mixed
        before = self.calendar.months.index(mixed) - self.calendar.months.index(month)
        if before < 0:
            return "open"
        if pace < 0:
            return "read" if before > 1 else "submitted"
        if before == 0:
            return "read" if pace > 0 else MIXED[order % len(MIXED)]
        return "submitted" if before == 1 and order % 23 == 5 else "read"

    def rows(self) -> Iterator[tuple]:
        """Yield the rows in the order of ``REPORT_FIELDS``, read months still as submitted; note who submitted them."""
        random, offices = self.random, self.offices
        for report in self.reports.values():
            following = (report.month + timedelta(days=31)).replace(day=1)
            submitted = (following + timedelta(days=random.randint(0, 1)), random.randint(540, 1020))
            reviewed = (following + timedelta(days=2), random.randint(540, 1020))
            was_reviewed = report.ends in ("read", "returned") or report.returned
            submitter = offices.leader if report.team.pk == offices.leaders_team else offices.staff
            is_open = report.ends == "open"
            if not is_open and submitter is not None:
                self.contributors.add((report.pk, submitter))
            yield (
                report.pk, report.team.pk, report.team.village.township_id, report.month,
                "submitted" if report.ends == "read" else report.ends,
                None if is_open else submitter, None if is_open else stamp(*submitted),
                offices.reviewer if was_reviewed else None, stamp(*reviewed) if was_reviewed else None,
                random.choice(REMARKS) if report.returned else "", int(report.returned),
            )  # fmt: skip

    def of(self, service: Service) -> Report:
        """Return the report that the service belongs to."""
        return self.reports[service.team.pk, service.day.replace(day=1)]

    def read(self) -> list[int]:
        """Return the keys of the months that have been read."""
        return [report.pk for report in self.reports.values() if report.ends == "read"]

    def comment(self, service: Service, report: Report, keys: count) -> tuple | None:
        """Return the reviewer's comment on the first log of a returned month, and none on its others."""
        if not report.returned or report.commented:
            return None
        report.commented = True
        following = (report.month + timedelta(days=31)).replace(day=1)
        at = stamp(following + timedelta(days=2), 530)
        return next(keys), service.pk, self.random.choice(COMMENTS), self.offices.reviewer, at


def _had_report(team: DemoTeam, month: date) -> bool:
    """Whether the team was active at some time of the month."""
    assert team.works is not None
    last = (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if team.state == "active":
        return team.activated is not None and team.activated <= last
    return month <= team.works[1]
