"""How the lists of badges, of volunteers without one, and of prints are narrowed down."""

import django_filters
from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship, townships_of
from areas.models import TownshipSettings
from volunteers.badge_code import read_number
from volunteers.models import Badge, BadgePrint, Volunteer
from volunteers.models.badge import BadgeQuerySet
from volunteers.models.volunteer import VolunteerQuerySet
from volunteers.search import matching


class BadgeFilter(InTownship):
    """By number or person, township, what the badge is worth today, and whether it was printed."""

    PRINTED = (("never", _("Never printed")), ("once", _("Printed")))
    is_of_today = True

    q = django_filters.CharFilter(label=_("Badge number, name or pinyin"), method="by_text", max_length=40)
    township = django_filters.ModelChoiceFilter(
        label=_("Township"), field_name="volunteer__township", queryset=townships_of, empty_label=_("All townships")
    )
    standing = django_filters.ChoiceFilter(
        label=_("State"), choices=Badge.Standing.choices, method="by_standing", empty_label=_("Any state")
    )
    printed = django_filters.ChoiceFilter(
        label=_("Printing"), choices=PRINTED, method="by_printed", empty_label=_("Printed or not")
    )
    soon = django_filters.BooleanFilter(
        label=_("Expires soon"), method="by_expiry", widget=forms.CheckboxInput(), required=False
    )

    class Meta:
        model = Badge
        fields = ("q", "township", "standing", "printed", "soon")

    def by_text(self, badges: BadgeQuerySet, name: str, value: str) -> BadgeQuerySet:
        """Keep the badge with this number, or those of the volunteers whom the text means."""
        if number := read_number(value):
            return badges.filter(number=number)
        people = matching(Volunteer.objects.visible_to(self.request.user), value, by=self.request.user)
        return badges.filter(volunteer__in=people.order_by())

    def by_standing(self, badges: BadgeQuerySet, name: str, value: str) -> BadgeQuerySet:
        """Keep those that are worth this today."""
        return badges.standing(value, timezone.localdate())

    def by_printed(self, badges: BadgeQuerySet, name: str, value: str) -> BadgeQuerySet:
        """Keep those that were in a print, or never."""
        return badges.filter(printed_at__isnull=value == "never")

    def by_expiry(self, badges: BadgeQuerySet, name: str, value: bool) -> BadgeQuerySet:
        """Keep the valid ones that expire within the next days."""
        return badges.expiring(timezone.localdate()) if value else badges


class NeedFilter(InTownship):
    """By person and township, by what they lack, and whether they are in a team."""

    LACKS = (
        ("first", _("Never had one")),
        ("again", _("Had one that was lost or revoked")),
        ("expired", _("Expired or expires soon")),
    )
    TEAMS = (("some", _("In a team")), ("none", _("In no team")))
    is_of_today = True

    q = django_filters.CharFilter(label=_("Name, pinyin, phone or number"), method="by_text", max_length=40)
    lacks = django_filters.ChoiceFilter(
        label=_("What they have"), choices=LACKS, method="by_lack", empty_label=_("Any of these")
    )
    team = django_filters.ChoiceFilter(
        label=_("Team"), choices=TEAMS, method="by_team", empty_label=_("With or without")
    )

    class Meta:
        model = Volunteer
        fields = ("q", "township", "lacks", "team")

    def by_text(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep whom the text means."""
        return matching(volunteers, value, by=self.request.user)

    def by_lack(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep those who never had a badge, have one no more, or will soon."""
        if value == "expired":
            return volunteers.filter(badges__state=Badge.State.ISSUED)
        ever = Q(pk__in=Badge.objects.values("volunteer"))
        has = Q(pk__in=Badge.objects.issued().values("volunteer"))
        return volunteers.filter(ever, ~has) if value == "again" else volunteers.filter(~ever)

    def by_team(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep those who are in a team now, or those who are in none."""
        return volunteers.in_a_team() if value == "some" else volunteers.in_no_team()


class BadgePrintFilter(InTownship):
    """By township."""

    class Meta:
        model = BadgePrint
        fields = ("township",)


def needing(volunteers: VolunteerQuerySet) -> VolunteerQuerySet:
    """Keep the volunteers who serve and have no badge that is good beyond the next days, where badges are issued."""
    last_day = timezone.localdate() + settings.BADGE_EXPIRES_SOON
    good = Badge.objects.issued().filter(valid_until__gt=last_day)
    taking_part = TownshipSettings.by_township().taking_part("uses_badges")
    return volunteers.active().filter(taking_part).exclude(pk__in=good.values("volunteer"))
