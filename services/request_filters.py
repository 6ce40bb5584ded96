"""How the list of requests is narrowed down, and the page of the rates with it."""

from functools import lru_cache
from typing import Any

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship
from areas.models import Township, Village
from common.filter_fields import chosen_pk
from grids.models import Grid
from services.domain import rates
from services.domain.figures import FIRST_YEAR, Period
from services.filters import categories_of, teams_of
from services.models import HelpRequest
from services.models.request import HelpRequestQuerySet

YEARS = 5
# A request of which nobody has said the category, and who has it.
UNKNOWN = "none"
OWNERS = (("office", _("The township’s office (no team)")), ("team", _("A team")))


def periods_to_choose() -> list[tuple[str, str]]:
    """Return the last years and each of their months that has begun, the latest first."""
    return _periods_until(timezone.localdate().replace(day=1), get_language() or "")


@lru_cache(maxsize=4)
def _periods_until(month: Any, language: str) -> list[tuple[str, str]]:
    choices = []
    for year in range(month.year, max(month.year - YEARS, FIRST_YEAR - 1), -1):
        choices.append((str(year), Period(year).label))
        months = rates.months_of(Period(year), month)
        choices += [(str(one), one.label) for one in reversed(months)]
    return choices


def villages_of_requests(request: Any) -> Any:
    """Return the villages of the chosen township or the reader's own, with those that have ended since.

    A township that was merged into another keeps its requests; its villages are the other's today.
    """
    villages = Village.objects.visible_to(request.user).order_by("township__code", "code")
    if not request.user.is_city_wide:
        return villages
    chosen = chosen_pk(request, "township")
    township = Township.objects.filter(pk=chosen).first() if chosen else None
    return villages.filter(township__in=township.present.reach) if township else villages.none()


def grids_of_requests(request: Any) -> Any:
    """Return the grid that a page leads here with, if the reader sees it."""
    grid = chosen_pk(request, "grid")
    return Grid.objects.visible_to(request.user).filter(pk=grid) if grid else Grid.objects.none()


class RequestFilter(InTownship):
    """By words, place, who has it, where it stands, urgency, category, channel, period, clocks, rating and marks."""

    STATES = (
        *HelpRequest.State.choices,
        (rates.OVERDUE, _("Overdue")),
        (rates.WAITING, _("Waits for the resident")),
        (rates.SETTLED, _("Settled in any way")),
        (rates.COUNTED, _("All but the withdrawn ones")),
    )
    MARKS = (
        (rates.ESCALATED, _("Passed on, because it was late")),
        (rates.CITY, _("Passed on to the city")),
        (rates.REOPENED, _("Reopened")),
    )
    RATINGS = (
        *HelpRequest.Rating.choices,
        (rates.RATED, _("Rated in any way")),
        (rates.UNRATED, _("Not rated")),
    )
    dependent = ("village", "team", "grid")

    q = django_filters.CharFilter(label=_("Who asks or what"), method="by_words", max_length=40)
    village = django_filters.ModelChoiceFilter(
        label=_("Village"), queryset=villages_of_requests, empty_label=_("All villages")
    )
    grid = django_filters.ModelChoiceFilter(label=_("Grid"), queryset=grids_of_requests, empty_label=_("All grids"))
    team = django_filters.ModelChoiceFilter(label=_("Team"), queryset=teams_of, empty_label=_("All teams"))
    owner = django_filters.ChoiceFilter(
        label=_("Who has it"), choices=OWNERS, method="by_owner", empty_label=_("Office or team")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"), choices=STATES, method="by_condition", empty_label=_("All states")
    )
    urgency = django_filters.ChoiceFilter(
        label=_("Urgency"), choices=HelpRequest.Urgency.choices, empty_label=_("Any urgency")
    )
    category = django_filters.ModelChoiceFilter(
        label=_("Category"),
        queryset=categories_of,
        empty_label=_("All categories"),
        null_label=pgettext_lazy("category", "Not known yet"),
        null_value=UNKNOWN,
    )
    channel = django_filters.ChoiceFilter(
        label=_("How it came"), choices=HelpRequest.Channel.choices, empty_label=_("Any way")
    )
    period = django_filters.ChoiceFilter(
        label=_("Asked in"), choices=periods_to_choose, method="by_period", empty_label=_("Any time")
    )
    clock = django_filters.ChoiceFilter(
        label=_("Clocks"), choices=rates.clock_choices, method="by_condition", empty_label=_("Any")
    )
    rating = django_filters.ChoiceFilter(
        label=_("Rating"), choices=RATINGS, method="by_condition", empty_label=_("Rated or not")
    )
    mark = django_filters.ChoiceFilter(
        label=_("Marked"), choices=MARKS, method="by_condition", empty_label=_("With or without a mark")
    )

    class Meta:
        model = HelpRequest
        fields = (
            "q", "state", "urgency", "township", "village", "team", "owner", "category", "channel", "period", "clock",
            "rating", "mark", "grid",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out the grid unless its page led here."""
        super().__init__(*args, **kwargs)
        if "grid" not in self.data:
            del self.filters["grid"]

    def by_words(self, requests: HelpRequestQuerySet, name: str, value: str) -> HelpRequestQuerySet:
        """Keep the requests with the words in who asks or in what is asked."""
        return requests.filter(Q(caller__contains=value.strip()) | Q(content__contains=value.strip()))

    def by_condition(self, requests: HelpRequestQuerySet, name: str, value: str) -> HelpRequestQuerySet:
        """Keep what the figures count under this name."""
        return requests.filter(rates.condition(name, value))

    def by_owner(self, requests: HelpRequestQuerySet, name: str, value: str) -> HelpRequestQuerySet:
        """Keep what the offices have, or what the teams have."""
        return requests.filter(team__isnull=value == "office")

    def by_period(self, requests: HelpRequestQuerySet, name: str, value: str) -> HelpRequestQuerySet:
        """Keep what was asked in the year or month."""
        return rates.asked_in(requests, Period.parse(value))


class RatesFilter(RequestFilter):
    """The part of the list's filters by which the rates are narrowed; without a period this year."""

    KEPT = ("period", "township", "village", "category", "channel", "urgency")

    class Meta:
        model = HelpRequest
        fields = ("period", "township", "village", "category", "channel", "urgency")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        """Take this year where no period is chosen."""
        data = data.copy()
        if not data.get("period"):
            data["period"] = str(timezone.localdate().year)
        super().__init__(data, *args, **kwargs)
        for name in list(self.filters):
            if name not in self.KEPT:
                del self.filters[name]
