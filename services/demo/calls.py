"""Who was called for the requests that the shown team is busy with: one did not answer, the next one comes."""

from datetime import timedelta

from grids.models import Membership
from services.demo.users import Offices
from services.models import CallAttempt, HelpRequest, RequestStep

SHOWN = 2
RESULTS = (CallAttempt.Result.NO_ANSWER, CallAttempt.Result.COMES)
MINUTES_BETWEEN = 4


def call_members(offices: Offices) -> None:
    """Call members of the leader's team for its first requests that were received and are not done."""
    requests = HelpRequest.objects.open().filter(team=offices.leaders_team, answered_at__isnull=False)
    members = Membership.objects.current().filter(team=offices.leaders_team, role=Membership.Role.MEMBER)
    people = list(members.select_related("volunteer").order_by("pk")[: len(RESULTS)])
    for request in requests.order_by("pk")[:SHOWN]:
        calls = [
            CallAttempt(
                request=request,
                team=member.team,
                volunteer=member.volunteer,
                result=result,
                by_id=offices.leader,
                at=request.answered_at + timedelta(minutes=MINUTES_BETWEEN * number),
            )
            for number, (member, result) in enumerate(zip(people, RESULTS, strict=False), start=1)
        ]
        CallAttempt.objects.bulk_create(calls)
        RequestStep.objects.bulk_create(
            RequestStep(
                request=request,
                kind=RequestStep.Kind.CALL_MISSED,
                actor=RequestStep.Actor.OFFICE,
                by_id=offices.leader,
                team_id=call.team_id,
                text=f"{call.volunteer.name}: {call.get_result_display()}",
                at=call.at,
            )
            for call in calls
            if call.result != CallAttempt.Result.COMES
        )
