"""What of a request may be sent into a group of QQ or WeChat, and the visit on which it was found."""

import re

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from accounts.models import User
from accounts.rights import Right
from services.domain.message import about
from services.models import HelpRequest, ServiceLog
from services.request_parts import Context, Section, register

# Numbers as people type them, with blanks and dashes between: of a phone, an identity card, a bank card.
NUMBERS = re.compile(r"\+?[0-9０-９][0-9０-９ \-－—]{5,}[0-9０-９Xx]")
HIDDEN = "…"


def share_text(request: HelpRequest) -> str:
    """Return the text for a group: what is needed and where, without the name and any number, and the link."""
    what = NUMBERS.sub(HIDDEN, request.content)
    if len(request.caller) > 1:
        what = what.replace(request.caller, HIDDEN)
    is_urgent = request.urgency == HelpRequest.Urgency.URGENT
    title = (
        pgettext("group text", "URGENT request for help") if is_urgent else pgettext("group text", "Request for help")
    )
    link = settings.SITE_URL + request.get_absolute_url()
    return "\n".join(
        (f"【{title}】{about(request)}", what, _("Who can go? Answer here. Details: %(url)s") % {"url": link})
    )


def _share(request: HelpRequest, reader: User) -> Context | None:
    return {"share_text": share_text(request)} if request.is_open else None


def _found_on(request: HelpRequest, reader: User) -> Context | None:
    visit = (
        ServiceLog.objects.visible_to(reader).filter(pk=request.found_on_id).first() if request.found_on_id else None
    )
    return {"visit": visit} if visit else None


def register_all() -> None:
    """Put the parts onto the page of a request."""
    parts = "services/request/parts"
    register(
        Section(
            "share",
            gettext_lazy("For the team's group"),
            f"{parts}/_share.html",
            _share,
            order=10,
            right=Right.KEEP_REQUESTS,
            is_aside=True,
        )
    )
    register(
        Section(
            "found-on",
            gettext_lazy("Found on a visit"),
            f"{parts}/_found_on.html",
            _found_on,
            order=20,
            right=Right.VIEW_LOGS,
            is_aside=True,
        )
    )
