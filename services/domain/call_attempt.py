"""拨叫: the members of the team that has a request are called, one after the other, until somebody comes.

Of several attempts for one member the latest counts. What a former team tried does not count, nor what was said before
the resident asked once more: it stays on the time line only.
"""

from collections.abc import Collection
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from grids.models import Membership
from grids.models.membership import MembershipQuerySet
from services.domain.pager import held_by_team
from services.domain.step import Kind, note
from services.models import CallAttempt, HelpRequest
from volunteers.models import Volunteer

Result = CallAttempt.Result
# The same said again within it is a second tap on the same button; after it, somebody has called once more.
SAME_CALL = timedelta(minutes=2)


@event
def note_call(request: HelpRequest, volunteer: Volunteer, *, result: str, by: User) -> CallAttempt:
    """Put down what came of calling a member of the team that has the request; said twice it is one attempt.

    Raises ``RuleBroken`` for somebody who is not in the team.
    """
    if result not in Result.values:
        raise RuleBroken(_("Choose what came of the call: no answer, cannot come, or comes."), field="result")
    request = held_by_team(request)
    member = members_of(request).filter(volunteer=volunteer).first()
    if member is None:
        raise RuleBroken(_("This person is not in the team any more. Call one of its present members."))
    now = timezone.now()
    latest = request.call_attempts.that_count().filter(volunteer=volunteer).last()
    if latest is not None and latest.result == result and (result != Result.NO_ANSWER or now - latest.at < SAME_CALL):
        return latest
    attempt = CallAttempt.objects.create(
        request=request, team_id=member.team_id, volunteer=volunteer, result=result, by=by, at=now
    )
    if result != Result.COMES:
        words = _("%(name)s: %(result)s") % {"name": volunteer.name, "result": Result(result).label}
        note(request, Kind.CALL_MISSED, by=by, team=request.team, text=words, at=now)
    return attempt


def members_of(request: HelpRequest) -> MembershipQuerySet:
    """Return who is in the team that has the request today, as its page orders them."""
    members = Membership.objects.on(timezone.localdate()).current().filter(team=request.team_id)
    return members.select_related("volunteer").order_by("role", "volunteer__name_pinyin", "id")


def latest_of(requests: Collection[HelpRequest]) -> dict[tuple[int, int], CallAttempt]:
    """Return the latest attempt for each request and member that counts, by the keys of both."""
    attempts = CallAttempt.objects.that_count().filter(request__in=[request.pk for request in requests])
    found = attempts.select_related("volunteer").only(
        "request_id", "volunteer__name", "result", "at", "team_id", "by_id"
    )
    return {(attempt.request_id, attempt.volunteer_id): attempt for attempt in found}


def who_comes(requests: Collection[HelpRequest]) -> dict[int, list[Volunteer]]:
    """Return who said that they come, request by request, in the order in which they said it."""
    coming: dict[int, list[Volunteer]] = {request.pk: [] for request in requests}
    for attempt in sorted(latest_of(requests).values(), key=lambda attempt: (attempt.at, attempt.pk)):
        if attempt.result == Result.COMES:
            coming[attempt.request_id].append(attempt.volunteer)
    return coming
