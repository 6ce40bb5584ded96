"""What is typed about a thing that a resident handed over: taken, submitted, returned, voided."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from common import clean
from common.forms import ButtonChoices, DateField, SubmissionKeyField, TextField, TimeField, VersionField, YiwangForm
from common.money import clean_money
from common.rules import RuleBroken
from grids.domain.rule import members_of
from services.models import CustodyItem, HelpRequest
from services.models.custody import TEXT_LIMITS
from volunteers.models import Volunteer

MYSELF = ""


class MoneyField(forms.CharField):
    """An amount of yuan in any of the usual spellings (``common.money.clean_money``); gives fen."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> int | None:
        """Return the fen, or None for an empty field."""
        typed = super().clean(value)
        return clean_money(typed) if typed else None


class MemberField(forms.ChoiceField):
    """Somebody of the request's team, or whoever fills in the form; gives the volunteer or None."""

    def __init__(self, **options: Any) -> None:
        """Know nobody until it is known whose form it is."""
        super().__init__(required=False, **options)
        self.members: dict[str, Volunteer] = {}

    def offer(self, asked: HelpRequest, user: User) -> str:
        """Offer the members of the team and the user; return the value that the form begins with."""
        team = members_of(asked.team) if asked.team else []
        self.members = {str(member.volunteer_id): member.volunteer for member in team}
        own = next((pk for pk, volunteer in self.members.items() if volunteer.user_id == user.pk), MYSELF)
        named = [(pk, volunteer.name) for pk, volunteer in self.members.items()]
        # Whoever is in the team themselves is named once.
        self.choices = named if own else [(MYSELF, _("%(name)s (myself)") % {"name": user.name}), *named]
        return own

    def clean(self, value: Any) -> Any:
        """Return the volunteer, or None for the user."""
        chosen = super().clean(value)
        return self.members.get(str(chosen)) if chosen else None


class AtAMoment(YiwangForm):
    """A form with a day and a clock time, now unless somebody says otherwise; the domain speaks of one moment."""

    moment_name: str
    on = DateField(label=gettext_lazy("Day"))
    at = TimeField(label=gettext_lazy("Time"))

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None, **options: Any) -> None:
        """Begin with this minute."""
        now = timezone.localtime().replace(second=0, microsecond=0)
        super().__init__(data, initial={"on": now.date(), "at": now.time()} | (initial or {}), **options)

    def clean(self) -> dict[str, Any]:
        """Put the moment together."""
        cleaned: dict[str, Any] = super().clean() or {}
        day, clock = cleaned.pop("on", None), cleaned.pop("at", None)
        if day and clock:
            cleaned[self.moment_name] = clean.moment(day, clock)
        return cleaned

    def add_rule(self, broken: RuleBroken, *, current_version: int | None = None) -> None:
        """Show what is wrong with the moment at its time."""
        if broken.field == self.moment_name:
            broken.field = "at"
        super().add_rule(broken, current_version=current_version)


class TakeForm(AtAMoment):
    """A thing that somebody handed over."""

    moment_name = "received_at"

    key = SubmissionKeyField()
    kind = forms.ChoiceField(
        label=gettext_lazy("What sort of thing"),
        choices=CustodyItem.Kind.choices,
        widget=ButtonChoices,
        error_messages={"required": gettext_lazy("Choose what sort of thing it is.")},
    )
    what = TextField(
        label=gettext_lazy("What was handed over"),
        max_length=TEXT_LIMITS["what"],
        lines=1,
        help_text=gettext_lazy("With the number of pieces, as it stands on the slip: ID card 1, household register 1."),
    )
    amount = MoneyField(
        label=gettext_lazy("Amount in yuan"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("For money only. Count it together with the resident."),
    )
    from_whom = TextField(label=gettext_lazy("From whom"), max_length=TEXT_LIMITS["from_whom"], lines=1)
    received_by = MemberField(label=gettext_lazy("Received by"))
    field_order = ("key", "kind", "what", "amount", "from_whom", "received_by", "on", "at")

    def __init__(self, data: QueryDict | None = None, *, asked: HelpRequest, user: User) -> None:
        """Begin with papers of whoever asked, taken by the user."""
        super().__init__(data, initial={"kind": CustodyItem.Kind.PAPERS, "from_whom": asked.caller})
        self.initial["received_by"] = self.fields["received_by"].offer(asked, user)

    def clean(self) -> dict[str, Any]:
        """Ask for the amount of money, and for none of anything else."""
        cleaned = super().clean()
        cleaned["fen"] = cleaned.pop("amount", None)
        if cleaned.get("kind") == CustodyItem.Kind.MONEY and cleaned["fen"] is None and "amount" not in self.errors:
            self.add_error("amount", ValidationError(_("Enter the amount."), code="amount"))
        return cleaned


class SubmitForm(AtAMoment):
    """The office that a thing went to."""

    moment_name = "submitted_at"

    version = VersionField()
    submitted_to = TextField(
        label=gettext_lazy("Submitted to"),
        max_length=TEXT_LIMITS["submitted_to"],
        lines=1,
        help_text=gettext_lazy("The office or counter, so that anybody can ask there."),
    )
    field_order = ("version", "submitted_to", "on", "at")

    def __init__(self, data: QueryDict | None = None, *, item: CustodyItem) -> None:
        """Begin with what is known."""
        initial: dict[str, Any] = {"version": item.version, "submitted_to": item.submitted_to}
        if item.submitted_at:
            at = timezone.localtime(item.submitted_at)
            initial |= {"on": at.date(), "at": at.time().replace(second=0, microsecond=0)}
        super().__init__(data, initial=initial)


class ReturnForm(AtAMoment):
    """A thing that is with its owner again."""

    moment_name = "returned_at"

    version = VersionField()
    returned_to = TextField(label=gettext_lazy("Returned to"), max_length=TEXT_LIMITS["returned_to"], lines=1)
    returned_what = TextField(
        label=gettext_lazy("What was returned"),
        max_length=TEXT_LIMITS["returned_what"],
        lines=1,
        required=False,
        help_text=gettext_lazy("Only if it is not the thing itself: a receipt and the change, a new certificate."),
    )
    returned_by = MemberField(label=pgettext_lazy("custody", "Returned by"))
    field_order = ("version", "returned_to", "returned_what", "returned_by", "on", "at")

    def __init__(self, data: QueryDict | None = None, *, item: CustodyItem, user: User) -> None:
        """Begin with whoever handed it over."""
        super().__init__(data, initial={"version": item.version, "returned_to": item.from_whom})
        self.initial["returned_by"] = self.fields["returned_by"].offer(item.request, user)


class VoidForm(YiwangForm):
    """Why an entry is a mistake."""

    version = VersionField()
    reason = TextField(
        label=gettext_lazy("What is mistaken"),
        max_length=TEXT_LIMITS["void_reason"],
        lines=1,
        help_text=gettext_lazy("The entry stays, struck through, with this reason."),
    )

    def __init__(self, data: QueryDict | None = None, *, item: CustodyItem) -> None:
        """Keep the version that was seen."""
        super().__init__(data, initial={"version": item.version})
