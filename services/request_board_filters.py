"""How the board of due and late requests is narrowed down."""

import django_filters
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship
from services.domain.request_board import Lane
from services.filters import teams_of
from services.models import HelpRequest
from services.models.request import HelpRequestQuerySet

LATE = (
    ("late", _("Late")),
    ("township", _("Late, the township was told")),
    ("city", _("Late, the city was told")),
)


class RequestBoardFilter(InTownship):
    """By township, by the team that has it, by urgency, by lateness, and one lane alone."""

    dependent = ("team",)

    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=teams_of, empty_label=_("All teams"))
    urgency = django_filters.ChoiceFilter(
        label=_("Urgency"), choices=HelpRequest.Urgency.choices, empty_label=_("Any urgency")
    )
    late = django_filters.ChoiceFilter(
        label=_("Late"), choices=LATE, method="by_lateness", empty_label=_("Late or not")
    )
    lane = django_filters.ChoiceFilter(
        label=_("What is due"), choices=Lane.choices, method="by_lane", empty_label=_("Everything")
    )

    class Meta:
        model = HelpRequest
        fields = ("township", "team", "urgency", "late", "lane")

    def by_lateness(self, requests: HelpRequestQuerySet, name: str, value: str) -> HelpRequestQuerySet:
        """Keep what has missed a deadline, or of that what an office was told of."""
        told = {"late": {}, "township": {"escalation": 1}, "city": {"escalation": 2}}
        return requests.overdue().filter(**told[value])

    def by_lane(self, requests: HelpRequestQuerySet, name: str, value: str) -> HelpRequestQuerySet:
        """Leave the counts of the other lanes where they are: the board shows the cards of one."""
        return requests
