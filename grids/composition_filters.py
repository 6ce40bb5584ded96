"""How the list of compositions is narrowed down."""

import django_filters
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship
from grids.models import Composition


class CompositionFilter(InTownship):
    """By township and by what became of them."""

    state = django_filters.ChoiceFilter(label=_("State"), choices=Composition.State.choices, empty_label=_("Any state"))

    class Meta:
        model = Composition
        fields = ("township", "state")
