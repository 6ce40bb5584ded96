"""The visit plans of the demo: whom some teams call on regularly, and which of their services were such visits."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from random import Random

from services.demo.load import stamp
from services.demo.logs import Service
from services.demo.scale import Calendar
from services.demo.teams import DemoTeam
from services.models.visit_plan import VISIT, key_of_recipient

PLAN_FIELDS = (
    "id", "team_id", "recipient", "recipient_key", "place", "every_days", "starts_on", "note", "recorded_by_id",
    "recorded_at",
)  # fmt: skip
VISIT_FIELDS = ("id", "plan_id", "log_id")
RHYTHMS = (7, 14, 14, 30)
NOTES = ("", "", "独居，耳背，多敲几下门", "提醒按时吃药", "子女在外地")
# The latest recipients of a team's visits become its round; they were visited before, so plans begin earlier.
PLANS_A_TEAM, SINCE = 3, 120


class Visits:
    """Notes the visits of some teams while the services are written; the plans follow from the latest of them."""

    def __init__(self, calendar: Calendar, plans: count, visits: count, random: Random) -> None:
        """Take where the keys go on."""
        self.calendar, self.plans, self.visits, self.random = calendar, plans, visits, random
        self.found: dict[int, dict[str, list[Service]]] = {}
        self.first = calendar.today - timedelta(days=SINCE)

    def see(self, service: Service, shown: int | None) -> None:
        """Remember a late visit of a team that keeps plans: every third, and the one that has a login."""
        keeps = service.team.pk % 3 == 0 or service.team.pk == shown
        if keeps and service.category == VISIT and not service.withdrawn and service.day >= self.first:
            of_team = self.found.setdefault(service.team.pk, {})
            of_team.setdefault(key_of_recipient(service.recipient), []).append(service)

    def rows(self, recorder: int, teams: list[DemoTeam]) -> tuple[list[tuple], list[tuple]]:
        """Return the plans and the visits in the order of their fields; dissolved teams have none."""
        standing = {team.pk for team in teams if team.state == "active"}
        plans: list[tuple] = []
        visits: list[tuple] = []
        for team, recipients in sorted(self.found.items()):
            if team in standing:
                for key, services in list(recipients.items())[-PLANS_A_TEAM:]:
                    plans.append(self._plan(team, key, services, recorder))
                    visits += self._visits(plans[-1][0], services)
        return plans, visits

    def _plan(self, team: int, key: str, services: list[Service], recorder: int) -> tuple:
        first = services[0]
        return (
            next(self.plans), team, first.recipient, key, first.place, self.random.choice(RHYTHMS), first.day,
            self.random.choice(NOTES), recorder, stamp(first.day, 20 * 60),
        )  # fmt: skip

    def _visits(self, plan: int, services: list[Service]) -> Iterator[tuple]:
        for service in services:
            yield next(self.visits), plan, service.pk
