"""What people type about a channel."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from areas.models import Channel, Township
from areas.models.channel import TEXT_LIMITS
from common.forms import ButtonChoices, TextField, VersionField, YiwangForm


class ChannelForm(YiwangForm):
    """A channel of a township; with a ``channel`` it is changed as the person saw it, and its kind stays."""

    version = VersionField()
    township = forms.ModelChoiceField(
        label=_("Township"), queryset=Township.objects.none(), empty_label=_("Please choose")
    )
    kind = forms.ChoiceField(
        label=pgettext_lazy("channel", "Kind"),
        choices=Channel.Kind.choices,
        initial=Channel.Kind.HOTLINE,
        widget=ButtonChoices,
    )
    label = TextField(
        label=_("What it is called"),
        max_length=TEXT_LIMITS["label"],
        lines=1,
        help_text=_("As residents know it, for example: Volunteers' hotline of the subdistrict."),
    )
    number = forms.CharField(
        label=_("Number or address"),
        max_length=TEXT_LIMITS["number"],
        help_text=_(
            "Hotline: 0577-62880000, with an extension 0577-62880000转8001, or 12345. QQ group: its number. "
            "WeChat group: its name. Forum: its address."
        ),
    )
    hours = TextField(
        label=pgettext_lazy("channel", "Hours"),
        max_length=TEXT_LIMITS["hours"],
        lines=1,
        required=False,
        help_text=_("For example: Monday to Friday 8:30–17:30, or: day and night. Left empty, nothing is said of it."),
    )
    keeper = TextField(
        label=_("Keeper"),
        max_length=TEXT_LIMITS["keeper"],
        lines=1,
        required=False,
        help_text=_("Who answers there. Only the office sees it."),
    )
    keeper_phone = forms.CharField(
        label=_("Keeper's office phone"),
        max_length=TEXT_LIMITS["keeper_phone"],
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, channel: Channel | None = None, **options: Any) -> None:
        """Ask for the township where there is a choice, and for the kind of a new channel only."""
        names = ("label", "number", "hours", "keeper", "keeper_phone", "version")
        first = {name: getattr(channel, name) for name in names} if channel else {}
        super().__init__(*args, initial=first | (options.pop("initial", None) or {}), **options)
        if channel is not None:
            del self.fields["kind"]
        else:
            del self.fields["version"]
        if channel is not None or not user.is_city_wide:
            del self.fields["township"]
        else:
            self.fields["township"].queryset = Township.objects.visible_to(user).current().current()
