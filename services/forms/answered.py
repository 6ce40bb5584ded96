"""What the form of a log begins with when it is opened from a request: whatever is known of the service already."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from services.domain.call_attempt import who_comes
from services.domain.entry import LONGEST, SHORTEST
from services.models import HelpRequest


def entry_for(request: HelpRequest) -> dict[str, Any]:
    """Return for whom and where, and, if somebody said so on the pager, from when to when and who took part.

    The service began when somebody arrived and has ended now; where that can be no service, the end is left to be
    typed, and both where the request was reopened: somebody arrived for the first service.
    Nobody is ticked who did not say that they come, unless nobody said anything.
    """
    begin: dict[str, Any] = {"request": request.pk, "recipient": request.caller, "place": request.place}
    if request.category_id is not None and not request.category.is_retired:
        begin["category"] = request.category_id
    coming = who_comes([request])[request.pk]
    if coming:
        begin["participants"] = [volunteer.pk for volunteer in coming]
    if request.arrived_at is not None and request.reopened_at is None:
        begin |= _times(request.arrived_at, timezone.now())
    return begin


def _times(arrived_at: datetime, now: datetime) -> dict[str, Any]:
    starts, ends = timezone.localtime(arrived_at), timezone.localtime(now)
    begin: dict[str, Any] = {"date": starts.date(), "starts": starts.time().replace(second=0, microsecond=0)}
    if timedelta(minutes=SHORTEST + 1) <= ends - starts <= timedelta(minutes=LONGEST):
        begin["ends"] = ends.time().replace(second=0, microsecond=0)
        begin["next_day"] = ends.date() > starts.date()
    return begin
