"""A step of a request is written down, within the event that takes it."""

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from grids.models import Team
from services.domain.request_notices import moved_on
from services.models import HelpRequest, RequestStep
from services.models.request_step import TEXT_LIMITS

Actor, Kind = RequestStep.Actor, RequestStep.Kind


def note(
    request: HelpRequest,
    kind: RequestStep.Kind,
    *,
    by: User | None = None,
    actor: RequestStep.Actor | None = None,
    team: Team | None = None,
    text: str = "",
    at: datetime | None = None,
) -> RequestStep:
    """Add a step to the time line of a stored request: of ``by``, or else of ``actor``, usually a resident.

    Nobody is reminded any more of what the step has answered.
    """
    moved_on(request, kind)
    return RequestStep.objects.create(
        request=request,
        kind=kind,
        actor=Actor.OFFICE if by is not None else actor or Actor.RESIDENT,
        by=by,
        team=team,
        text=text[: TEXT_LIMITS["text"]],
        at=at or timezone.now(),
    )
