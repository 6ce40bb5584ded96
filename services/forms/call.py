"""来电已办: what is typed about a call that was answered at once, in as few taps as can be."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.forms import AnyPhoneField, ButtonChoices, TimeField
from services.forms.log import LineField, LogForm, first_entry
from services.models import HelpRequest
from services.models.log import TEXT_LIMITS

MINUTES = (15, 30, 45, 60, 90, 120)


class CallForm(LogForm):
    """A call and its service in one form: the end is now unless changed, the start follows from how long it took."""

    is_call = True

    request = None  # it is opened with the log
    phone = AnyPhoneField(label=_("Phone"), required=False)
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=HelpRequest.Channel.noted(),
        widget=ButtonChoices,
        error_messages={"required": _("Choose how it came.")},
    )
    recipient = LineField(label=_("Who called"), max_length=TEXT_LIMITS["recipient"])
    duration = forms.TypedChoiceField(
        label=_("How long it took"),
        choices=[(minutes, minutes) for minutes in MINUTES],
        coerce=int,
        empty_value=None,
        required=False,
        widget=ButtonChoices,
    )
    starts = TimeField(label=_("From"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Say the minutes in words."""
        super().__init__(*args, **options)
        self.fields["duration"].choices = [
            (minutes, _("%(minutes)s min") % {"minutes": minutes}) for minutes in MINUTES
        ]

    def clean(self) -> Mapping[str, Any]:
        """Take the start that was typed, or count it back from the end: past midnight the day is the one before."""
        cleaned = super().clean()
        ends_at, minutes = cleaned.get("ends_at"), cleaned.get("duration")
        if cleaned.get("starts") or not {"starts", "duration"}.isdisjoint(self.errors):
            return cleaned
        if not minutes:
            self.add_error("duration", ValidationError(_("Tap how long it took, or type from when to when.")))
        elif ends_at:
            starts_at = ends_at - dt.timedelta(minutes=minutes)
            cleaned |= {"starts_at": starts_at, "date": timezone.localdate(starts_at)}
        return cleaned

    @property
    def shown_end(self) -> str:
        """When it was finished, as far as it is typed."""
        ends = self["ends"].value()
        return f"{ends:%H:%M}" if isinstance(ends, dt.time) else str(ends or "")

    @property
    def has_particulars(self) -> bool:
        """Whether what is rarely typed about a call is shown unfolded: something is, or something is wrong."""
        unusual = self["place"].value() or str(self["channel"].value()) != HelpRequest.Channel.PHONE
        return bool(unusual) or any(self[name].errors for name in ("channel", "place", "people_served"))

    @property
    def has_other_times(self) -> bool:
        """Whether the times are shown unfolded: a start was typed, or something about them is wrong."""
        return bool(self["starts"].value()) or any(self[name].errors for name in ("date", "starts", "ends", "next_day"))


def first_call(user: User, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what an empty form begins with: what a log's does, and that it came by phone and has just been done."""
    now = timezone.localtime()
    begin = first_entry(user, {name: value for name, value in query.items() if name == "team"})
    return begin | {"date": now.date(), "ends": now.time().replace(second=0, microsecond=0), "channel": "phone"}
