"""How the list of channels is narrowed down."""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from areas.filters import InTownship
from areas.models import Channel
from areas.models.channel import ChannelQuerySet


class ChannelFilter(InTownship):
    """By name or number, township, kind, and whether residents are shown it."""

    STATES = (("active", pgettext_lazy("channel", "Shown")), ("retired", _("Retired")))
    q = django_filters.CharFilter(label=_("Channel or number"), method="by_text", max_length=40)
    kind = django_filters.ChoiceFilter(
        label=pgettext_lazy("channel", "Kind"), choices=Channel.Kind.choices, empty_label=_("All kinds")
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, method="by_state", empty_label=_("Any state"))

    class Meta:
        model = Channel
        fields = ("q", "township", "kind", "state")

    def by_text(self, channels: ChannelQuerySet, name: str, value: str) -> ChannelQuerySet:
        """Keep those whose name or number holds the text."""
        return channels.filter(Q(label__icontains=value) | Q(number__icontains=value))

    def by_state(self, channels: ChannelQuerySet, name: str, value: str) -> ChannelQuerySet:
        """Keep those that residents are shown, or the retired ones."""
        return channels.filter(is_active=value == "active")
