"""代办物品: what a resident handed over for an errand is taken down, submitted, returned; a mistake is voided.

Each event holds the lock of the request before that of the thing. What settles a request holds the same lock and asks
``refuse_while_out``: so nothing is taken while its request is being closed, and none is closed while something is out.
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.money import MOST_FEN
from common.rules import RuleBroken, SavedMeanwhile
from grids.models import Membership
from services.domain.anonymise import refuse_anonymised
from services.domain.step import Kind, note
from services.models import CustodyItem, HelpRequest
from services.models.custody import TEXT_LIMITS
from volunteers.models import Volunteer

# What a refusal is known by that something has not been returned.
OUT = "custody"
# So many things are named where a request cannot be settled.
NAMED = 5


class TakenDifferently(RuleBroken):
    """The form was sent before, with other content: ``item`` is what was stored then."""

    def __init__(self, item: CustodyItem) -> None:
        """Take the thing that was stored."""
        super().__init__(
            _("This form was saved before, with other content. Look at what was saved, and void it if it is wrong."),
            code="taken_differently",
        )
        self.item = item


@event
def take_item(
    request: HelpRequest,
    *,
    key: UUID,
    kind: str,
    what: str,
    from_whom: str,
    received_at: datetime,
    fen: int | None = None,
    received_by: Volunteer | None = None,
    by: User,
) -> CustodyItem:
    """Take down what was handed over for an open request, once for each ``key``, however often the form arrives.

    ``received_by`` was in the request's team on that day; without one it was the officer ``by``. Raises
    ``TakenDifferently`` when the key came with other content before, ``RuleBroken`` with the field otherwise.
    """
    if kind not in CustodyItem.Kind.values:
        raise RuleBroken(_("Choose what sort of thing it is."), field="kind")
    what = _said(what, "what", _("Say what was handed over, for example “ID card, 1”."))
    from_whom = _said(from_whom, "from_whom", _("Say who handed it over."))
    if (kind == CustodyItem.Kind.MONEY) != (fen is not None):
        message = (
            _("Enter the amount.") if fen is None else _("Only money has an amount. Choose “Money”, or leave it out.")
        )
        raise RuleBroken(message, field="amount")
    if fen is not None and not 1 <= fen <= MOST_FEN:
        raise RuleBroken(_("Write the amount in yuan, for example 200 or 200.50."), field="amount")
    _refuse_future(received_at, "received_at")
    request = HelpRequest.locked(request.pk)
    item = CustodyItem(
        key=key,
        request=request,
        kind=kind,
        what=what,
        fen=fen,
        from_whom=from_whom,
        received_at=received_at,
        received_by=received_by,
        recorded_by=by,
    )
    stored = _stored(item)
    if stored is not None:
        return stored
    _refuse_settled(request)
    _refuse_outsider(request, received_by, received_at, "received_by")
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError:
        # The same key for another request came at the same moment: another lock, so the database decided.
        stored = _stored(item)
        if stored is None:
            raise
        return stored
    note(request, Kind.CUSTODY_TAKEN, by=by, team=request.team, text=item.named, at=received_at)
    return item


@event
def submit_item(
    item: CustodyItem, *, submitted_to: str, submitted_at: datetime, version: int | None = None, by: User
) -> CustodyItem:
    """Take down to which office the thing went; said again it puts the former right."""
    submitted_to = _said(submitted_to, "submitted_to", _("Name the office or the counter."))
    _refuse_future(submitted_at, "submitted_at")
    item = _locked(item, version)
    if submitted_at < item.received_at:
        raise RuleBroken(_("It was received later than that. Check day and time."), field="submitted_at")
    item.submitted_to, item.submitted_at = submitted_to, submitted_at
    item.save()
    note(
        item.request,
        Kind.CUSTODY_SUBMITTED,
        by=by,
        team=item.request.team,
        text=f"{item.named} → {submitted_to}",
        at=submitted_at,
    )
    return item


@event
def return_item(
    item: CustodyItem,
    *,
    returned_to: str = "",
    returned_at: datetime | None = None,
    returned_what: str = "",
    returned_by: Volunteer | None = None,
    version: int | None = None,
    by: User,
) -> CustodyItem:
    """Take down that the thing, or what became of it, is with its owner again: now and whoever gave it, unless said.

    ``returned_by`` was in the request's team on that day; without one it was the officer ``by``.
    """
    for name, text in (("returned_to", returned_to), ("returned_what", returned_what)):
        _refuse_long(text.strip(), name)
    item = _locked(item, version)
    at = returned_at or timezone.now()
    _refuse_future(at, "returned_at")
    if at < (item.submitted_at or item.received_at):
        raise RuleBroken(_("It was received or submitted later than that. Check day and time."), field="returned_at")
    _refuse_outsider(item.request, returned_by, at, "returned_by")
    item.returned_to, item.returned_what = returned_to.strip() or item.from_whom, returned_what.strip()
    item.returned_at, item.returned_by, item.return_recorded_by = at, returned_by, by
    item.save()
    note(
        item.request,
        Kind.CUSTODY_RETURNED,
        by=by,
        team=item.request.team,
        text=item.returned_what or item.named,
        at=at,
    )
    return item


@event
def void_item(item: CustodyItem, *, reason: str, version: int | None = None, by: User) -> CustodyItem:
    """Say that an entry is a mistake: nothing of the kind was taken, or not as it says. It stays, with the reason."""
    reason = _said(reason, "void_reason", _("Say what was mistaken about it."), field="reason")
    item = _locked(item, version, is_returned_too=True)
    item.voided_at, item.voided_by, item.void_reason = timezone.now(), by, reason
    item.save()
    note(item.request, Kind.CHANGED, by=by, text=_("Voided: %(thing)s") % {"thing": item.named})
    return item


@event
def print_custody_slip(request: HelpRequest, *, by: User) -> list[CustodyItem]:
    """Return the things that the slip of a request is about, and record who printed it."""
    items = request.custody.standing().select_related("received_by", "recorded_by", "returned_by", "return_recorded_by")
    printed = list(items.order_by("received_at", "id"))
    if not printed:
        raise RuleBroken(_("Nothing has been taken for this request, so there is nothing to print."))
    record(printed, AuditEntry.Action.ACCESS, {})
    return printed


def refuse_while_out(request: HelpRequest, *, is_resident: bool = False) -> None:
    """Refuse to settle the request, which the caller has locked, while something of it has not been returned."""
    out = list(request.custody.out()[: NAMED + 1]) if request.pk else []
    if not out:
        return
    if is_resident:
        raise RuleBroken(
            _(
                "The team still has papers or money of yours. Have them returned to you first, then withdraw the "
                "request; if you have them already, tell the team or the office."
            ),
            code=OUT,
        )
    named = "、".join(item.named for item in out[:NAMED]) + ("…" if len(out) > NAMED else "")
    raise RuleBroken(
        _(
            "Not everything that was handed over has been returned: %(things)s. Mark it as returned on the page of "
            "the request (or void an entry that is mistaken), then go on here."
        )
        % {"things": named},
        code=OUT,
    )


def _locked(item: CustodyItem, version: int | None, *, is_returned_too: bool = False) -> CustodyItem:
    """Lock the request and the thing; refuse a mistaken entry, and one that was returned."""
    request = HelpRequest.locked(item.request_id)
    item = CustodyItem.locked(item.pk)
    item.request = request
    refuse_anonymised(request)
    if item.voided_at:
        raise RuleBroken(_("This entry was voided as mistaken. Take the thing down anew if it was handed over."))
    if item.returned_at and not is_returned_too:
        raise RuleBroken(_("This was returned already. If that is a mistake, void the entry and take it down anew."))
    if version not in (None, item.version - 1):  # locking has counted it up already
        raise SavedMeanwhile
    return item


def _stored(item: CustodyItem) -> CustodyItem | None:
    """Return what the key made before, if there is something; raises ``TakenDifferently`` for other content."""
    stored = CustodyItem.objects.filter(key=item.key).first()
    if stored is None:
        return None
    said = ("request_id", "kind", "what", "fen", "from_whom", "received_at", "received_by_id")
    if any(getattr(stored, name) != getattr(item, name) for name in said):
        raise TakenDifferently(stored)
    return stored


def _refuse_settled(request: HelpRequest) -> None:
    if not request.is_open:
        raise RuleBroken(
            _("This request is settled, so nothing more is taken for it. Note a new request for a further errand."),
            code="settled",
        )


def _refuse_outsider(request: HelpRequest, volunteer: Volunteer | None, at: datetime, field: str) -> None:
    """Refuse a volunteer who was not in the request's team on that day."""
    if volunteer is None:
        return
    members = Membership.objects.on(timezone.localdate(at)).filter(volunteer=volunteer, team=request.team_id)
    if request.team_id is None or not members.exists():
        raise RuleBroken(_("Choose somebody who was in the team on that day, or yourself."), field=field)


def _refuse_future(at: datetime, field: str) -> None:
    if at > timezone.now():
        raise RuleBroken(_("This lies in the future. Enter when it really was."), field=field)


def _refuse_long(text: str, name: str, field: str = "") -> None:
    if len(text) > TEXT_LIMITS[name]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=field or name)


def _said(text: str, name: str, missing: str, *, field: str = "") -> str:
    """Return the text without blanks around it; refuse none, and one that is too long."""
    text = text.strip()
    if not text:
        raise RuleBroken(missing, field=field or name)
    _refuse_long(text, name, field)
    return text
