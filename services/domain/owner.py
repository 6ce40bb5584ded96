"""No request without an owner: who has the open requests, and whether anybody is there to act on them.

A team that was dissolved has none (``services.domain.grid``); should one be left with some, the night gives them to the
office. Who is reminded of what else is missing is in ``services.domain.reminders``.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count
from django.utils.translation import gettext as _

from grids.models import Team
from services.domain.dispatch import return_to_office
from services.models import HelpRequest


@dataclass(frozen=True)
class Held:
    """How many open requests a team has, or where ``team`` is None the office of ``township``, by their keys."""

    township: int
    team: int | None
    name: str
    is_active: bool
    requests: int


def held_by() -> Iterator[Held]:
    """Say who has open requests, in one query."""
    rows = HelpRequest.objects.open().order_by("township", "team")
    counted = rows.values_list("township", "team", "team__name", "team__state").annotate(Count("pk"))
    for township, team, name, state, requests in counted:
        yield Held(township, team, name or "", state == Team.State.ACTIVE, requests)


def take_back_from_dissolved() -> int:
    """Give the office what a team that was dissolved still has; return how many that were."""
    left = HelpRequest.objects.open().filter(team__state=Team.State.DISSOLVED)
    return return_to_office(list(left.values_list("pk", flat=True)), reason=_("The team was dissolved."), by=None)
