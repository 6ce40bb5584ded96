"""How the list of volunteers is narrowed down."""

import re
from calendar import monthrange
from datetime import date
from functools import cached_property
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from areas.filters import InTownship, villages_of
from areas.models import Township
from common.clean import clean_code
from common.ways import Way, Ways
from volunteers.homes import homes_on
from volunteers.models import Application, Move, SkillType, Volunteer, VolunteerImport
from volunteers.models.application import ApplicationQuerySet
from volunteers.models.volunteer import VolunteerQuerySet
from volunteers.search import Meaning, Reach, anyhow, meanings

PERIOD = re.compile(r"20[0-9]{2}(-(0[1-9]|1[0-2]))?")


def _last_day(period: str) -> date:
    """Return the last day of a year or a month."""
    year, _dash, month = period.partition("-")
    return date(int(year), int(month or 12), monthrange(int(year), int(month or 12))[1])


def check_period(text: str) -> None:
    """Refuse what is neither a year nor a month of one."""
    if not PERIOD.fullmatch(text):
        raise ValidationError(_("Write a year or a month, for example 2026 or 2026-07."))


class VolunteerFilter(InTownship):
    """By what ``volunteers.search`` finds; by place, skill type, status, kind of unit, and whether in a team."""

    TEAMS = (("none", _("In no team")), ("some", _("In a team")))

    q = django_filters.CharFilter(
        label=_("Name, pinyin, number, phone, unit or speciality"), method="by_text", max_length=40
    )
    village = django_filters.ModelChoiceFilter(label=_("Village"), queryset=villages_of, empty_label=_("All villages"))
    skill = django_filters.ModelChoiceFilter(
        label=_("Skill type"),
        queryset=lambda request: SkillType.objects.all(),
        method="by_skill",
        empty_label=_("Any skill type"),
    )
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=Volunteer.Status.choices, empty_label=_("Any status")
    )
    unit_kind = django_filters.ChoiceFilter(
        label=_("Kind of unit"), choices=Volunteer.UnitKind.choices, empty_label=_("Any kind of unit")
    )
    team = django_filters.ChoiceFilter(
        label=_("Team"), choices=TEAMS, method="by_team", empty_label=_("With or without")
    )
    served = django_filters.CharFilter(label=_("Served in"), method="by_period", validators=[check_period])
    joined = django_filters.CharFilter(label=_("Joined in"), method="by_joining", validators=[check_period])
    dependent = ("village",)
    is_of_today = True

    class Meta:
        model = Volunteer
        fields = ("q", "township", "village", "skill", "status", "unit_kind", "team", "served", "joined")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the periods out unless a figure led here; for one, townships that have ended since are offered too."""
        data = args[0] if args else kwargs.get("data")
        self.is_of_today = "served" not in (data or {})
        super().__init__(*args, **kwargs)
        if "township" in self.filters:
            self.filters["township"].method = "by_township"
        for name in ("served", "joined"):
            if name not in self.data:
                del self.filters[name]

    def by_text(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep whom the text means."""
        for word in self._words:
            volunteers = volunteers.filter(anyhow(word))
        return volunteers

    def ways(self) -> Ways | None:
        """Return what is found as the ways of the search, the other words and filters tested in each; None without."""
        if not self._words:
            return None
        rest = self.queryset.all()
        for name, value in self.form.cleaned_data.items():
            if name != "q":
                rest = self.filters[name].filter(rest, value)
        meant, *others = self._words
        for word in others:
            rest = rest.filter(anyhow(word))
        return Ways(
            [
                Way(rest.filter(one.fits), rest.filter(one.in_order) if one.in_order is not None else None)
                for one in meant
            ]
        )

    @cached_property
    def _words(self) -> list[list[Meaning]]:
        return meanings(self.form.cleaned_data.get("q") or "", Reach.of(self.request.user))

    def by_township(self, volunteers: VolunteerQuerySet, name: str, value: Township) -> VolunteerQuerySet:
        """Keep the township's; behind a figure of persons those who belonged to it at the end of the period."""
        served = self.form.cleaned_data.get("served")
        if not served:
            return volunteers.filter(township=value)
        return volunteers.alias(home=homes_on(_last_day(served))("pk")).filter(home=value.pk)

    def by_skill(self, volunteers: VolunteerQuerySet, name: str, value: SkillType) -> VolunteerQuerySet:
        """Keep those with the skill type, as their first or a further one."""
        further = Volunteer.further_skills.through.objects.filter(volunteer=OuterRef("pk"), skilltype=value)
        return volunteers.filter(Q(primary_skill=value) | Exists(further))

    def by_team(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep those who are in a team now, or those who are in none."""
        return volunteers.in_a_team() if value == "some" else volunteers.in_no_team()

    def by_period(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep those with a counted service in the year or month: the rows behind the figure of persons."""
        if "-" in value:
            counted = Q(volunteermonths__month=date.fromisoformat(f"{value}-01"), volunteermonths__services__gt=0)
        else:
            counted = Q(volunteeryears__year=int(value), volunteeryears__services__gt=0)
        persons = Volunteer.objects.filter(counted).order_by().values(person=Coalesce("merged_into", "pk"))
        return volunteers.filter(pk__in=persons)

    def by_joining(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep those who joined in the year or month: the rows behind the figure of new volunteers."""
        year, dash, month = value.partition("-")
        first = date(int(year), int(month or 1), 1)
        after = date(first.year + (not dash or first.month == 12), first.month % 12 + 1 if dash else 1, 1)
        return volunteers.that_joined().filter(joined_on__gte=first, joined_on__lt=after)


class ApplicationFilter(InTownship):
    """By name, place and what the township said."""

    q = django_filters.CharFilter(label=pgettext_lazy("person", "Name"), method="by_name", max_length=40)
    state = django_filters.ChoiceFilter(label=_("State"), choices=Application.State.choices, empty_label=_("Any state"))

    class Meta:
        model = Application
        fields = ("q", "township", "state")

    def by_name(self, applications: ApplicationQuerySet, name: str, value: str) -> ApplicationQuerySet:
        """Keep the applicants whose name holds the text."""
        return applications.filter(name__contains=clean_code(value))


class VolunteerImportFilter(django_filters.FilterSet):
    """Imports by the name of the file and how far they are."""

    q = django_filters.CharFilter(label=_("File"), field_name="file_name", lookup_expr="contains", max_length=40)
    state = django_filters.ChoiceFilter(label=_("State"), choices=VolunteerImport.State, empty_label=_("Any state"))

    class Meta:
        model = VolunteerImport
        fields = ("q", "state")


class MoveFilter(django_filters.FilterSet):
    """By the name of who moved."""

    q = django_filters.CharFilter(
        label=pgettext_lazy("person", "Name"), field_name="volunteer__name", lookup_expr="contains", max_length=40
    )

    class Meta:
        model = Move
        fields = ("q",)
