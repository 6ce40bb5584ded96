"""匿名: what is personal of residents is kept ``RESIDENT_DATA_KEPT_DAYS`` after a request was settled, then deleted.

What is counted stays: places, times, outcome, category, rating. It is done in batches, each a transaction of its own
that can be killed and begun again: what it did not finish is still due. Files go before the rows that name them.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, CharField, Exists, F, OuterRef, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry
from common.rules import RuleBroken
from services import photo_files
from services.models import CustodyItem, Feedback, HelpRequest, Objection, RequestPhoto, RequestStep, SentMessage
from services.models.request import ANONYMISED, HelpRequestQuerySet

BATCH = 500


def kept_since(now: datetime | None = None) -> datetime:
    """Return before when a request must have been settled for its words to be deleted ``now``."""
    return (now or timezone.now()) - timedelta(days=settings.RESIDENT_DATA_KEPT_DAYS)


def due(before: datetime) -> HelpRequestQuerySet:
    """Return the requests that were settled ``before`` and still have their words; none of which something is out."""
    out = CustodyItem.objects.out().filter(request=OuterRef("pk")).order_by()
    return HelpRequest.objects.filter(anonymised_at__isnull=True, closed_at__lt=before).exclude(Exists(out))


def refuse_anonymised(request: HelpRequest) -> None:
    """Refuse to write words into a request whose words were deleted: nobody would delete them once more."""
    if request.anonymised_at is not None:
        raise RuleBroken(_("Personal data of this request were deleted, so nothing of it changes any more."))


def anonymise_requests() -> int:
    """Delete what is due, batch by batch; return how many requests that were."""
    before, total = kept_since(), 0
    while done := anonymise_batch(before=before, by=None):
        total += done
    return total


@event
def anonymise_batch(*, before: datetime, by: None = None) -> int:
    """Delete what is personal of the requests of one batch; return how many there were."""
    pks = list(due(before).order_by("closed_at", "pk").values_list("pk", flat=True)[:BATCH])
    held = due(before).filter(pk__in=pks).order_by("pk").select_for_update(no_key=True, of=("self",))
    requests = list(held.only("pk", "asked_at"))
    if not requests:
        return 0
    pks, now = [request.pk for request in requests], timezone.now()
    _forget_photos(pks, now)
    RequestStep.objects.filter(request__in=pks).exclude(text="").update(text="")
    CustodyItem.objects.filter(request__in=pks).update(
        what=ANONYMISED,
        from_whom=ANONYMISED,
        version=F("version") + 1,
        **{name: _unless_empty(name) for name in ("submitted_to", "returned_to", "returned_what", "void_reason")},
    )
    SentMessage.objects.filter(request__in=pks, volunteer__isnull=True).update(phone_masked=ANONYMISED)
    HelpRequest.objects.filter(pk__in=pks).update(
        caller=ANONYMISED,
        content=ANONYMISED,
        phone="",
        phone_key="",
        place="",
        place_key="",
        rating_words="",
        anonymised_at=now,
        version=F("version") + 1,
        **{name: _unless_empty(name) for name in ("outcome", "referral_answer")},
    )
    steps = [
        RequestStep(request=request, kind=RequestStep.Kind.ANONYMISED, actor=RequestStep.Actor.SYSTEM, at=now)
        for request in requests
    ]
    RequestStep.objects.bulk_create(steps)
    record(requests, AuditEntry.Action.UPDATE, {"anonymised_at": (None, str(now))})
    return len(requests)


def _forget_photos(requests: list[int], now: datetime) -> None:
    """Delete the files of the photos, then say so in their rows: killed in between, the night after does it again."""
    photos = list(RequestPhoto.objects.standing().filter(request__in=requests))
    photo_files.delete(photo.name for photo in photos)
    RequestPhoto.objects.filter(pk__in=[photo.pk for photo in photos]).update(removed_at=now)
    record(photos, AuditEntry.Action.UPDATE, {"removed_at": (None, str(now))})


def _unless_empty(name: str) -> Case:
    """Put the word for what was deleted in the place of a text; where there was none, none is."""
    return Case(When(**{name: "", "then": Value("")}), default=Value(ANONYMISED), output_field=CharField())


# --- What residents left otherwise -----------------------------------------------------------------------

# Where somebody may have said how to reach them: the field goes, the words and their answer stay.
CONTACTS = ((Feedback, "phone"), (Objection, "contact"))


def forget_contacts() -> int:
    """Delete how to reach whoever was answered long enough ago; return how many those were."""
    before, total = kept_since(), 0
    while done := forget_contacts_batch(before=before, by=None):
        total += done
    return total


@event
def forget_contacts_batch(*, before: datetime, by: None = None) -> int:
    """Delete the contacts of one batch of what was answered ``before``; return how many there were."""
    total = 0
    for model, name in CONTACTS:
        answered = model.objects.filter(answered_at__lt=before).exclude(**{name: ""}).order_by("pk")
        found = list(answered.select_for_update(no_key=True, of=("self",))[:BATCH])
        if found:
            model.objects.filter(pk__in=[one.pk for one in found]).update(**{name: "", "version": F("version") + 1})
            record(found, AuditEntry.Action.UPDATE, {name: ("****", "")})
            total += len(found)
    return total
