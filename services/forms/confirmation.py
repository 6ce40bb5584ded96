"""What the recipient of a service types on the public page, and which slips a team prints."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from common.clean import key_of
from common.forms import DateField, TextField, YiwangForm
from services.domain.confirmation import read_code
from services.models import Confirmation, ServiceLog
from services.models.confirmation import TEXT_LIMITS
from services.models.log import ServiceLogQuerySet

# One sheet a log: more are printed in several goes.
MOST_SLIPS = 60


class CodeForm(YiwangForm):
    """The code on the slip, however it is typed."""

    code = forms.CharField(
        label=_("The code on the slip"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autofocus": True}
        ),
        error_messages={"required": _("Type the code that is printed on the slip.")},
    )

    def clean_code(self) -> str:
        """Return the signs; what can be no code is not even looked up."""
        signs = read_code(self.cleaned_data["code"])
        if not signs:
            raise ValidationError(
                _("A code has eleven letters and digits, like 7KMX-3RTA-9WC. Compare it with the slip.")
            )
        return signs


class AnswerForm(YiwangForm):
    """The answer; the code comes along, hidden."""

    code = forms.CharField(max_length=40, widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        choices=Confirmation.Answer, error_messages={"required": _("Choose one of the two answers.")}
    )
    remark = TextField(
        label=_("If you want to say something, write it here first"),
        required=False,
        max_length=TEXT_LIMITS["remark"],
        lines=2,
    )


class DayForm(YiwangForm):
    """The day whose slips are wanted."""

    day = DateField(label=_("Date"))


class SlipsForm(YiwangForm):
    """The logs whose slips are printed, ticked in the list of a day."""

    logs = forms.MultipleChoiceField(error_messages={"required": _("Tick the services that need a slip.")})

    def __init__(self, *args: Any, logs: ServiceLogQuerySet, **options: Any) -> None:
        """Offer the logs that the person sees."""
        super().__init__(*args, **options)
        pks = {key_of(value) for value in self.data.getlist("logs")[:MOST_SLIPS]} - {None} if self.is_bound else set()
        self.found: list[ServiceLog] = list(logs.filter(pk__in=pks))
        self.fields["logs"].choices = [(str(log.pk), str(log.pk)) for log in self.found]
