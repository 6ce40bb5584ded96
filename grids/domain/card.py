"""Printed contact cards are handed out: recorded by day, never more than were printed; a mistake is taken back."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import event
from accounts.models import User
from common.rules import RuleBroken
from common.wording import sentences
from grids.domain.rule import day_or_today
from grids.models import CardBatch, HandOut

# A township has some hundred batches a year.
MOST_AT_ONCE = 1_000


@event
def hand_out(
    batch: CardBatch,
    *,
    count: int,
    on: date,
    key: UUID,
    received_by: str = "",
    handed_by: str = "",
    by: User,
) -> HandOut:
    """Record that cards of a printed batch were handed out; the same ``key`` sent twice is one hand-out."""
    batch = _locked([batch.pk])[0]
    made = batch.hand_outs.filter(key=key).first()
    if made is not None:
        return made
    _require_printed(batch)
    if count < 1:
        raise RuleBroken(_("At least one card is handed out. Enter how many there were."), field="count")
    if count > batch.remaining:
        raise RuleBroken(_too_many(batch), field="count")
    return _hand_out(batch, count, on, key, received_by, handed_by, by)


@event
def hand_out_all(
    batches: Collection[int],
    *,
    on: date,
    key: UUID,
    received_by: str = "",
    handed_by: str = "",
    by: User,
) -> list[HandOut]:
    """Record that whatever is left of these batches (keys) was handed out on one day."""
    if len(batches) > MOST_AT_ONCE:
        raise RuleBroken(
            _("At most %(most)s batches are handed out at a time. Choose fewer, by village for instance.")
            % {"most": MOST_AT_ONCE}
        )
    left = [batch for batch in _locked(batches) if batch.printed_on and batch.remaining]
    already = list(HandOut.objects.filter(batch__in=batches, key=key))
    if already:
        return already
    if not left:
        raise RuleBroken(_("Nothing is left of these batches. Print more cards if more are needed."))
    return [_hand_out(batch, batch.remaining, on, key, received_by, handed_by, by) for batch in left]


@event
def take_back_hand_out(made: HandOut, *, reason: str, by: User) -> HandOut:
    """Take back a hand-out that was recorded by mistake: its cards lie in the office again."""
    [batch] = _locked([made.batch_id])
    made = HandOut.objects.select_for_update(of=("self",), no_key=True).get(pk=made.pk)
    if made.taken_back_at is not None:
        raise RuleBroken(_("This hand-out has been taken back already."))
    made.taken_back_at, made.taken_back_by, made.reason = timezone.now(), by, reason
    made.save()
    batch.handed_out -= made.count
    batch.save(update_fields=["handed_out"])
    return made


def _hand_out(batch: CardBatch, count: int, on: date, key: UUID, received_by: str, handed_by: str, by: User) -> HandOut:
    day = day_or_today(
        on, not_before=[(batch.printed_on, _("These cards were printed on %(day)s. Enter that day or a later one."))]
    )
    batch.handed_out += count
    batch.save(update_fields=["handed_out"])
    return HandOut.objects.create(
        batch=batch,
        township_id=batch.township_id,
        on=day,
        count=count,
        received_by=received_by,
        handed_by=handed_by,
        key=key,
        by=by,
    )


def _locked(pks: Collection[int]) -> list[CardBatch]:
    """Return the batches, locked in their order."""
    rows = CardBatch.objects.filter(pk__in=pks).order_by("pk").select_for_update(of=("self",), no_key=True)
    return list(rows.select_related("grid__village"))


def _require_printed(batch: CardBatch) -> None:
    if batch.printed_on is None:
        raise RuleBroken(_("These cards have not been printed. Print them first; then they can be handed out."))


def _too_many(batch: CardBatch) -> str:
    left = ngettext(
        "Of these cards %(count)d is left in the office.",
        "Of these cards %(count)d are left in the office.",
        batch.remaining,
    ) % {"count": batch.remaining}
    return sentences(
        [left, _("No more can be handed out than were printed: correct the number, or print more cards first.")]
    )
