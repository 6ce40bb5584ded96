"""The channels of townships as lists, pages and residents are shown them, and how many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db.models import Case, Count, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.rights import Right
from areas.models import Channel
from common.exports import Rows
from common.templatetags.yiwang import badge

ICONS = {
    Channel.Kind.HOTLINE: "phone-call",
    Channel.Kind.QQ: "messages-square",
    Channel.Kind.WECHAT: "message-circle",
    Channel.Kind.FORUM: "globe",
}


def ranked(channels: QuerySet[Channel]) -> Any:
    """Bring along ``rank``, the place of the kind: hotlines come first."""
    return channels.annotate(
        rank=Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(ICONS)), default=Value(len(ICONS)))
    )


def channel_rows(channels: list[Channel], user: User) -> list[dict[str, Any]]:
    """Prepare the channels (with their township) of one page; the keeper for those who keep channels only."""
    keeps = user.may(Right.KEEP_CHANNELS)
    return [
        {
            "pk": channel.pk,
            "url": reverse("grids:channel_edit", args=[channel.pk]) if keeps else "",
            "move_url": reverse("grids:channel_move", args=[channel.pk]) if keeps and channel.is_active else "",
            "label": channel.label,
            "kind": channel.get_kind_display(),
            "icon": ICONS[Channel.Kind(channel.kind)],
            "number": channel.number,
            "href": channel.href if channel.is_active else "",
            "hours": channel.hours,
            "keeper": channel.keeper if keeps else "",
            "keeper_phone": channel.keeper_phone if keeps else "",
            "township": channel.township.name,
            "order": channel.order if channel.is_active else "",
            "state": badge("ok", pgettext("channel", "Shown"))
            if channel.is_active
            else badge("neutral", _("Retired"), "archive"),
        }
        for channel in channels
    ]


def rows_for(user: User) -> Rows:
    """Return the list's rows function for the reader."""
    return partial(channel_rows, user=user)


def counts_by_township(channels: QuerySet[Channel]) -> Mapping[int, Mapping[str, int]]:
    """Count the channels of each township by their kind, in one query."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for township, kind, count in channels.order_by().values_list("township", "kind").annotate(Count("pk")):
        counts[township][kind] = count
    return counts


def totals(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up the townships' counts by kind, each kind also where there is none."""
    found = dict.fromkeys(Channel.Kind.values, 0)
    for count in counts:
        for kind, number in count.items():
            found[kind] += number
    return found
