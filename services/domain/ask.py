"""A resident asks for help on the public page, without an account, and follows it by a code."""

from uuid import UUID

from django.utils.translation import gettext as _

from accounts.audit import event
from areas.models import Village
from common.rules import RuleBroken
from common.throttle import Limit
from grids.models import Grid
from services.domain.flood import Flood, refuse_flood
from services.domain.request import open_request
from services.domain.request_album import attach, waiting_for
from services.domain.step import Kind, note
from services.models import HelpRequest
from services.models.request import code_of

# Within an hour: from one address (a whole village may share one), for one phone, and from everywhere for one village.
FROM_ONE_ADDRESS = Limit("help request", most=10)
FOR_ONE_PHONE = Limit("help request, one phone", most=5)
FOR_ONE_VILLAGE = Limit("help request, one village", most=60)


def refuse_many_requests(key: UUID, address: str, phone: str, village: Village) -> None:
    """Count one more attempt, and refuse it beyond the limits; a form that arrives again is no further one."""
    if HelpRequest.objects.filter(key=key).exists():
        return
    refuse_flood(FROM_ONE_ADDRESS, address, FOR_ONE_VILLAGE, village.code)
    if not FOR_ONE_PHONE.take(phone):
        raise Flood


@event
def ask_for_help(
    *,
    key: UUID,
    village: Village,
    grid: Grid | None,
    content: str,
    phone: str,
    place: str = "",
    by: None = None,
) -> str:
    """Take a resident's request and return the code by which they follow it: the same form sent again, the same code.

    It goes to the team of the grid at once if an active one serves it, otherwise the township chooses one. Photos that
    wait for the form go along.
    """
    if grid is not None and (grid.is_retired or grid.village_id != village.pk):
        raise RuleBroken(_("This grid is no longer in use. Choose the grid anew, or “I don’t know”."), field="grid")
    if not phone:
        raise RuleBroken(_("Leave a phone number, so that the team can call you."), field="phone")
    opened = open_request(
        key=key,
        caller=_("A resident"),
        content=content,
        phone=phone,
        place=place,
        channel=HelpRequest.Channel.PAGE,
        village=village,
        grid=grid,
        by=by,
    )
    if opened.is_new:
        attach(opened.request, key)
    elif waiting_for(key):  # the form came once more, with a photo
        stored = HelpRequest.locked(opened.request.pk)
        if stored.is_open and attach(stored, key):
            note(stored, Kind.PHOTO)
    return code_of(key)
