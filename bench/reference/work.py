"""What the stock project is timed at: its changelists, the bare views, and its form with five participants."""

import datetime as dt
import re
import uuid
from typing import Any

from django.utils import timezone

from bench.board import largest_township, tiles_in
from bench.case import Page, Work, signed_in
from bench.due import busiest_township, lanes_in
from bench.reference.models import Category, Membership, Participation, Report, ServiceLog


class StockPage(Page):
    """A page of the stock project, fetched by an administrator."""

    path: str

    def __init__(self, query: str = "") -> None:
        """Sign in."""
        super().__init__(signed_in("admin"), self.path + query)


class AdminVolunteers(StockPage):
    """The stock admin's changelist of volunteers."""

    path = "/admin/reference/volunteer/"

    def found(self, html: str) -> list[int]:
        """Return the volunteers' keys, in the order of the page."""
        return [int(key) for key in re.findall(r"reference/volunteer/([0-9]+)/change", html)]


class BareVolunteers(AdminVolunteers):
    """The bare view of the same rows."""

    path = "/volunteers/"


class AdminLogs(StockPage):
    """The stock admin's changelist of service logs."""

    path = "/admin/reference/servicelog/"

    def found(self, html: str) -> list[int]:
        """Return the logs' keys, in the order of the page."""
        return [int(key) for key in re.findall(r"reference/servicelog/([0-9]+)/change", html)]


class BareLogs(AdminLogs):
    """The bare view of the same rows."""

    path = "/logs/"


class BareDesk(StockPage):
    """The bare view of a township's month."""

    path = "/desk/"

    def found(self, html: str) -> list[int]:
        """Return the reports' keys."""
        return sorted(int(key) for key in re.findall(r'href="/reports/([0-9]+)/', html))


class BareProgress(StockPage):
    """The bare view of the city's month."""

    path = "/progress/"

    def found(self, html: str) -> list[int]:
        """Return the townships' keys."""
        return sorted(int(key) for key in re.findall(r'href="/townships/([0-9]+)/', html))


class BareCity(StockPage):
    """The bare view of the city's coverage."""

    path = "/city/"

    def found(self, html: str) -> list[list[str]]:
        """Return each township's counts by state."""
        pattern = r'href="/townships/([0-9]+)/\?state=([a-z_]+)">[^<]*<b>([0-9]+)</b>'
        return sorted([*found] for found in re.findall(pattern, html))


class BareTiles(StockPage):
    """The bare view of a township's grids."""

    path = "/tiles/"

    def __init__(self) -> None:
        """Sign in; the township is the one with the most grids."""
        super().__init__(f"?township={largest_township()}")

    def found(self, html: str) -> list[list[str]]:
        """Return the state of each grid."""
        return tiles_in(html)


class BareDue(StockPage):
    """The bare view of what is due, of the city or of a township."""

    path = "/due/"

    def __init__(self, of_township: bool = False) -> None:
        """Sign in; the township is the one with the most open requests."""
        super().__init__(f"?township={busiest_township()}" if of_township else "")

    def found(self, html: str) -> list[list[Any]]:
        """Return each lane with the keys of its requests."""
        return lanes_in(html)


class AdminSaveLog(Work):
    """A new log with five participants, saved by the stock admin's form with inlines."""

    def __init__(self) -> None:
        """Take teams of at least five, one for each run."""
        self.client = signed_in("admin")
        self.day = timezone.localdate() - dt.timedelta(days=1)
        reports = Report.objects.filter(month=self.day.replace(day=1), state="open").select_related("team")
        self.reports = reports.order_by("pk").iterator()
        self.category = Category.objects.order_by("pk")[0].pk

    def before(self) -> None:
        """Fill in the form of the next team."""
        while True:
            report = next(self.reports)
            people = list(Membership.objects.filter(team=report.team_id, left_on__isnull=True)[:5])
            if len(people) == 5:
                break
        self.form = self.filled_in(report, [membership.volunteer_id for membership in people])

    def filled_in(self, report: Report, volunteers: list[int]) -> dict[str, Any]:
        """Return the fields of the admin's form: eleven to noon, everybody for an hour."""
        day = f"{self.day:%Y-%m-%d}"
        times = {"starts_at_0": day, "starts_at_1": "11:00", "ends_at_0": day, "ends_at_1": "12:00"}
        form = {
            "key": str(uuid.uuid4()),
            "fingerprint": "-",
            "team": report.team_id,
            "township": report.team.township_id,
            "report": report.pk,
            "date": day,
            **times,
            "minutes": 60,
            "category": self.category,
            "place": "",
            "recipient": "bench",
            "people_served": 1,
            "content": "stock",
            "withdrawn_reason": "",
            "recorded_by": self.client.session["_auth_user_id"],
            "participations-TOTAL_FORMS": len(volunteers),
            "participations-INITIAL_FORMS": 0,
            "_save": "1",
        }
        for number, volunteer in enumerate(volunteers):
            inline = {"volunteer": volunteer, "team": report.team_id, "minutes": 60, "date": day, **times}
            form |= {f"participations-{number}-{name}": value for name, value in inline.items()}
        return form

    def run(self) -> None:
        """Send the form."""
        self.response = self.client.post("/admin/reference/servicelog/add/", self.form)

    def result(self) -> list[int]:
        """Return what was saved last: minutes and number of participants."""
        if self.response.status_code != 302:
            raise RuntimeError("The stock admin refused the form.")
        log = ServiceLog.objects.filter(content="stock").order_by("-pk")[0]
        return [log.minutes, Participation.objects.filter(log=log).count()]
