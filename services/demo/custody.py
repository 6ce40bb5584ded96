"""What residents handed over for errands: most of it returned, some out, and one thing for much too long."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from services.demo.names import villager
from services.domain.clock import Clock, hold, meet, start
from services.models import CustodyItem, HelpRequest, RequestStep
from services.models.request import code_of, hash_of
from volunteers.models import Volunteer

# What is handed over, its kind and fen; where it goes; what comes back if it is not the thing itself.
THINGS = (
    ("身份证1张、户口簿1本", "papers", None, "镇便民服务中心社保窗口", ""),
    ("代缴电费", "money", 20_000, "供电营业厅", "发票1张、余款"),
    ("社保卡1张", "papers", None, "农商银行营业部", ""),
    ("代购药品", "money", 15_000, "", "药品、小票和余款"),
    ("老年优待证申请表1份、照片2张", "papers", None, "镇老龄办", "老年优待证1本"),
    ("土地承包合同复印件1份", "papers", None, "村民委员会", ""),
    ("修理的收音机1台", "other", None, "", ""),
)
RETURNED_EVERY, MOST, MOST_OUT = 3, 900, 200
OLD_DAYS = 24


def hand_over(staff: User, today: date, random: Random) -> None:
    """Let residents of all townships have handed something over, and one of the township that the logins look at."""
    _leave_one_old(staff, today, random)
    leaders: dict[int | None, int] = dict(
        Volunteer.objects.filter(memberships__left_on__isnull=True, memberships__role="leader").values_list(
            "memberships__team", "pk"
        )
    )
    is_errand = Q(category__code="errand") | Q(content__contains="代") | Q(content__contains="认证")
    errands = HelpRequest.objects.filter(is_errand, custody__isnull=True)
    latest = errands.filter(team__isnull=False).order_by("-asked_at", "-pk")
    morning = timezone.make_aware(datetime.combine(today, time()))
    settled, waiting = latest.filter(state=HelpRequest.State.RESOLVED), latest.open()
    items = [
        *_taken(settled[:MOST:RETURNED_EVERY], leaders, morning, random, is_returned=True),
        *_taken(waiting[:MOST_OUT], leaders, morning, random, is_returned=False),
    ]
    CustodyItem.objects.bulk_create(items)
    RequestStep.objects.bulk_create(step for item in items for step in _steps(item))


def _taken(
    requests: Iterable[HelpRequest],
    leaders: dict[int | None, int],
    morning: datetime,
    random: Random,
    *,
    is_returned: bool,
) -> Iterator[CustodyItem]:
    """Yield what was handed over; what is still out is told as of the morning, so that each building says the same."""
    for asked in requests:
        what, kind, fen, office, came_back = random.choice(THINGS)
        end = asked.closed_at if is_returned and asked.closed_at else max(asked.asked_at, morning)
        received = min(asked.asked_at + timedelta(minutes=random.randrange(5, 90, 5)), end)
        span = end - received
        item = CustodyItem(
            key=UUID(int=random.getrandbits(128), version=4),
            request=asked,
            kind=kind,
            what=what,
            fen=fen,
            from_whom=asked.caller,
            received_at=received,
            received_by_id=leaders.get(asked.team_id),
            recorded_by=asked.recorded_by or User.objects.get(username="staff"),
            recorded_at=received,
        )
        if office and (is_returned or random.random() < 0.5):
            item.submitted_to, item.submitted_at = office, received + span * 0.4
        if is_returned:
            item.returned_to, item.returned_what, item.returned_at = asked.caller, came_back, received + span * 0.9
            item.returned_by_id, item.return_recorded_by = leaders.get(asked.team_id), item.recorded_by
        yield item


def _leave_one_old(staff: User, today: date, random: Random) -> None:
    """Keep one errand of the leader's team open for weeks: the office has the papers, the resident is waited for."""
    leader = Volunteer.objects.filter(user__username="leader", memberships__left_on__isnull=True).first()
    team = leader.memberships.get(left_on__isnull=True).team if leader is not None else None
    if leader is None or team is None:
        return
    asked_at = timezone.make_aware(datetime.combine(today - timedelta(days=OLD_DAYS), time(9, 20)))
    key = UUID(int=random.getrandbits(128), version=4)
    asked = HelpRequest(
        key=key,
        code_hash=hash_of(code_of(key)),
        township_id=team.township_id,
        village=team.grid.village,
        grid=team.grid,
        team=team,
        handed_at=asked_at,
        caller=villager(random),
        phone=f"1990000{random.randrange(10_000):04}",
        channel=HelpRequest.Channel.IN_PERSON,
        content="腿脚不便，托队里代办残疾人证换证，原证和照片已交给队长",
        asked_at=asked_at,
        recorded_by=staff,
        recorded_at=asked_at,
    )
    asked.phone_key = asked.phone
    start(asked)
    meet(asked, Clock.ARRIVE, asked_at + timedelta(minutes=50))
    submitted_at = asked_at + timedelta(hours=5)
    hold(asked, submitted_at)
    item = CustodyItem(
        key=UUID(int=random.getrandbits(128), version=4),
        request=asked,
        what="残疾人证1本、一寸照片2张",
        from_whom=asked.caller,
        received_at=asked_at + timedelta(minutes=50),
        received_by=leader,
        recorded_by=staff,
        recorded_at=asked_at + timedelta(hours=1),
        submitted_to="市残联办证窗口",
        submitted_at=submitted_at,
    )
    HelpRequest.objects.bulk_create([asked])
    CustodyItem.objects.bulk_create([item])
    kinds = RequestStep.Kind
    moments = (
        (kinds.ASKED, asked_at, asked.content),
        (kinds.DISPATCHED, asked_at, ""),
        (kinds.ARRIVED, item.received_at, ""),
        (kinds.WAITING, submitted_at, "等市残联办结"),
    )
    steps = [_step(asked, staff, kind, at, text) for kind, at, text in moments]
    RequestStep.objects.bulk_create([*steps, *_steps(item)])


def _steps(item: CustodyItem) -> Iterator[RequestStep]:
    kinds = RequestStep.Kind
    for kind, at, text in (
        (kinds.CUSTODY_TAKEN, item.received_at, item.named),
        (kinds.CUSTODY_SUBMITTED, item.submitted_at, f"{item.named} → {item.submitted_to}"),
        (kinds.CUSTODY_RETURNED, item.returned_at, item.returned_what or item.named),
    ):
        if at is not None:
            yield _step(item.request, item.recorded_by, kind, at, text)


def _step(asked: HelpRequest, by: User, kind: RequestStep.Kind, at: datetime, text: str) -> RequestStep:
    return RequestStep(
        request=asked, kind=kind, actor=RequestStep.Actor.OFFICE, by=by, team=asked.team, text=text, at=at
    )
