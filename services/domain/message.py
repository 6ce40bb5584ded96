"""Texts to phones about requests: written with the event, sent in the background after it, tried again when it fails.

A text says where and what kind of help, never who: whoever is meant opens the page. Only the resident's own text has
their code. What is sent is put together when it is sent, from the records as they stand then; a text whose request was
settled meanwhile is not sent any more. A worker that is killed between sending and noting it sends a text twice: better
than none.
"""

import re
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.gateway import NotSentError, gateway
from common.jobs import Progress, TryAgain, does
from common.rules import RuleBroken
from grids.models import Membership, Team
from services.models import HelpRequest, SentMessage
from services.models.request import code_of
from services.models.sent_message import LIMITS
from volunteers.models.volunteer import mask_phone

# What could not be sent for so long is no news any more.
NEWS = timedelta(hours=12)
# A leader who has had a text about it needs none for the same again so soon.
AT_ONCE = timedelta(minutes=2)
# How long it is known what was sent.
KEPT = timedelta(days=180)
MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Runs of digits as long as a phone number's parts: an error must not tell whose number it was.
DIGITS = re.compile(r"[0-9]{5,}")


def is_sending() -> bool:
    """Whether there is a gateway to phones at all."""
    return settings.MESSAGE_GATEWAY not in ("", "none")


def message_leader(request: HelpRequest, kind: str, team: Team) -> SentMessage | None:
    """Let the team's leader have a text; nothing without a gateway, a leader or a mobile number."""
    if not is_sending():
        return None
    leading = Membership.objects.current().filter(team=team, role=Membership.Role.LEADER)
    leader = leading.select_related("volunteer").first()
    if leader is None or not MOBILE.fullmatch(leader.volunteer.phone):
        return None
    return _write(SentMessage(request=request, kind=kind, volunteer=leader.volunteer), leader.volunteer.phone)


def message_resident(request: HelpRequest, kind: str) -> SentMessage | None:
    """Let the resident have their code, where residents get texts and this one left a mobile number."""
    if not (is_sending() and settings.MESSAGE_RESIDENTS and MOBILE.fullmatch(request.phone)):
        return None
    if request.messages.filter(volunteer=None).exists():
        return None  # a code does not change
    return _write(SentMessage(request=request, kind=kind), request.phone)


@event
def send_again(message: SentMessage, *, by: User) -> SentMessage:
    """Put a text that failed into the queue once more."""
    message = SentMessage.objects.select_for_update(of=("self",)).select_related("request").get(pk=message.pk)
    if message.state != "failed":
        raise RuleBroken(_("Only a text that failed is sent again; look at its state."))
    change = (None, _("Send the text again"))  # the trail outlives the number, also a masked one
    record([message.request], AuditEntry.Action.UPDATE, {"text message": change})
    message.start_work()
    return message


def forget_messages() -> int:
    """Delete what is old: nobody asks any more whether it was sent; return how many there were."""
    return SentMessage.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


@does(SentMessage)
def deliver(message: SentMessage, progress: Progress) -> None:
    """Hand a text to the gateway; raises ``TryAgain`` when that fails."""
    request = message.request
    phone = message.volunteer.phone if message.volunteer else request.phone
    is_late = timezone.now() - message.created_at > NEWS
    if is_late or not request.is_open or not phone or not _is_theirs(message):
        SentMessage.objects.filter(pk=message.pk).update(is_needless=True, error="")
        return
    channel = gateway()
    try:
        if channel is None:
            raise LookupError(_("No gateway is set."))
        with translation.override(settings.LANGUAGE_CODE):
            text = text_of(message)
        channel.send(phone, text)
    except Exception as error:  # whatever a gateway of somebody's own raises
        # A gateway says in words why it did not send; of anything else the kind says more than its words.
        said = str(error) if isinstance(error, NotSentError) else f"{type(error).__name__}: {error}"
        why = DIGITS.sub("****", said)[: LIMITS["error"]]
        SentMessage.objects.filter(pk=message.pk).update(error=why)
        raise TryAgain from error
    SentMessage.objects.filter(pk=message.pk).update(sent_at=timezone.now(), error="", phone_masked=mask_phone(phone))


def text_of(message: SentMessage) -> str:
    """Return what is sent."""
    request = message.request
    if message.volunteer is None:
        code = code_of(request.key)
        url = settings.SITE_URL + reverse("services:ask_followed", args=[code])
        return _("Yiwang: your request has come in. Its code is %(code)s. Follow it on %(url)s") % {
            "code": code,
            "url": url,
        }
    words = {"about": about(request), "url": settings.SITE_URL + request.get_absolute_url()}
    if request.urgency == HelpRequest.Urgency.URGENT:
        return _("Yiwang: URGENT request for help, %(about)s. Open %(url)s") % words
    return _("Yiwang: request for help, %(about)s. Open %(url)s") % words


def about(request: HelpRequest) -> str:
    """Say where help is needed and of what kind, and nothing of whom: what notices, texts and e-mails may say."""
    place = str(request.grid or request.village)
    return f"{place} · {request.category}" if request.category else place


def _is_theirs(message: SentMessage) -> bool:
    """Whether the leader whom it is for still leads the team that has the request."""
    leading = Membership.objects.current().filter(team=message.request.team_id, volunteer=message.volunteer_id)
    return message.volunteer_id is None or leading.filter(role=Membership.Role.LEADER).exists()


def _write(message: SentMessage, phone: str) -> SentMessage | None:
    """Store the text and let it be sent; what was said a moment ago is not said twice."""
    same = SentMessage.objects.filter(
        request=message.request, kind=message.kind, volunteer=message.volunteer, created_at__gt=timezone.now() - AT_ONCE
    )
    if same.exists():
        return None
    message.phone_masked = mask_phone(phone)
    message.save(force_insert=True)
    message.start_work()
    return message
