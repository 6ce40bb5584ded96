"""Things in custody prepared for pages: ages in words, where each is, and what marks a request that has some out."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.rights import Right
from common.templatetags.yiwang import badge
from services.domain.task import days_since
from services.models import CustodyItem, HelpRequest
from services.models.custody import LONG_DAYS, named, standing_of
from services.request_parts import Context, Section, register

Standing, Kind = CustodyItem.Standing, CustodyItem.Kind
# No phone is among them: that is on the page of the request.
LIST_FIELDS = (
    "id",
    "request_id",
    "kind",
    "what",
    "fen",
    "from_whom",
    "received_at",
    "received_by__name",
    "recorded_by__name",
    "submitted_to",
    "submitted_at",
    "returned_at",
    "voided_at",
    "request__team__name",
    "request__township__name",
)
STANDINGS = {
    Standing.IN_HAND: ("warn", "hand"),
    Standing.SUBMITTED: ("info", "landmark"),
    Standing.RETURNED: ("ok", "circle-check"),
    Standing.VOID: ("neutral", "ban"),
}
KIND_ICONS = {Kind.PAPERS: "file-text", Kind.MONEY: "banknote", Kind.OTHER: "package"}
SHOWN = 50


def standing_badge(standing: CustodyItem.Standing) -> SafeString:
    """Say where a thing is."""
    tone, icon_name = STANDINGS[standing]
    return badge(tone, standing.label, icon_name)


def age_in_words(received_at: datetime, until: date) -> str:
    """Say for how long a thing has been out: since today, for so many days, for months when it is that long."""
    days = days_since(received_at, until)
    if days < 1:
        return _("since today")
    if days < 60:
        return ngettext("for %(days)s day", "for %(days)s days", days) % {"days": days}
    return _("for %(months)s months") % {"months": days // 30}


def age_badge(received_at: datetime, today: date) -> SafeString | str:
    """Say for how long a thing has been out; mark what is out for long."""
    words = age_in_words(received_at, today)
    return badge("bad", words, "clock-alert") if days_since(received_at, today) >= LONG_DAYS else words


def custody_rows(items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Prepare the things of one page (``LIST_FIELDS`` of each)."""
    today = timezone.localdate()
    base = reverse("services:request_list")
    kinds = {kind: badge("neutral", kind.label, icon_name) for kind, icon_name in KIND_ICONS.items()}
    rows = []
    for item in items:
        standing = standing_of(item["submitted_at"], item["returned_at"], item["voided_at"])
        rows.append(
            {
                "url": f"{base}{item['request_id']}/#custody",
                "what": named(item["what"], item["fen"]),
                "kind": kinds[Kind(item["kind"])],
                "from_whom": item["from_whom"],
                "receiver": item["received_by__name"] or item["recorded_by__name"],
                "received": date_format(timezone.localtime(item["received_at"]), "SHORT_DATE_FORMAT"),
                "age": age_badge(item["received_at"], today)
                if standing in (Standing.IN_HAND, Standing.SUBMITTED)
                else "",
                "where": item["submitted_to"] if standing == Standing.SUBMITTED else "",
                "team": item["request__team__name"] or "",
                "township": item["request__township__name"],
                "state": standing_badge(standing),
            }
        )
    return rows


def out_marks(requests: Collection[int]) -> dict[int, SafeString]:
    """Return, by the key of a request, the mark that something of it is out: one query for a whole page."""
    today = timezone.localdate()
    found = CustodyItem.objects.out().filter(request__in=list(requests)).order_by().values_list("request")
    return {pk: _mark(count, first, today) for pk, count, first in found.annotate(Count("pk"), Min("received_at"))}


def _mark(count: int, first: datetime, today: date) -> SafeString:
    text = ngettext("%(count)s thing in custody", "%(count)s things in custody", count) % {"count": count}
    return badge("bad" if days_since(first, today) >= LONG_DAYS else "warn", text, "hand")


def out_of(asked: HelpRequest) -> list[dict[str, Any]]:
    """Return what is out of a request, for a form that would settle it."""
    today = timezone.localdate()
    return [
        {"what": item.named, "from_whom": item.from_whom, "age": age_in_words(item.received_at, today)}
        for item in asked.custody.out().order_by("received_at", "id")[:SHOWN]
    ]


# --- The part of a request's page -------------------------------------------------------------------------


def custody_part(asked: HelpRequest, reader: User) -> Context | None:
    """Prepare what was taken for the request; nothing where there is none and none can be taken."""
    items = list(
        CustodyItem.objects.visible_to(reader)
        .filter(request=asked)
        .select_related("received_by", "recorded_by", "returned_by", "return_recorded_by", "voided_by")
        .order_by("received_at", "id")[:SHOWN]
    )
    takes = reader.may(Right.KEEP_CUSTODY) and asked.anonymised_at is None
    if not items and not (takes and asked.is_open):
        return None
    today = timezone.localdate()
    return {
        "items": [_shown(item, today) for item in items],
        "keeps": takes,
        "takes_more": takes and asked.is_open,
        "is_out": any(item.is_out for item in items),
        "has_slip": takes and any(item.voided_at is None for item in items),
    }


def _shown(item: CustodyItem, today: date) -> dict[str, Any]:
    return {
        "item": item,
        "state": standing_badge(item.standing),
        "age": age_badge(item.received_at, today) if item.is_out else "",
        "icon": KIND_ICONS[Kind(item.kind)],
    }


def register_part() -> None:
    """Put the things in custody onto the page of a request."""
    register(
        Section(
            "custody",
            gettext_lazy("Things in custody"),
            "services/request/parts/_custody.html",
            custody_part,
            40,
            Right.VIEW_REQUESTS,
        )
    )
