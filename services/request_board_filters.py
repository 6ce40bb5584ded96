"""How the board of due and late requests is narrowed down."""

import django_filters
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship
from services.domain.request_board import Lane
from services.filters import teams_of
from services.models import HelpRequest
from services.models.request import HelpRequestQuerySet


class RequestBoardFilter(InTownship):
    """By township, by the team that has it, by urgency, and one lane alone."""

    dependent = ("team",)

    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=teams_of, empty_label=_("All teams"))
    urgency = django_filters.ChoiceFilter(
        label=_("Urgency"), choices=HelpRequest.Urgency.choices, empty_label=_("Any urgency")
    )
    lane = django_filters.ChoiceFilter(
        label=_("What is due"), choices=Lane.choices, method="by_lane", empty_label=_("Everything")
    )

    class Meta:
        model = HelpRequest
        fields = ("township", "team", "urgency", "lane")

    def by_lane(self, requests: HelpRequestQuerySet, name: str, value: str) -> HelpRequestQuerySet:
        """Leave the counts of the other lanes where they are: the board shows the cards of one."""
        return requests
