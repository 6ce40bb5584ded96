"""How the lists of contact cards are narrowed down: grids, printed batches, hand-outs."""

import django_filters
from django.utils.translation import gettext_lazy as _

from areas.models import Village
from common.filter_fields import DayFilter
from grids.card_states import State, in_state
from grids.filters import GridsInVillage, InVillage
from grids.models import CardBatch, Grid, HandOut
from grids.models.card import CardBatchQuerySet, HandOutQuerySet
from grids.models.grid import GridQuerySet


class CardFilter(GridsInVillage):
    """Grids by township, village, and what is to be done about their cards."""

    is_of_today = True
    state = django_filters.ChoiceFilter(
        label=_("Contact cards"), choices=State.choices, method="by_state", empty_label=_("Any state")
    )

    class Meta:
        model = Grid
        fields = ("township", "village", "state")

    def by_state(self, grids: GridQuerySet, name: str, value: str) -> GridQuerySet:
        """Keep the grids whose cards stand so; the other filters have narrowed them down before."""
        return in_state(grids, value)


class CardBatchFilter(InVillage):
    """Printed batches by township, village, day, and whether cards are left."""

    LEFT = (("some", _("Some are left")), ("none", _("All handed out")))

    since = DayFilter(label=_("From"), field_name="printed_on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="printed_on", lookup_expr="lte")
    left = django_filters.ChoiceFilter(
        label=_("Handed out"), choices=LEFT, method="by_left", empty_label=_("Handed out or not")
    )

    class Meta:
        model = CardBatch
        fields = ("township", "village", "since", "until", "left")

    def by_village(self, batches: CardBatchQuerySet, name: str, value: Village) -> CardBatchQuerySet:
        """Keep the cards of the village's grids."""
        return batches.filter(grid__village=value)

    def by_left(self, batches: CardBatchQuerySet, name: str, value: str) -> CardBatchQuerySet:
        """Keep those with cards in the office, or those without."""
        left = batches.with_cards_left()
        return left if value == "some" else batches.exclude(pk__in=left.order_by().values("pk"))


class HandOutFilter(InVillage):
    """Hand-outs by township, village and day; those taken back are shown on their batch only."""

    since = DayFilter(label=_("From"), field_name="on", lookup_expr="gte")
    until = DayFilter(label=_("Until"), field_name="on", lookup_expr="lte")

    class Meta:
        model = HandOut
        fields = ("township", "village", "since", "until")

    def by_village(self, made: HandOutQuerySet, name: str, value: Village) -> HandOutQuerySet:
        """Keep the cards of the village's grids."""
        return made.filter(batch__grid__village=value)
