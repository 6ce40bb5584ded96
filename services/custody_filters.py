"""How the list of things in custody is narrowed down."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from areas.filters import InTownship
from services.filters import teams_of
from services.models import CustodyItem
from services.models.custody import LONG_DAYS, CustodyItemQuerySet

ALL = "all"
AGES = (3, 7, LONG_DAYS, 30, 90)


class CustodyFilter(InTownship):
    """Things that are out, by a part of what they are or of a name, kind, age, team and township; or all there were."""

    dependent = ("team",)
    STATES = (
        (CustodyItem.Standing.IN_HAND, _("In hand")),
        (CustodyItem.Standing.SUBMITTED, _("At the office")),
        (CustodyItem.Standing.RETURNED, _("Returned to its owner")),
        (CustodyItem.Standing.VOID, _("Mistaken entries")),
        (ALL, _("All that was ever taken")),
    )

    q = django_filters.CharFilter(label=_("What, from whom or which office"), method="by_words", max_length=40)
    state = django_filters.ChoiceFilter(
        label=_("Where it is"), choices=STATES, method="by_state", empty_label=_("Still out")
    )
    kind = django_filters.ChoiceFilter(
        label=_("What sort of thing"), choices=CustodyItem.Kind.choices, empty_label=_("Any sort")
    )
    age = django_filters.ChoiceFilter(
        label=_("For how long"),
        choices=[
            (str(days), ngettext_lazy("%(days)s day and more", "%(days)s days and more", days) % {"days": days})
            for days in AGES
        ],
        method="by_age",
        empty_label=_("Any time"),
    )
    team = django_filters.ModelChoiceFilter(
        label=_("Team"), field_name="request__team", queryset=teams_of, empty_label=_("All teams")
    )

    class Meta:
        model = CustodyItem
        fields = ("q", "state", "kind", "age", "township", "team")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Look for the township where the request has it."""
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].field_name = "request__township"

    def filter_queryset(self, queryset: CustodyItemQuerySet) -> CustodyItemQuerySet:
        """Keep what is still out unless somebody asks for other things."""
        found: CustodyItemQuerySet = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.out()

    def by_words(self, items: CustodyItemQuerySet, name: str, value: str) -> CustodyItemQuerySet:
        """Keep what has the words in what it is, in who gave it, or in where it was submitted."""
        text = value.strip()
        return items.filter(Q(what__contains=text) | Q(from_whom__contains=text) | Q(submitted_to__contains=text))

    def by_state(self, items: CustodyItemQuerySet, name: str, value: str) -> CustodyItemQuerySet:
        """Keep what is there."""
        if value == ALL:
            return items
        if value == CustodyItem.Standing.VOID:
            return items.filter(voided_at__isnull=False)
        if value == CustodyItem.Standing.RETURNED:
            return items.standing().filter(returned_at__isnull=False)
        return items.out().filter(submitted_at__isnull=value == CustodyItem.Standing.IN_HAND)

    def by_age(self, items: CustodyItemQuerySet, name: str, value: str) -> CustodyItemQuerySet:
        """Keep what was received so many days ago or before."""
        return items.filter(received_at__date__lte=timezone.localdate() - timedelta(days=int(value)))
