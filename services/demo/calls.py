"""Who was called for the requests that the shown team is busy with: one did not answer, the next one comes."""

from datetime import datetime, timedelta

from grids.models import Membership
from services.demo.users import Offices
from services.models import CallAttempt, HelpRequest, RequestStep

SHOWN = 2
RESULTS = (CallAttempt.Result.NO_ANSWER, CallAttempt.Result.COMES)
MINUTES_BETWEEN = 4


def call_members(offices: Offices) -> None:
    """Let the leader call members of the team for its first requests that were received and are not done."""
    leader, team = offices.leader, offices.leaders_team
    if leader is None or team is None:
        return
    requests = HelpRequest.objects.open().filter(team=team).order_by("pk")
    members = Membership.objects.current().filter(team=team, role=Membership.Role.MEMBER)
    people = list(members.select_related("volunteer").order_by("pk")[: len(RESULTS)])
    for request in requests.filter(answered_at__isnull=False)[:SHOWN]:
        since: datetime = request.answered_at  # type: ignore[assignment]  # only such were asked for
        calls = [
            CallAttempt(
                request=request,
                team_id=team,
                volunteer=member.volunteer,
                result=result,
                by_id=leader,
                at=since + timedelta(minutes=MINUTES_BETWEEN * number),
            )
            for number, (member, result) in enumerate(zip(people, RESULTS, strict=False), start=1)
        ]
        CallAttempt.objects.bulk_create(calls)
        RequestStep.objects.bulk_create(
            RequestStep(
                request=request,
                kind=RequestStep.Kind.CALL_MISSED,
                actor=RequestStep.Actor.OFFICE,
                by_id=leader,
                team_id=team,
                text=f"{call.volunteer.name}: {call.get_result_display()}",
                at=call.at,
            )
            for call in calls
            if call.result != CallAttempt.Result.COMES
        )
