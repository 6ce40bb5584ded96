"""How the list of qualifications is narrowed down."""

from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from areas.filters import present_townships_of
from volunteers.models import Qualification, Volunteer
from volunteers.models.qualification import QualificationQuerySet
from volunteers.search import matching


class QualificationFilter(django_filters.FilterSet):
    """By person, place, field, and how it stands; those of people who have left are with the ended ones."""

    STATES = (
        ("valid", _("Valid")),
        ("expiring", _("Runs out soon")),
        ("expired", _("Expired")),
        ("ended", _("Renewed or withdrawn")),
    )

    q = django_filters.CharFilter(label=_("Name, pinyin, phone or number"), method="by_text", max_length=40)
    township = django_filters.ModelChoiceFilter(
        label=_("Township"),
        queryset=present_townships_of,
        field_name="volunteer__township",
        empty_label=_("All townships"),
    )
    kind = django_filters.ChoiceFilter(label=_("Field"), choices=Qualification.Kind.choices, empty_label=_("Any field"))
    state = django_filters.ChoiceFilter(label=_("State"), choices=STATES, method="by_state", empty_label=_("Any state"))

    class Meta:
        model = Qualification
        fields = ("q", "township", "kind", "state")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the township out where there is no choice."""
        super().__init__(*args, **kwargs)
        if not self.request.user.is_city_wide:
            del self.filters["township"]

    def by_text(self, qualifications: QualificationQuerySet, name: str, value: str) -> QualificationQuerySet:
        """Keep those of the people whom the text means."""
        meant = matching(Volunteer.objects.visible_to(self.request.user), value, by=self.request.user)
        return qualifications.filter(volunteer__in=meant.order_by().values("pk"))

    def by_state(self, qualifications: QualificationQuerySet, name: str, value: str) -> QualificationQuerySet:
        """Keep those that stand so today: what runs out only of those who are in the programme."""
        today = timezone.localdate()
        if value == "ended":
            return qualifications.exclude(state=Qualification.State.STANDING)
        if value == "valid":
            return qualifications.valid_on(today)
        found = qualifications.of_the_present()
        return found.expired(today) if value == "expired" else found.expiring(today)
