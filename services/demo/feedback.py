"""What residents said about volunteers: answered in time and late, waiting, overdue, and of a badge that was void."""

from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from areas.working_days import add_working_days
from services.demo.scale import Calendar
from services.models import Feedback
from services.models.feedback import code_of, hash_of
from volunteers.models import Badge, Volunteer

Kind = Feedback.Kind
# kind, words, how many days ago, after how many days it was answered (None: not yet), answer
SAID = (
    (Kind.PRAISE, "台风后第二天就来帮忙清理院子，一口水都没喝，谢谢。", 95, 2, "已转达，谢谢您的肯定。"),
    (Kind.PRAISE, "给老人量血压很耐心，还把用药写成大字贴在墙上。", 61, 1, "感谢表扬，我们在队里通报了。"),
    (Kind.SUGGESTION, "走访最好提前一天打个电话，白天家里常没人。", 47, 3, "建议很好，已要求服务队提前联系。"),
    (
        Kind.COMPLAINT,
        "答应周六来修水管，没来也没有电话。",
        40,
        15,
        "当天临时抢险，没有及时告知，已道歉并修好。",
    ),
    (Kind.SUGGESTION, "能不能把服务时间也写在联系卡上？", 20, 4, "已列入下次印制内容。"),
    (Kind.COMPLAINT, "上门时没有戴义工证，问了才说。", 16, None, ""),
    (Kind.PRAISE, "帮我们调解了宅基地的纠纷，两家都服气。", 3, None, ""),
    (Kind.COMPLAINT, "有人拿着旧义工证上门推销，请核实。", 1, None, ""),
)


def leave(calendar: Calendar, random: Random) -> None:
    """Let residents of the shown township speak up."""
    staff = User.objects.filter(username="staff").first()
    if staff is None or calendar.today > timezone.localdate():
        return
    badges = _badges(staff, random)
    if badges:
        Feedback.objects.bulk_create(
            _said(badges[number % len(badges)], line, calendar, staff, random, is_void=number == len(SAID) - 1)
            for number, line in enumerate(SAID)
        )


def _badges(staff: User, random: Random) -> list[Badge]:
    """Draw some badges of the township's members."""
    members = Volunteer.objects.active().in_a_team().filter(township=staff.township_id).order_by("pk")[:40]
    badges = Badge.objects.issued().select_related("volunteer").filter(volunteer__in=list(members)).order_by("pk")
    return random.sample(list(badges), min(5, len(badges)))


def _said(
    badge: Badge,
    line: tuple[str, str, int, int | None, str],
    calendar: Calendar,
    staff: User,
    random: Random,
    *,
    is_void: bool,
) -> Feedback:
    kind, text, ago, answered_after, answer = line
    came = timezone.make_aware(datetime.combine(calendar.today - timedelta(days=ago), time(9 + ago % 10, 20)))
    day = came.date()
    membership = badge.volunteer.memberships.filter(left_on__isnull=True).first()
    key = UUID(int=random.getrandbits(128), version=4)
    return Feedback(
        volunteer=badge.volunteer,
        badge=badge,
        badge_standing=Badge.Standing.VOID if is_void else Badge.Standing.VALID,
        team_id=membership.team_id if membership else None,
        township_id=badge.volunteer.township_id,
        key=key,
        code_hash=hash_of(code_of(key)),
        kind=kind,
        text=text,
        phone=f"139{random.randrange(10**8):08}" if kind == Kind.COMPLAINT else "",
        made_at=came,
        due_on=add_working_days(day, settings.FEEDBACK_WORKING_DAYS).day,
        answer=answer,
        answered_by=staff if answer else None,
        answered_at=came + timedelta(days=answered_after) if answered_after is not None else None,
    )
