"""What the round of the team with a login has found: nobody at home, and a request of somebody who was called on."""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from grids.models import Membership, Team
from services.domain.clock import start
from services.domain.request import note_asked
from services.domain.request_notices import Notice
from services.models import HelpRequest, MissedVisit, SentMessage, ServiceLog, VisitPlan
from services.models.request import code_of, hash_of, place_key_of

FOUND = "床头的开关一碰就冒火花，请人来看看"


def leave(today: date, random: Random) -> None:
    """Let somebody have been out yesterday, and a request wait that was found on the team's last visit."""
    team = Team.objects.visible_to(User.objects.get(username="leader")).first()
    if team is None:
        return
    leader = User.objects.get(username="leader")
    plan = VisitPlan.objects.running().filter(team=team).order_by("-pk").first()
    if plan is not None:
        MissedVisit.objects.create(plan=plan, day=today - timedelta(days=1), recorded_by=leader)
    visits = ServiceLog.objects.standing().filter(team=team, visit__isnull=False).select_related("team__grid")
    log = visits.order_by("-date", "-id").first()
    if log is not None:
        request = _found(log, timezone.make_aware(datetime.combine(today - timedelta(days=1), time(16, 40))), leader)
        request.key = UUID(int=random.getrandbits(128), version=4)
        request.code_hash = hash_of(code_of(request.key))
        start(request)
        request.save(force_insert=True)
        note_asked(request)
        _text(request, team)


def _text(request: HelpRequest, team: Team) -> None:
    """Let the leader have had a text about it, and another one have failed."""
    leader = Membership.objects.current().get(team=team, role="leader").volunteer
    sent = {"work_state": SentMessage.WorkState.DONE, "work_attempts": 1, "sent_at": request.asked_at}
    failed = {"work_state": SentMessage.WorkState.FAILED, "work_attempts": 3, "error": "通道暂停"}
    for kind, came in ((Notice.NEW, sent), (Notice.DUE_SOON, failed)):
        SentMessage.objects.create(
            request=request,
            volunteer=leader,
            kind=kind,
            phone_masked=leader.masked_phone,
            created_at=request.asked_at,
            **came,
        )


def _found(log: ServiceLog, asked: datetime, leader: User) -> HelpRequest:
    grid = log.team.grid
    return HelpRequest(
        township_id=grid.village.township_id,
        village_id=grid.village_id,
        grid=grid,
        team=log.team,
        handed_at=asked,
        caller=log.recipient,
        place=log.place,
        place_key=place_key_of(log.place),
        channel=HelpRequest.Channel.VISIT,
        urgency=HelpRequest.Urgency.NORMAL,
        content=FOUND,
        found_on=log,
        asked_at=asked,
        recorded_by=leader,
        recorded_at=asked,
    )
