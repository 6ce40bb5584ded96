"""来电已办: somebody called, the team went, it is solved. The request and its log are written as one."""

import datetime
from typing import Any
from uuid import UUID

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from grids.models import Team
from services.domain.log import Recorded, record_service
from services.domain.request import refuse_senseless
from services.models import HelpRequest

# The one form has one field for both.
FIELD_OF = {"caller": "recipient"}


@event
def serve_call(
    *,
    key: UUID,
    team: Team,
    starts_at: datetime.datetime,
    recipient: str,
    content: str,
    phone: str = "",
    channel: str = HelpRequest.Channel.PHONE,
    by: User,
    **service: Any,
) -> Recorded:
    """Open the request of ``recipient``, who called, and record the service that resolved it, in one transaction.

    ``service`` is the rest of what ``record_service`` takes, and what it raises is raised here too. Both bear the
    form's ``key``: sent twice it is one request and one log. They asked before the service began; when exactly nobody
    noted.
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
        key=key, team=team, starts_at=starts_at, recipient=recipient, content=content, request=call, by=by, **service
    )
