"""A team's round as its leader taps it, and a request that was found on it."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from common.forms import AnyPhoneField, ButtonChoices, SubmissionKeyField, TextField, YiwangForm
from grids.models import Membership
from services.domain.visit_round import MINUTES, USUAL_MINUTES
from services.forms.log import LineField, TickedField
from services.models import HelpRequest, ServiceCategory, VisitPlan
from services.models.log import TEXT_LIMITS as LOG_LIMITS
from services.models.request import TEXT_LIMITS


class RoundForm(YiwangForm):
    """Who goes along and how long a visit takes, once for the whole round; a note and a key for each plan."""

    participants = TickedField(
        label=_("Who goes along"),
        error_messages={
            "required": _("Tick who goes along: at least one member of the team."),
            "invalid_choice": _("Someone who was ticked is not in the team any more. The list shows who is."),
        },
    )
    minutes = forms.TypedChoiceField(
        label=_("Minutes of a visit"), choices=[(each, str(each)) for each in MINUTES], coerce=int, widget=ButtonChoices
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        members: Iterable[Membership],
        plans: Iterable[VisitPlan],
        **options: Any,
    ) -> None:
        """Offer the members of today, and one line for each plan."""
        super().__init__(data, **options)
        self.fields["participants"].choices = [(str(each.volunteer_id), each.volunteer.name) for each in members]
        for plan in plans:
            self.fields[f"key_{plan.pk}"] = SubmissionKeyField()
            self.fields[f"note_{plan.pk}"] = LineField(
                label=_("Note"), required=False, max_length=LOG_LIMITS["content"]
            )

    def tap(self, plan: VisitPlan) -> dict[str, Any]:
        """Return what the domain is told of a tap; the form is valid."""
        told = self.cleaned_data
        return {
            "key": told[f"key_{plan.pk}"],
            "participants": told["participants"],
            "minutes": told["minutes"],
            "note": told[f"note_{plan.pk}"],
        }

    @property
    def in_short(self) -> str:
        """Say in one line who goes along and how long a visit takes."""
        ticked = {str(pk) for pk in self["participants"].value() or ()}
        names = [name for pk, name in self.fields["participants"].choices if pk in ticked]
        if not names:
            return ""
        typed = str(self["minutes"].value())
        minutes = next((each for each in MINUTES if str(each) == typed), USUAL_MINUTES)
        each = ngettext("%(minutes)d minute each", "%(minutes)d minutes each", minutes) % {"minutes": minutes}
        return f"{'、'.join(names)} · {each}"


class FoundForm(YiwangForm):
    """What somebody needs, as it was found on a visit: who and where are known from there."""

    key = SubmissionKeyField()
    content = TextField(label=_("What is asked"), max_length=TEXT_LIMITS["content"], lines=3)
    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=ServiceCategory.objects.none(),
        required=False,
        empty_label=_("Not known yet"),
    )
    urgency = forms.ChoiceField(
        label=_("Urgency"),
        choices=HelpRequest.Urgency.choices,
        initial=HelpRequest.Urgency.NORMAL,
        widget=ButtonChoices,
    )
    phone = AnyPhoneField(label=_("Phone"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the categories in use."""
        super().__init__(*args, **options)
        self.fields["category"].queryset = ServiceCategory.objects.in_use()


def first_round(kept: dict[str, Any] | None, ticked: Collection[int]) -> dict[str, Any]:
    """Return what the page begins with: what was said on the last tap of the day, or the people of the last service."""
    if kept:
        return {"participants": kept["people"], "minutes": kept["minutes"]}
    return {"participants": list(ticked), "minutes": USUAL_MINUTES}
