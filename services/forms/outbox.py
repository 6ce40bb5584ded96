"""A log that waited on a phone: the form of a log, and what the phone's clock said when it was made and sent."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.rights import Role
from common import clean
from services.forms.log import LogForm
from services.models import ServiceLog

# How far a phone's clock may be off before the log's date and times are in doubt.
TOLERANCE = dt.timedelta(minutes=10)
DAY = dt.timedelta(days=1)


class ClockField(forms.Field):
    """A moment by the phone's clock: milliseconds since 1970, as JavaScript counts them."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> dt.datetime | None:
        """Return the moment, or None for what is no moment: a clock that says nothing is asked nothing."""
        text = str(value or "")
        if not (text.isascii() and text.isdecimal()) or len(text) > 14:  # up to the year 5138
            return None
        return dt.datetime.fromtimestamp(int(text) / 1000, tz=dt.UTC)


@dataclass(frozen=True)
class ClockQuestion:
    """The phone's clock is or was wrong: what the person is asked, and date and times put right if they are known."""

    text: str
    proposal: dict[str, str] | None


class OutboxForm(LogForm):
    """One log from a phone's outbox; ``clock_confirmed`` says that the person has looked at date and times."""

    made_at = ClockField(required=False)
    # The latest time that the server had told the phone when the log was made.
    known_at = ClockField(required=False)
    sent_at = ClockField(required=False)
    clock_confirmed = forms.BooleanField(required=False)

    def __init__(
        self, data: QueryDict | None = None, files: MultiValueDict | None = None, *, user: User, **options: Any
    ) -> None:
        """Say what to do with a log whose team is no longer the person's."""
        super().__init__(data, files, user=user, **options)
        self.fields["team"].error_messages["invalid_choice"] = (
            _(
                "You do not lead this team now, so the log was not taken. The township's staff can log it: "
                "read it out to them, or copy the text and send it to them."
            )
            if user.role == Role.TEAM_LEADER
            else _("This team has been dissolved or is another township's, so the log was not taken.")
        )

    def stored(self) -> ServiceLog | None:
        """Return the log that this person's entry made before, when the answer was lost on its way."""
        key = self.cleaned_data.get("key")
        return ServiceLog.objects.filter(key=key, recorded_by=self.user).first() if key else None

    def clock_question(self) -> ClockQuestion | None:
        """Return what to ask because of the phone's clock, or None; the form has been cleaned."""
        told = self.cleaned_data
        starts, ends, sent, made = (told.get(name) for name in ("starts_at", "ends_at", "sent_at", "made_at"))
        if told.get("clock_confirmed") or starts is None or ends is None:
            return None
        words = {
            "day": date_format(told["date"]),
            "start": f"{timezone.localtime(starts):%H:%M}",
            "end": f"{timezone.localtime(ends):%H:%M}",
        }
        now = timezone.now()
        if sent is not None and abs(sent - now) > TOLERANCE:
            off = sent - now
            words["off"] = in_words(abs(off))
            text = (
                _("The phone's clock is %(off)s fast, and the log says %(day)s, %(start)s–%(end)s.")
                if off > dt.timedelta(0)
                else _("The phone's clock is %(off)s slow, and the log says %(day)s, %(start)s–%(end)s.")
            )
            question = _("Check the date and the times.")
            return ClockQuestion(f"{text % words} {question}", _shifted(starts, ends, off, now))
        known = told.get("known_at")
        if made is not None and (made > now + TOLERANCE or (known is not None and made < known - TOLERANCE)):
            return ClockQuestion(
                _(
                    "The phone's clock was wrong when this was written: the log says %(day)s, %(start)s–%(end)s. "
                    "Check the date and the times."
                )
                % words,
                None,
            )
        return None


def in_words(span: dt.timedelta) -> str:
    """Say how long a span is, in hours, or in minutes below one."""
    minutes = round(span.total_seconds() / 60)
    if minutes < 60:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


def _shifted(starts: dt.datetime, ends: dt.datetime, off: dt.timedelta, now: dt.datetime) -> dict[str, str] | None:
    """Return date and times as a right clock would have had them; a date alone that is wrong leaves the times.

    None where they cannot be right either: they have not come yet, or lie before anybody's time.
    """
    days = round(off / DAY) * DAY
    shift = days if abs(off - days) <= TOLERANCE else dt.timedelta(minutes=round(off.total_seconds() / 60))
    try:
        starts, ends = (timezone.localtime(moment - shift) for moment in (starts, ends))
    except OverflowError:
        return None
    if ends > now or starts.year < clean.EARLIEST_YEAR:
        return None
    return {
        "date": starts.date().isoformat(),
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "next_day": "on" if ends.date() > starts.date() else "",
        "shown": f"{date_format(starts.date())} {starts:%H:%M}–{ends:%H:%M}",
    }
