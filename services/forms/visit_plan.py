"""A visit plan as its team types it."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.forms import ButtonChoices, DateField, TextField, VersionField, YiwangForm
from services.models import VisitPlan
from services.models.visit_plan import TEXT_LIMITS


class VisitPlanForm(YiwangForm):
    """Whom the team visits, how often, and from when on; with a ``plan`` it is changed as the person saw it."""

    version = VersionField()
    recipient = TextField(
        label=_("Whom to visit"),
        max_length=TEXT_LIMITS["recipient"],
        lines=1,
        help_text=_("As the log names them: a home visit for this recipient then counts for the plan."),
    )
    place = TextField(label=_("Place"), max_length=TEXT_LIMITS["place"], lines=1, required=False)
    every_days = forms.TypedChoiceField(
        label=_("How often"),
        choices=VisitPlan.Rhythm.choices,
        coerce=int,
        initial=VisitPlan.Rhythm.WEEKLY,
        widget=ButtonChoices,
    )
    starts_on = DateField(label=_("First visit due on"))
    note = TextField(label=_("Note"), max_length=TEXT_LIMITS["note"], lines=1, required=False)

    def __init__(self, *args: Any, plan: VisitPlan | None = None, **options: Any) -> None:
        """Begin with the plan as it is, or with a weekly round from today on."""
        names = ("recipient", "place", "every_days", "starts_on", "note", "version")
        first = {name: getattr(plan, name) for name in names} if plan else {"starts_on": timezone.localdate()}
        super().__init__(*args, initial=first, **options)
        if plan is None:
            del self.fields["version"]
