"""A team's round prepared for the page: words, times and addresses, so that the template only prints."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from grids.models import Team
from services.domain.month import last_day
from services.domain.task import listed
from services.domain.visit_round import Stop
from services.forms.visit_round import RoundForm
from services.models import HelpRequest, ServiceCategory, ServiceLog
from services.models.visit_plan import VISIT
from services.month_rows import round_rows


def stop_rows(stops: Iterable[Stop], form: RoundForm) -> list[dict[str, Any]]:
    """Prepare the stops: how each plan stands, its key and its note."""
    stops = list(stops)
    rows = round_rows(stop.round for stop in stops)
    return [
        row
        | {
            "was_out": stop.was_out,
            "key": form[f"key_{stop.round.plan.pk}"],
            "note": form[f"note_{stop.round.plan.pk}"],
        }
        for row, stop in zip(rows, stops, strict=True)
    ]


def visited_rows(logs: Iterable[ServiceLog], found: Iterable[HelpRequest]) -> list[dict[str, Any]]:
    """Prepare today's visits with the requests that were found on them, as far as the reader sees these."""
    requests: dict[int | None, list[HelpRequest]] = defaultdict(list)
    for request in found:
        requests[request.found_on_id].append(request)
    return [{"log": log, "time": log_time(log), "found": requests[log.pk]} for log in logs]


def log_time(log: ServiceLog) -> str:
    """Return from when to when a service was: 14:00–14:30."""
    return f"{timezone.localtime(log.starts_at):%H:%M}–{timezone.localtime(log.ends_at):%H:%M}"


def seen_url(team: Team, today: date) -> str:
    """Return where the month's visits of the team are listed."""
    category = ServiceCategory.objects.filter(code=VISIT).values_list("pk", flat=True).first()
    first = today.replace(day=1)
    return listed(
        "services:log_list", team=team.pk, category=category, since=first, until=last_day(first), state="standing"
    )
