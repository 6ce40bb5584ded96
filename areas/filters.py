"""Narrowing lists down by place: the city level chooses a township, everybody a village there."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from areas.models import Township, Village
from common.filter_fields import chosen_pk


def townships_of(request: HttpRequest) -> QuerySet[Township]:
    """Return the townships that the reader may choose from."""
    return Township.objects.visible_to(request.user)


def villages_of(request: HttpRequest) -> QuerySet[Village]:
    """Return the villages of the chosen township, or of the reader's own; none for the city level without one."""
    villages = Village.objects.visible_to(request.user)
    if not request.user.is_city_wide:
        return villages
    township = chosen_pk(request, "township")
    return villages.filter(township=township) if township else villages.none()


class InTownship(django_filters.FilterSet):
    """A filter set with a choice of townships, for the city level only."""

    township = django_filters.ModelChoiceFilter(
        label=_("Township"), queryset=townships_of, empty_label=_("All townships")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the choice out where there is none."""
        super().__init__(*args, **kwargs)
        if not self.request.user.is_city_wide:
            del self.filters["township"]
