"""Sixteen writers at once: logs saved with all their rules, beside the same rows inserted without any.

Each writer is a process with a connection of its own and a team of its own in every run, as townships write: what they
share is the database, the year's round and the flags' look-ups.
"""

import datetime as dt
import multiprocessing
from collections.abc import Iterator
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import caused_by, record
from accounts.models import AuditEntry, User
from accounts.rights import Role
from bench.case import Work
from common import clean
from grids.models import Membership, Team
from services.domain.entry import Entry
from services.domain.log import record_service
from services.models import MonthlyReport, Participation, ReportContributor, ServiceCategory, ServiceLog

WRITERS, LOGS_EACH, PEOPLE = 16, 8, 5
# Both sides write ten minutes each, one in the morning and one in the afternoon, so that nobody is in two places.
FIRST_HOUR = {True: 8, False: 14}


class Writers(Work):
    """All writers save their logs; ``rules=False`` inserts the same rows and asks nothing."""

    def __init__(self, rules: bool = True) -> None:
        """Start the processes, which wait for work, and choose the teams that are big enough."""
        self.rules = rules
        self.day = timezone.localdate() - dt.timedelta(days=1)
        self.teams = self.big_teams()
        connection.close()  # a process of its own needs a connection of its own
        context = multiprocessing.get_context("fork")
        self.lines: list[Connection] = []
        for _ in range(WRITERS):
            ours, theirs = context.Pipe()
            context.Process(target=write_when_told, args=(theirs, rules), daemon=True).start()
            self.lines.append(ours)

    def big_teams(self) -> Iterator[tuple[int, list[int]]]:
        """Yield active teams whose month is open, with five members each, the two sides from opposite ends."""
        reports = MonthlyReport.objects.filter(month=self.day.replace(day=1), state="open", team__state="active")
        teams = list(reports.order_by("team" if self.rules else "-team").values_list("team", flat=True))
        members: dict[int, list[int]] = {}
        for team, person in Membership.objects.filter(left_on=None).order_by("pk").values_list("team", "volunteer"):
            members.setdefault(team, []).append(person)
        return iter([(team, members[team][:PEOPLE]) for team in teams if len(members.get(team, ())) >= PEOPLE])

    def before(self) -> None:
        """Give each writer the next team."""
        self.told = [(self.day, team, people) for team, people in islice(self.teams, WRITERS)]

    def run(self) -> None:
        """Let all of them write, and wait for the last."""
        for line, told in zip(self.lines, self.told, strict=True):
            line.send(told)
        answers = [line.recv() for line in self.lines]
        if answers != ["written"] * WRITERS:
            raise RuntimeError(f"A writer failed: {answers}")

    def result(self) -> list[int]:
        """Return how many logs and participations the last run left: none is lost, none is doubled."""
        teams = [team for _, team, _ in self.told]
        logs = ServiceLog.objects.filter(team__in=teams, date=self.day, recipient="bench")
        return [logs.count(), Participation.objects.filter(log__in=logs.order_by()).count()]


def write_when_told(line: Connection, rules: bool) -> None:
    """Be one writer: save a team's logs each time that one is sent, until the other end is closed."""
    by = User.objects.filter(role=Role.TOWNSHIP_STAFF).order_by("pk")[0]
    category = ServiceCategory.objects.order_by("pk")[0]
    while True:
        try:
            day, team_pk, people = line.recv()
        except EOFError:
            return
        try:
            team = Team.objects.get(pk=team_pk)
            for number in range(LOGS_EACH):
                start = clean.moment(day, dt.time(FIRST_HOUR[rules] + number // 2, 30 * (number % 2)))
                fields: dict[str, Any] = {
                    "date": day,
                    "starts_at": start,
                    "ends_at": start + dt.timedelta(minutes=10),
                    "category": category,
                    "recipient": "bench",
                    "content": f"yiwang {number}",
                    "place": "",
                    "people_served": 1,
                    "participants": dict.fromkeys(people),
                }
                if rules:
                    record_service(key=uuid4(), team=team, by=by, **fields)
                else:
                    insert(team, Entry(**fields), by)
            line.send("written")
        except Exception as error:
            line.send(repr(error))


def insert(team: Team, entry: Entry, by: User) -> None:
    """Write the rows that ``record_service`` leaves, with their audit entries, and check nothing."""
    with transaction.atomic(), caused_by(by=by, event="record_service"):
        report = MonthlyReport.objects.get(team=team, month=entry.date.replace(day=1))
        log = ServiceLog(
            key=uuid4(),
            fingerprint=entry.fingerprint(team),
            team=team,
            township_id=report.township_id,
            report=report,
            recorded_by=by,
            **entry.fields(),
        )
        log.save(force_insert=True)
        times = {"date": log.date, "starts_at": log.starts_at, "ends_at": log.ends_at, "minutes": log.minutes}
        Participation.objects.bulk_create(
            Participation(log=log, volunteer_id=person, team=team, **times) for person in entry.participants
        )
        ReportContributor.note([report], by)
        record([log], AuditEntry.Action.UPDATE, {"participants": (None, str(sorted(entry.participants)))})
