"""来电已办: somebody called, the team went, it is solved. The request and its log are written as one."""

import datetime
from collections.abc import Mapping
from uuid import UUID

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from grids.models import Team
from services.domain.log import Recorded, record_service
from services.domain.request import refuse_senseless
from services.models import HelpRequest, ServiceCategory

# The one form has one field for both.
FIELD_OF = {"caller": "recipient"}


@event
def serve_call(
    *,
    key: UUID,
    team: Team,
    date: datetime.date,
    starts_at: datetime.datetime,
    ends_at: datetime.datetime,
    category: ServiceCategory,
    recipient: str,
    content: str,
    participants: Mapping[int, int | None],
    place: str = "",
    people_served: int = 1,
    phone: str = "",
    channel: str = HelpRequest.Channel.PHONE,
    photos: UUID | None = None,
    by: User,
) -> Recorded:
    """Open the request of ``recipient``, who called, and record the service that resolved it, in one transaction.

    Both bear the form's ``key``: sent twice it is one request and one log. They asked before the service began; when
    exactly nobody noted. Raises what ``record_service`` raises.
    """
    call = HelpRequest(
        key=key, team=team, caller=recipient, phone=phone, channel=channel, content=content, asked_at=starts_at
    )
    try:
        refuse_senseless(call)
    except RuleBroken as broken:
        broken.field = FIELD_OF.get(broken.field or "", broken.field)
        raise
    return record_service(
        key=key,
        team=team,
        date=date,
        starts_at=starts_at,
        ends_at=ends_at,
        category=category,
        recipient=recipient,
        content=content,
        participants=participants,
        place=place,
        people_served=people_served,
        request=call,
        photos=photos,
        by=by,
    )
