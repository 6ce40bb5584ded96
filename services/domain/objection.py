"""Somebody without an account objects to a notice and follows the answer; the office answers."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken, constraint_named
from common.throttle import Limit
from services.domain.flood import refuse_flood
from services.models import Notice, Objection
from services.models.objection import TEXT_LIMITS, hash_of, token_of

# From one address, and from everywhere against one notice: an office reads each of them.
FROM_ONE_ADDRESS = Limit("objection", most=5)
FROM_ANYWHERE = Limit("objection_all", most=120)


def refuse_objections(address: str, notice: Notice) -> None:
    """Count one more attempt from the address against the notice, and refuse it beyond the limits."""
    refuse_flood(FROM_ONE_ADDRESS, address, FROM_ANYWHERE, notice.code)


@event
def make_objection(notice: Notice, *, key: UUID, text: str, contact: str = "", by: User | None = None) -> str:
    """Take somebody's objection while the notice runs; return the token by which they follow it.

    The same form sent twice makes one objection and gives the same token.
    """
    token = token_of(key)
    # Held as it is: closing and withdrawing come before or after, and the last moment is one of them.
    notice = Notice.objects.select_for_update(of=("self",), no_key=True).get(pk=notice.pk)
    if Objection.objects.filter(key=key, notice=notice).exists():
        return token
    if not notice.is_running:
        raise RuleBroken(
            _("This notice has ended: objections are no longer taken here. Call the office."), code="ended"
        )
    for name, value in (("text", text), ("contact", contact)):
        if len(value) > TEXT_LIMITS[name]:
            raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=name)
    if not text.strip():
        raise RuleBroken(_("Say what is not right."), field="text")
    objection = Objection(notice=notice, key=key, token_hash=hash_of(token), text=text.strip(), contact=contact.strip())
    with constraint_named(
        "services_objection", RuleBroken(_("Open the form anew: this copy of it is damaged."), code="key")
    ):
        objection.save(force_insert=True)
    return token


def followed_by(token: str) -> Objection | None:
    """Return the objection that the token follows, if there is one."""
    return Objection.objects.filter(token_hash=hash_of(token)).select_related("notice__township").first()


@event
def answer_objection(
    objection: Objection, *, answer: str, is_public: bool = False, version: int | None = None, by: User
) -> Objection:
    """Answer an objection; shown on the notice's page, without the contact, only where the office says so."""
    answer = answer.strip()
    if not answer:
        raise RuleBroken(_("Write the answer first."), field="answer")
    if len(answer) > TEXT_LIMITS["answer"]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["answer"]}, field="answer")
    locked = Objection.locked(objection.pk, version=version)
    locked.answer, locked.is_public = answer, is_public
    locked.answered_by, locked.answered_at = by, timezone.now()
    locked.save()
    return locked


@event
def show_contact(objection: Objection, *, by: User) -> str:
    """Return how to reach who objected, and record who looked."""
    record([objection], AuditEntry.Action.ACCESS, {})
    return objection.contact
