"""Personal data of residents is kept for so many days and no longer. Each check returns the keys of the requests."""

from datetime import timedelta

from django.db.models import Q

from services.domain.anonymise import CONTACTS, due, kept_since
from services.models import CustodyItem, HelpRequest, RequestPhoto, RequestStep
from services.models.request import ANONYMISED

# The night that deletes it may be missed once.
GRACE = timedelta(days=2)
SHOWN = 1000


def kept_too_long() -> list[int]:
    """Return the settled requests whose words should have been deleted."""
    return list(due(kept_since() - GRACE).order_by("pk").values_list("pk", flat=True)[:SHOWN])


def contacts_kept_too_long() -> list[int]:
    """Return the answered words and objections that still say how to reach somebody."""
    found: list[int] = []
    for model, name in CONTACTS:
        old = model.objects.filter(answered_at__lt=kept_since() - GRACE).exclude(**{name: ""})
        found += old.order_by("pk").values_list("pk", flat=True)[:SHOWN]
    return found


def still_personal() -> list[int]:
    """Return the anonymised requests of which something personal is there after all."""
    gone = HelpRequest.objects.filter(anonymised_at__isnull=False)
    empty = dict.fromkeys(("phone", "phone_key", "place", "place_key", "rating_words"), "")
    words = Q(outcome__in=["", ANONYMISED], referral_answer__in=["", ANONYMISED])
    kept = set(gone.exclude(words, caller=ANONYMISED, content=ANONYMISED, **empty).values_list("pk", flat=True)[:SHOWN])
    anonymised = {"request__anonymised_at__isnull": False}
    kept |= set(
        RequestStep.objects.filter(**anonymised).exclude(text="").order_by().values_list("request", flat=True)[:SHOWN]
    )
    kept |= set(
        CustodyItem.objects.filter(**anonymised)
        .exclude(what=ANONYMISED, from_whom=ANONYMISED)
        .order_by()
        .values_list("request", flat=True)[:SHOWN]
    )
    photos = RequestPhoto.objects.standing().filter(**anonymised)
    kept |= {pk for pk in photos.order_by().values_list("request", flat=True)[:SHOWN] if pk}
    return sorted(kept)


CHECKS = {
    "residents_words_not_kept_too_long": (
        "what is personal of a request is deleted RESIDENT_DATA_KEPT_DAYS after it was settled; `manage.py nightly`"
        " does it",
        kept_too_long,
    ),
    "contacts_not_kept_too_long": (
        "how to reach whoever praised, complained or objected is deleted as long after the answer (named: words"
        " and objections)",
        contacts_kept_too_long,
    ),
    "anonymised_request_is_nobodys": ("nothing personal is left of a request that was anonymised", still_personal),
}
