"""Deadlines of requests that were set: for what can wait, and shorter ones in the township that tries them."""

from datetime import date, datetime, time

from django.utils import timezone

from accounts.models import User
from areas.models import Township
from services.domain.deadline import DAY, HOUR, Minutes
from services.models import HelpRequest, RequestDeadline

URGENT, _NORMAL, LOW = HelpRequest.Urgency


def set_up(townships: list[Township], admin: User, today: date) -> None:
    """Set the city's for what can wait, and let the last of several townships answer what is urgent sooner."""
    on = timezone.make_aware(datetime.combine(today, time(9, 30)))
    _set(None, LOW, Minutes(DAY, 3 * DAY, 10 * DAY, 4 * HOUR, 3 * DAY), "不急的事放宽到十天，免得催得太紧。", admin, on)
    if len(townships) > 1:
        reason = "先行先试：紧急求助二十分钟内答复，三个月后评估。"
        _set(townships[-1], URGENT, Minutes(20, 90, DAY, 5, HOUR), reason, admin, on)


def _set(township: Township | None, urgency: str, minutes: Minutes, reason: str, by: User, on: datetime) -> None:
    RequestDeadline.objects.create(
        township=township, urgency=urgency, number=1, reason=reason, set_by=by, set_at=on, **minutes.as_columns()
    )
