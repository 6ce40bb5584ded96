"""What an administrator says of a township that does something otherwise than the city."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from areas.models import TownshipSettings
from areas.models.settings import DUTIES, NAMES, RANGES, city_value
from common.forms import ButtonChoices, TextField, VersionField, YiwangForm
from grids.models.setting_change import REASON_LENGTH, in_words

AS_CITY, ON, OFF = "", "on", "off"
WORDS = {
    "uses_logs": (
        _("Service logs and monthly reports"),
        _("Off: no service is logged, no month is expected, and no team counts as silent."),
    ),
    "uses_badges": (
        _("Badges"),
        _("Off: no badge is issued or printed. Those that are out stay valid and can be reported lost or revoked."),
    ),
    "uses_cards": (
        _("Contact cards"),
        _("Off: no card is printed or handed out. What was printed stays on record, and its grids' pages stay up."),
    ),
    "uses_visit_plans": (_("Visit plans"), _("Off: plans rest. They need logs: without these they are off as well.")),
    "least_skill_types": (
        _("Fewest primary skill types of a team"),
        _("Not below the city's. Teams that are active stay active and show what they lack."),
    ),
    "silent_after_days": (_("A team is silent after so many days without a service"), ""),
    "feedback_working_days": (
        _("Feedback is answered within so many working days"),
        _("For what comes in from now on; what is there keeps the day that the resident was told."),
    ),
    "late_entry_days": (_("An entry is late after so many days"), ""),
}


class TownshipSettingsForm(YiwangForm):
    """Each setting as the city has it, or a value of the township's own; and why."""

    version = VersionField()

    def __init__(self, *args: Any, current: TownshipSettings | None, **options: Any) -> None:
        """Begin with what the township has."""
        first: dict[str, Any] = {"version": current.version if current else 0}
        for name in NAMES:
            value = getattr(current, name) if current else None
            first[name] = _choice(value) if name in DUTIES else value
        super().__init__(*args, initial=first, **options)
        for name in NAMES:
            label, hint = WORDS[name]
            self.fields[name] = _duty(name, label, hint) if name in DUTIES else _number(name, label, hint)
        self.fields["reason"] = TextField(
            label=_("Reason"),
            max_length=REASON_LENGTH,
            lines=2,
            help_text=_("Who decided it, and what for. Everybody of the township reads it."),
        )

    def values(self) -> dict[str, Any]:
        """Return the township's own values, None for what is as the city has it."""
        own = {AS_CITY: None, ON: True, OFF: False}
        return {name: own[self.cleaned_data[name]] if name in DUTIES else self.cleaned_data[name] for name in NAMES}


def _duty(name: str, label: Any, hint: Any) -> forms.ChoiceField:
    city = gettext("As the city has it (%(value)s)") % {"value": in_words(name, city_value(name), 0)}
    return forms.ChoiceField(
        label=label,
        choices=[(AS_CITY, city), (ON, _("On")), (OFF, _("Off"))],
        required=False,
        widget=ButtonChoices,
        help_text=hint,
    )


def _number(name: str, label: Any, hint: Any) -> forms.IntegerField:
    least, most = RANGES[name]
    said = gettext("Empty: as the city has it (%(value)s).") % {"value": city_value(name)}
    return forms.IntegerField(
        label=label,
        min_value=max(least, city_value(name)) if name == "least_skill_types" else least,
        max_value=most,
        required=False,
        help_text=f"{said} {hint}" if hint else said,
    )


def _choice(value: bool | None) -> str:
    return AS_CITY if value is None else ON if value else OFF
