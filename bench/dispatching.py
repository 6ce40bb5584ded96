"""Requests opened at the office and given to a team, beside the same rows inserted without any rule.

Each request is noted in a village without its grid, so that the office has it, and then given to a team. Both sides
write the request, its time line, the notices and the audit trail.
"""

from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from accounts.audit import caused_by
from accounts.models import Reminder, User
from accounts.rights import Role
from bench.case import Work
from grids.models import Membership, Team
from services.domain.dispatch import hand_to_team
from services.domain.request import open_request
from services.models import HelpRequest, RequestStep

REQUESTS = 40
Kind = RequestStep.Kind


class Dispatched(Work):
    """Requests that come in and go to teams; ``rules=False`` inserts the same rows and asks nothing."""

    def __init__(self, rules: bool = True) -> None:
        """Choose teams, and who notes the requests."""
        self.rules = rules
        self.by = User.objects.filter(role=Role.TOWNSHIP_STAFF).order_by("pk")[0]
        teams = Team.objects.active().filter(township=self.by.township_id).select_related("grid__village", "township")
        self.teams = list(teams.order_by("pk")[:REQUESTS])
        self.people = self.told()

    def told(self) -> dict[int, list[int]]:
        """Return who is told of a request of each team: its leaders with an account, else the office's others."""
        office = User.objects.filter(role=Role.TOWNSHIP_STAFF, township=self.by.township_id, is_active=True)
        others = list(office.exclude(pk=self.by.pk).values_list("pk", flat=True))
        leading: dict[int, list[int]] = {}
        rows = Membership.objects.leading_with_account().filter(team__in=self.teams)
        for team, user in rows.values_list("team", "volunteer__user"):
            leading.setdefault(team, []).append(user)
        return {team.pk: leading.get(team.pk, others) for team in self.teams}

    def before(self) -> None:
        """Begin without requests of earlier runs in sight."""
        self.since = timezone.now()

    def run(self) -> None:
        """Open and dispatch them one by one."""
        for number in range(REQUESTS):
            team = self.teams[number % len(self.teams)]
            said: dict[str, Any] = {"caller": "bench", "content": f"yiwang {number}", "phone": "19900001234"}
            if self.rules:
                opened = open_request(key=uuid4(), village=team.grid.village, by=self.by, **said)
                hand_to_team(opened.request, team=team, version=opened.request.version, by=self.by)
            else:
                self.insert(team, said)

    def insert(self, team: Team, said: dict[str, Any]) -> None:
        """Write the rows that the two events leave, in two transactions, and check nothing."""
        now, key = timezone.now(), uuid4()
        with transaction.atomic(), caused_by(by=self.by, event="open_request"):
            request = HelpRequest(
                key=key,
                code_hash=f"{key.hex}{key.hex}",
                township_id=team.township_id,
                village=team.grid.village,
                asked_at=now,
                phone_key=said["phone"],
                answer_due_at=now,
                arrive_due_at=now,
                resolve_due_at=now,
                due_at=now,
                recorded_by=self.by,
                **said,
            )
            request.save(force_insert=True)
            step = {"request": request, "actor": RequestStep.Actor.OFFICE, "by": self.by}
            RequestStep.objects.create(kind=Kind.ASKED, text=said["content"], **step)
            self.remind(request, "no_team", self.people[team.pk])
        with transaction.atomic(), caused_by(by=self.by, event="hand_to_team"):
            request = HelpRequest.objects.get(pk=request.pk)
            request.team, request.handed_at = team, now
            request.save()
            RequestStep.objects.create(kind=Kind.DISPATCHED, team=team, **step)
            self.remind(request, "new", self.people[team.pk])

    def remind(self, request: HelpRequest, kind: str, people: list[int]) -> None:
        """Write the notices."""
        Reminder.objects.bulk_create(
            Reminder(
                user_id=person,
                kind="request",
                key=f"request:{request.pk}:{kind}",
                text="New request for help: %(about)s. Answer it.",
                url=request.get_absolute_url(),
                params={"about": str(request.village), "due": request.due_at.isoformat()},
            )
            for person in people
        )

    def result(self) -> list[int]:
        """Return how many requests and steps the last run left."""
        made = HelpRequest.objects.filter(recorded_at__gte=self.since, caller="bench", team__isnull=False)
        return [made.count(), RequestStep.objects.filter(request__in=made.order_by()).count()]
