"""What is typed about a log of a read month that is to be corrected, and the answer to it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from common.forms import SubmissionKeyField, TextField, VersionField, YiwangForm
from services.forms.log import LogForm
from services.models.correction import TEXT_LIMITS

# What the form of a log tells, and a correction does not take.
ASKED = ("date", "starts_at", "ends_at", "category", "recipient", "content", "place", "people_served", "participants")


class CorrectionForm(LogForm):
    """What the log should say, filled with what it says; and why."""

    submission = SubmissionKeyField()
    reason = TextField(label=_("Why it is to be corrected"), max_length=TEXT_LIMITS["reason"], lines=2)

    def entry(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        entry = super().entry()
        asked = {name: entry[name] for name in ASKED}
        told = {name: self.cleaned_data[name] for name in ("version", "reason")}
        return asked | told | {"key": self.cleaned_data["submission"]}


class StrikeForm(YiwangForm):
    """That the service did not take place; and why."""

    submission = SubmissionKeyField()
    version = VersionField()
    reason = TextField(label=_("Why it is to be struck"), max_length=TEXT_LIMITS["reason"], lines=2)

    def entry(self) -> dict[str, Any]:
        """Return what the domain is told; the form is valid."""
        told = {name: self.cleaned_data[name] for name in ("version", "reason")}
        return told | {"key": self.cleaned_data["submission"]}


class DecisionForm(YiwangForm):
    """A decision on the correction as the person saw it, in the version of their page."""

    version = VersionField()


class RefuseForm(DecisionForm):
    """Leaving the log as it is."""

    answer = TextField(label=_("Why it is refused"), max_length=TEXT_LIMITS["answer"], lines=2)
