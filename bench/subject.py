"""What Yiwang is timed at: its pages as they are served, and its domain functions."""

import datetime as dt
import re
import uuid
from contextlib import ExitStack
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl

from django.db import connection, transaction
from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.rights import Role
from bench.case import Page, Work, signed_in
from grids.models import Membership, Team
from services.domain import figures, rollup, scoring
from services.domain.recognition import open_round
from services.domain.report import read_plain_months
from services.models import MonthlyReport, Participation, RecognitionRound, ServiceCategory, ServiceLog
from volunteers.models import Volunteer

YEAR = 2025


class ListPage(Page):
    """A list as the admin sees it, at its first page or its last."""

    name: str
    records: QuerySet[Any]
    address: str

    def __init__(self, page: str = "first", query: str = "") -> None:
        """Sign in, and find the address of the last page where that is asked for; ``query`` narrows the list."""
        super().__init__(signed_in("admin"), reverse(self.name) + query)
        self.records = self.records.filter(**dict(parse_qsl(query[1:])))
        self.is_last = page == "last"
        if self.is_last:
            html = self.client.get(self.path).content.decode()
            self.path += re.search(r'href="(\?[^"]*at=last[^"]*)"', html)[1].replace("&amp;", "&")

    def found(self, html: str) -> list[int]:
        """Return the keys of the page's rows, which must be the first or the last there are, in their order."""
        found = [int(key) for key in re.findall(rf'href="{self.address}([0-9]+)/"', html)]
        records = self.records.reverse() if self.is_last else self.records
        keys = list(records.values_list("pk", flat=True)[: len(found)])
        if found != (keys[::-1] if self.is_last else keys):
            raise RuntimeError(f"{self.path} does not show the rows that belong there.")
        return found


class VolunteerList(ListPage):
    """The list of volunteers."""

    name, address = "volunteers:list", "/volunteers/"
    records = Volunteer.objects.order_by("name_pinyin", "id")


class LogList(ListPage):
    """The list of service logs."""

    name, address = "services:log_list", "/services/logs/"
    records = ServiceLog.objects.order_by("-date", "-id")


class Desk(Page):
    """The review desk of a township's month, as the city's reviewer sees it."""

    def __init__(self, query: str) -> None:
        """Sign in."""
        super().__init__(signed_in("city"), reverse("services:review_desk") + query)

    def found(self, html: str) -> list[int]:
        """Return the reports' keys; the desk has its own order."""
        return sorted(int(key) for key in re.findall(r'data-report="([0-9]+)"', html))


class CityDesk(Desk):
    """How far each township has come."""

    def found(self, html: str) -> list[int]:
        """Return the townships' keys."""
        return sorted(int(key) for key in re.findall(r'class="row-link" href="[^"]*township=([0-9]+)"', html))


class SaveLog(Work):
    """A new log with some participants, saved through the page by a township's staff."""

    def __init__(self, people: int = 5) -> None:
        """Sign in, and take the township's teams one by one."""
        self.people = people
        self.client = signed_in("staff")
        user = User.objects.get(pk=self.client.session["_auth_user_id"])
        self.teams = iter(Team.objects.visible_to(user).active().order_by("pk"))
        self.day = timezone.localdate() - dt.timedelta(days=1)
        self.category = ServiceCategory.objects.order_by("pk")[0].pk

    def before(self) -> None:
        """Fill in the form for the next team."""
        while True:
            team = next(self.teams)
            members = list(Membership.objects.filter(team=team, left_on__isnull=True)[: self.people])
            if len(members) == self.people:
                break
        self.form = {
            "key": str(uuid.uuid4()),
            "team": team.pk,
            "date": f"{self.day:%Y-%m-%d}",
            "starts": "09:00",
            "ends": "10:00",
            "category": self.category,
            "recipient": "bench",
            "people_served": 1,
            "content": "yiwang",
            "participants": [membership.volunteer_id for membership in members],
        }

    def run(self) -> None:
        """Send the form."""
        self.response = self.client.post(reverse("services:log_create"), self.form)

    def result(self) -> list[int]:
        """Return what was saved last: minutes and number of participants."""
        if self.response.status_code != 302:
            raise RuntimeError(f"The form was refused with {self.response.status_code}.")
        log = ServiceLog.objects.filter(content="yiwang").order_by("-pk")[0]
        return [log.minutes, Participation.objects.filter(log=log).count()]


class Dashboard(Work):
    """The figures of the year from the roll-ups."""

    count = staticmethod(figures.from_rollups)

    def run(self) -> None:
        """Count."""
        self.figures = self.count(figures.Period(YEAR))

    def result(self) -> Any:
        """Return every figure."""
        return str(self.figures)


class LiveDashboard(Dashboard):
    """The same figures from the records."""

    count = staticmethod(figures.live)


class Scoring(Work):
    """Who is eligible in the year, with the figures that say so."""

    def __init__(self) -> None:
        """Take the year's round, or open one; everybody's votes come from the demo, if there are any."""
        reviewer = User.objects.filter(role=Role.REVIEWER, township=None).order_by("pk")[0]
        self.round = RecognitionRound.objects.filter(year=YEAR).first() or open_round(YEAR, by=reviewer)

    def result(self) -> Any:
        """Return the eligible, in the order of their keys, each with the grid whose votes count."""
        grid_of = dict(Team.objects.values_list("pk", "grid"))
        return sorted([*row[:2], grid_of[row[2]], *row[3:-1]] for row in self.rows)


class ScoreRollups(Scoring):
    """From the yearly roll-up."""

    def run(self) -> None:
        """Score."""
        self.rows = scoring.score_from_rollups(self.round, eligible_only=True)


class ScoreParticipations(Scoring):
    """From the participations of read months."""

    def run(self) -> None:
        """Score."""
        self.rows = scoring.score_from_participations(self.round, eligible_only=True)


class ScoreBySql(Scoring):
    """The reference: one statement, written by hand for the partial covering index and nothing else."""

    STATEMENT = """
        SELECT whole.volunteer_id, volunteer.township_id, whole.grid_id, whole.minutes, whole.services,
               tally.satisfied, tally.satisfied + tally.fairly_satisfied + tally.dissatisfied, 1
        FROM (
            SELECT volunteer_id, CAST(SUM(minutes) AS INTEGER) AS minutes, CAST(SUM(services) AS INTEGER) AS services,
                   100000 - CAST(
                       MAX(services * 100000000000 + minutes * 100000 + 100000 - grid_id) %% 100000 AS INTEGER
                   ) AS grid_id
            FROM (
                SELECT volunteer_id, grid_id,
                       CAST(SUM(minutes) AS BIGINT) AS minutes, CAST(SUM(services) AS BIGINT) AS services
                FROM (
                    SELECT volunteer_id, team_id, SUM(minutes) AS minutes, COUNT(*) AS services
                    FROM services_participation WHERE counted AND date BETWEEN '2025-01-01' AND '2025-12-31'
                    GROUP BY volunteer_id, team_id
                ) AS per_team
                JOIN grids_team AS team ON team.id = per_team.team_id
                GROUP BY volunteer_id, grid_id
            ) AS per_grid
            GROUP BY volunteer_id HAVING SUM(minutes) >= 18000 OR SUM(services) >= 100
        ) AS whole
        JOIN volunteers_volunteer AS volunteer ON volunteer.id = whole.volunteer_id
        JOIN services_ballottally AS tally
            ON tally.round_id = %s AND tally.grid_id = whole.grid_id AND tally.volunteer_id = whole.volunteer_id
        WHERE tally.satisfied * 100 > 80 * (tally.satisfied + tally.fairly_satisfied + tally.dissatisfied)
    """

    def run(self) -> None:
        """Score."""
        with connection.cursor() as cursor:
            cursor.execute(self.STATEMENT, [self.round.pk])
            self.rows = cursor.fetchall()

    def result(self) -> Any:
        """Return the eligible, in the order of their keys: the statement names the grids itself."""
        return sorted(list(row[:-1]) for row in self.rows)


class ReadMonth(Work):
    """A township's submitted month marked as read with all that follows, and taken back."""

    def __init__(self, rollups: bool = True) -> None:
        """Take the township and month with the most months waiting; ``rollups=False`` leaves the figures alone."""
        self.rollups = rollups
        waiting = MonthlyReport.objects.filter(state="submitted").order_by()
        most = waiting.values("township", "month").annotate(reports=Count("pk")).order_by("-reports", "township")[0]
        self.reports = waiting.filter(township=most["township"], month=most["month"])
        self.reviewer = User.objects.filter(role=Role.REVIEWER, township=None).order_by("pk")[0]

    def run(self) -> None:
        """Read the month, and roll back."""
        with ExitStack() as stack:
            if not self.rollups:
                stack.enter_context(mock.patch.object(rollup, "add"))
            stack.enter_context(transaction.atomic())
            self.read()
            transaction.set_rollback(True)

    def read(self) -> int:
        """Read the month, and return how many reports were plain enough."""
        return read_plain_months(self.reports, by=self.reviewer).read

    def result(self) -> int:
        """Return how many reports are read; with that the roll-ups equal the records."""
        with transaction.atomic():
            read = self.read()
            if not read or rollup.differences():
                raise RuntimeError("No month was read, or the roll-ups do not equal the records.")
            transaction.set_rollback(True)
        return read
