"""Narrowing lists down by place: the city level chooses a township, everybody a village there."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from areas.models import Township, Village
from common.filter_fields import chosen_pk


def townships_of(request: HttpRequest) -> QuerySet[Township]:
    """Return the townships that the reader may choose from, for what was recorded: those merged into others too."""
    return Township.objects.visible_to(request.user)


def present_townships_of(request: HttpRequest) -> QuerySet[Township]:
    """Return the townships that the reader may choose from, for what is there today."""
    return townships_of(request).current()


def villages_of(request: HttpRequest) -> QuerySet[Village]:
    """Return the villages of the chosen township, or of the reader's own; none for the city level without one."""
    villages = Village.objects.visible_to(request.user).current()
    if not request.user.is_city_wide:
        return villages
    township = chosen_pk(request, "township")
    return villages.filter(township=township) if township else villages.none()


class InTownship(django_filters.FilterSet):
    """A filter set with a choice of townships, for who has several: the city level, and who has taken in another one.

    Nothing that is there today is in a township that was merged into another (``is_of_today``): it is not offered.
    """

    is_of_today = False
    township = django_filters.ModelChoiceFilter(
        label=_("Township"), queryset=townships_of, empty_label=_("All townships")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the choice out where there is none."""
        super().__init__(*args, **kwargs)
        if not self.request.user.chooses_township:
            del self.filters["township"]
        elif self.is_of_today:
            self.filters["township"].queryset = present_townships_of
