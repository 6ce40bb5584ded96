"""What happened after a month had been read: corrections, one granted and one that waits, a notice, an objection."""

from datetime import timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from services.demo.scale import Calendar
from services.domain.correction import ask_change, ask_strike, grant_correction
from services.domain.month import previous_month
from services.domain.notice import open_notice
from services.domain.objection import make_objection
from services.models import Correction, ServiceLog

EARLIER = timedelta(minutes=10)


def leave(calendar: Calendar, random: Random) -> None:
    """Let staff and reviewer correct two logs of the month before the last one, and show that month to everybody."""
    staff, reviewer = (User.objects.filter(username=name).first() for name in ("staff", "reviewer"))
    if staff is None or reviewer is None or staff.township is None or calendar.today > timezone.localdate():
        return
    month = previous_month(calendar.mixed)
    logs = ServiceLog.objects.visible_to(staff).counted().filter(report__month=month, minutes__gte=30)
    found = list(logs.order_by("pk")[:2])
    if len(found) < 2:
        return
    _ended_earlier(found[0], staff, _key(random))
    reason = "与另一条日志重复，核对纸质记录后确认。"
    # A granted change would write when it was granted into a log: the demo is the same each time.
    grant_correction(ask_strike(found[1], key=_key(random), reason=reason, by=staff), by=reviewer)
    notice = open_notice(staff.township, month, accept_missing=True, by=reviewer)
    make_objection(notice, key=_key(random), text="我们网格那次打扫，记得人数比公示的少，请核实。")


def _ended_earlier(log: ServiceLog, staff: User, key: UUID) -> Correction:
    """Ask for an end ten minutes earlier, as the paper says."""
    minutes = log.minutes - int(EARLIER.total_seconds()) // 60
    stayed = log.participations.values_list("volunteer", "minutes")
    return ask_change(
        log,
        key=key,
        reason="结束时间记错了，按纸质日志改正。",
        date=log.date,
        starts_at=log.starts_at,
        ends_at=log.ends_at - EARLIER,
        category=log.category,
        recipient=log.recipient,
        content=log.content,
        place=log.place,
        people_served=log.people_served,
        participants={pk: min(served, minutes) for pk, served in stayed},
        by=staff,
    )


def _key(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
