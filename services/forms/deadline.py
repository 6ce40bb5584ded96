"""What an administrator says of the deadlines of requests: spans of time in words, by urgency, and why."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from areas.models import Township
from common import spans
from common.forms import SpanField, TextField, VersionField, YiwangForm
from services.domain.deadline import Deadlines, Minutes, version_of
from services.models import HelpRequest
from services.models.request_deadline import MINUTES, REASON_LENGTH

Urgency = HelpRequest.Urgency
# What each number says; the same words stand on the page of the deadlines.
WORDS = {
    "answer_minutes": _("Answered within"),
    "arrive_minutes": _("Somebody has arrived within"),
    "resolve_minutes": _("Resolved within"),
    "township_after_minutes": _("If late, the township is told after"),
    "city_after_minutes": _("If late, the city is told after"),
}
HINTS = {
    "township_after_minutes": _("So long after a deadline was missed; 0 minutes: at once."),
    "city_after_minutes": _("So long after a deadline was missed, and not before the township."),
}


class DeadlinesForm(YiwangForm):
    """Five spans for each urgency: the city's, or a township's own, where all five empty is as the city has it."""

    version = VersionField()

    def __init__(self, *args: Any, township: Township | None, **options: Any) -> None:
        """Begin with what holds."""
        self.township = township
        self.held = Deadlines.read(townships=[township.pk] if township else [])
        first: dict[str, Any] = {"version": version_of(township)}
        for urgency in Urgency:
            key = (township.pk if township else None, urgency)
            held = self.held.own.get(key) if township else self.held.city[urgency]
            first |= {f"{urgency}_{name}": value for name, value in (held.as_columns() if held else {}).items()}
        super().__init__(*args, initial=first, **options)
        for urgency in Urgency:
            city = self.held.city[urgency].as_columns()
            for name in MINUTES:
                self.fields[f"{urgency}_{name}"] = SpanField(
                    label=WORDS[name], required=township is None, help_text=self._hint(name, city[name])
                )
        self.fields["reason"] = TextField(
            label=_("Reason"),
            max_length=REASON_LENGTH,
            lines=2,
            help_text=_("Who decided it, and what for. Everybody reads it beside the deadlines."),
        )

    def _hint(self, name: str, city: int) -> str:
        if self.township is None:
            return str(HINTS.get(name, ""))
        return gettext("The city has: %(value)s.") % {"value": said(city)}

    @property
    def groups(self) -> Iterator[tuple[str, list[Any]]]:
        """The fields of each urgency under its name."""
        for urgency in Urgency:
            yield str(urgency.label), [self[f"{urgency}_{name}"] for name in MINUTES]

    def clean(self) -> dict[str, Any]:
        """Let a township have all five of an urgency or none."""
        values = super().clean() or {}
        for urgency in Urgency:
            names = [f"{urgency}_{name}" for name in MINUTES]
            missing = [name for name in names if values.get(name) is None and name not in self.errors]
            if self.township is not None and 0 < len(missing) < len(names):
                for name in missing:
                    self.add_error(name, _("Enter a span of time here as well, or leave all five empty."))
        return values

    def wanted(self) -> dict[Urgency, Minutes | None]:
        """Return what holds by urgency; None is as the city has it."""
        return {
            urgency: None
            if self.cleaned_data[f"{urgency}_{MINUTES[0]}"] is None
            else Minutes(*(self.cleaned_data[f"{urgency}_{name}"] for name in MINUTES))
            for urgency in Urgency
        }


def said(minutes: int) -> str:
    """Say a deadline in words; nothing is at once."""
    return spans.said(minutes) if minutes else gettext("at once")
