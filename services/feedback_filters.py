"""How the list of feedback is narrowed down."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from areas.filters import InTownship
from common.clean import key_of
from common.filter_fields import DayFilter
from services.models import Feedback
from services.models.feedback import FeedbackQuerySet
from volunteers.models import Volunteer

WAITING, OVERDUE, ANSWERED, IN_TIME, LATE = "waiting", "overdue", "answered", "in_time", "late"
# What lies before somebody, the most pressing first.
OPEN_STATES = (WAITING, OVERDUE)


class FeedbackFilter(InTownship):
    """By kind, state, the days on which it came and the township; by a volunteer where their page led here."""

    STATES = (
        (WAITING, _("Waits for an answer")),
        (OVERDUE, _("Overdue")),
        (ANSWERED, _("Answered")),
        (IN_TIME, _("Answered in time")),
        (LATE, _("Answered late")),
    )
    kind = django_filters.ChoiceFilter(
        label=pgettext_lazy("of feedback", "Kind"), choices=Feedback.Kind.choices, empty_label=_("Any kind")
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, method="by_state", empty_label=_("Any state"))
    since = DayFilter(label=_("Received since"), field_name="made_at", lookup_expr="date__gte")
    until = DayFilter(label=_("Received until"), field_name="made_at", lookup_expr="date__lte")
    volunteer = django_filters.CharFilter(label=_("Volunteer"), method="by_volunteer", max_length=18)

    class Meta:
        model = Feedback
        fields = ("kind", "state", "township", "since", "until", "volunteer")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the volunteer out unless their page led here."""
        super().__init__(*args, **kwargs)
        if "volunteer" not in self.data:
            del self.filters["volunteer"]

    def by_state(self, feedback: FeedbackQuerySet, name: str, value: str) -> FeedbackQuerySet:
        """Keep what waits, waits too long, or was answered, in time or late."""
        if value == WAITING:
            return feedback.waiting()
        if value == OVERDUE:
            return feedback.overdue()
        if value == ANSWERED:
            return feedback.answered()
        return feedback.in_time() if value == IN_TIME else feedback.late()

    def by_volunteer(self, feedback: FeedbackQuerySet, name: str, value: str) -> FeedbackQuerySet:
        """Keep what was said about one volunteer, named by the key."""
        volunteer = Volunteer.objects.filter(pk=key_of(value) or 0).first()
        return feedback.about(volunteer) if volunteer is not None else feedback.none()
