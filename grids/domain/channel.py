"""What happens to a township's channels: added, changed, put in order, retired, taken up again.

Each locks the township first, so that two people neither give two channels one number nor one place in the order.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.audit import event
from accounts.models import User
from areas.models import Channel, Township
from areas.models.channel import TEXT_LIMITS
from common.rules import RuleBroken, constraint_named
from grids.channel_numbers import clean_hotline, clean_number

CHANGEABLE = ("label", "hours", "keeper")
MOST_OF_A_KIND = 99


@event
def add_channel(
    township: Township,
    *,
    kind: str,
    label: str,
    number: str,
    hours: str = "",
    keeper: str = "",
    keeper_phone: str = "",
    by: User,
) -> Channel:
    """Show residents another way of reaching the township, as the last of its kind."""
    _lock(township.pk)
    channel = Channel(township=township, kind=kind)
    _fill(channel, label=label, number=number, hours=hours, keeper=keeper, keeper_phone=keeper_phone)
    same = Channel.objects.filter(township=township).of_kind(kind)
    if same.count() >= MOST_OF_A_KIND:
        raise RuleBroken(
            _("A township has at most %(most)s channels of a kind. Change one of them.") % {"most": MOST_OF_A_KIND}
        )
    channel.order = (same.aggregate(last=Max("order"))["last"] or 0) + 1
    return _save_once(channel)


@event
def edit_channel(channel: Channel, *, version: int, by: User, **values: Any) -> Channel:
    """Change what a channel says; its kind stays. Raises ``SavedMeanwhile`` for an older ``version``."""
    _lock(channel.township_id)
    channel = Channel.locked(channel.pk, version=version)
    _fill(channel, **values)
    return _save_once(channel)


@event
def retire_channel(channel: Channel, *, by: User) -> Channel:
    """Show a channel to residents no longer."""
    _lock(channel.township_id)
    channel = Channel.locked(channel.pk)
    if not channel.is_active:
        return channel
    channel.is_active = False
    channel.save()
    return channel


@event
def activate_channel(channel: Channel, *, by: User) -> Channel:
    """Show a retired channel again, as the last of its kind."""
    _lock(channel.township_id)
    channel = Channel.locked(channel.pk)
    if channel.is_active:
        return channel
    same = Channel.objects.filter(township=channel.township_id).of_kind(channel.kind)
    channel.is_active, channel.order = True, (same.aggregate(last=Max("order"))["last"] or 0) + 1
    return _save_once(channel)


@event
def move_channel(channel: Channel, *, up: bool, by: User) -> Channel:
    """Let a channel change places with the one shown before it or after it, among those of its kind."""
    _lock(channel.township_id)
    shown = list(
        Channel.objects.active()
        .filter(township=channel.township_id)
        .of_kind(channel.kind)
        .select_for_update(of=("self",), no_key=True)
        .order_by("order", "id")
    )
    place = next((number for number, each in enumerate(shown) if each.pk == channel.pk), None)
    if place is None:
        raise RuleBroken(_("This channel has been retired. Take it up again to give it a place."))
    other = place - 1 if up else place + 1
    if 0 <= other < len(shown):
        shown[place], shown[other] = shown[other], shown[place]
    for number, each in enumerate(shown, 1):
        if each.order != number:
            each.order = number
            each.save(update_fields=["order"])
    return next(each for each in shown if each.pk == channel.pk)


def _lock(township: int) -> None:
    Township.objects.select_for_update(of=("self",), no_key=True).get(pk=township)


def _fill(channel: Channel, *, number: str, keeper_phone: str = "", **texts: str) -> None:
    for name in CHANGEABLE:
        text = texts.get(name, "").strip()
        if len(text) > TEXT_LIMITS[name]:
            raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[name]}, field=name)
        setattr(channel, name, text)
    if not channel.label:
        raise RuleBroken(_("Say what the channel is called."), field="label")
    channel.number = _clean("number", number, kind=channel.kind)
    channel.keeper_phone = _clean("keeper_phone", keeper_phone) if keeper_phone.strip() else ""


def _clean(field: str, text: str, kind: str = "") -> str:
    try:
        clean = clean_number(kind, text) if kind else clean_hotline(text)
    except ValidationError as error:
        raise RuleBroken(error.messages[0], field=field) from error
    if len(clean) > TEXT_LIMITS[field]:
        raise RuleBroken(_("At most %(limit)s characters.") % {"limit": TEXT_LIMITS[field]}, field=field)
    return clean


def _save_once(channel: Channel) -> Channel:
    """Save it unless another of the township's channels has its number: the refusal names that one."""
    twins = Channel.objects.filter(township=channel.township_id, number=channel.number).exclude(pk=channel.pk)
    twin = twins.order_by("-is_active", "id").first()
    if twin is not None and (twin.is_active or channel._state.adding):
        shown = _("%(channel)s has this number already. Change that one, or check the number.")
        retired = _("%(channel)s had this number and was retired. Take that one up again instead of adding it anew.")
        raise RuleBroken((shown if twin.is_active else retired) % {"channel": twin}, field="number")
    twice = RuleBroken(_("The township has a channel with this number already. Open the list anew."), field="number")
    with constraint_named("number", twice):  # the databases name its index or its columns
        channel.save()
    return channel
