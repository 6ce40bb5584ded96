"""How the list of townships is narrowed down by what they do otherwise than the city."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from areas.models import Township, TownshipSettings
from areas.models.settings import DUTIES, NAMES
from grids.forms.township import WORDS


class TownshipFilter(django_filters.FilterSet):
    """By name, by having values of its own, and by the duties that it has or has not."""

    q = django_filters.CharFilter(
        label=pgettext_lazy("place", "Name"), field_name="name", lookup_expr="contains", max_length=40
    )
    has = django_filters.ChoiceFilter(label=_("With the duty"), choices=(), method="by_duty", empty_label=_("All"))
    lacks = django_filters.ChoiceFilter(label=_("Without the duty"), choices=(), method="by_duty", empty_label=_("All"))
    own = django_filters.BooleanFilter(
        label=_("Only with values of their own"), method="by_own", widget=forms.CheckboxInput
    )

    class Meta:
        model = Township
        fields = ("q", "has", "lacks", "own")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the duties."""
        super().__init__(*args, **kwargs)
        for name in ("has", "lacks"):
            self.filters[name].extra["choices"] = [(duty, WORDS[duty][0]) for duty in DUTIES]

    def by_duty(self, townships: QuerySet[Township], name: str, value: str) -> QuerySet[Township]:
        """Keep those that have the duty, or those that have it not."""
        part = TownshipSettings.by_township().taking_part(value, path="pk")
        if name == "has":
            return townships.filter(part)
        return townships.exclude(part) if part else townships.none()

    def by_own(self, townships: QuerySet[Township], name: str, value: bool) -> QuerySet[Township]:
        """Keep those with a value of their own."""
        if not value:
            return townships
        some = Q()
        for setting in NAMES:
            some |= Q(**{f"settings__{setting}__isnull": False})
        return townships.filter(some)
