"""How the lists of training are narrowed down."""

import calendar
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Min
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from areas.filters import InTownship, townships_of
from areas.models import Township
from common.filter_fields import DayFilter
from volunteers.domain.invitation import never_trained, untrained_in_primary, untrained_since
from volunteers.filters import check_period
from volunteers.models import Attendance, Course, Invitation, Provider, SkillType, Volunteer
from volunteers.models.attendance import AttendanceQuerySet
from volunteers.models.course import CourseQuerySet
from volunteers.models.invitation import InvitationQuerySet
from volunteers.models.volunteer import VolunteerQuerySet
from volunteers.search import matching


def bounds(period: str) -> tuple[date, date]:
    """Return the first and last day of a year (2026) or a month (2026-07) that ``check_period`` let pass."""
    year, _dash, month = period.partition("-")
    last = int(month or 12)
    return date(int(year), int(month or 1), 1), date(int(year), last, calendar.monthrange(int(year), last)[1])


def skill_types(request: Any) -> Any:
    """Return the skill types to choose from."""
    return SkillType.objects.all()


def people(queryset: Any, text: str, user: Any) -> Any:
    """Keep the rows whose volunteer the text means."""
    return queryset.filter(volunteer__in=matching(Volunteer.objects.all(), text, by=user).order_by().values("pk"))


class CourseFilter(InTownship):
    """Courses by title, period, content, skill type, provider's kind, state and township."""

    q = django_filters.CharFilter(label=_("Title or place"), method="by_text", max_length=40)
    period = django_filters.CharFilter(label=_("Year or month"), method="by_period", validators=[check_period])
    content = django_filters.ChoiceFilter(
        label=_("Kind of content"), choices=Course.Content.choices, empty_label=_("Any content")
    )
    speciality = django_filters.ModelChoiceFilter(
        label=_("Skill type"), queryset=skill_types, empty_label=_("Any skill type")
    )
    provider = django_filters.ChoiceFilter(
        label=_("Kind of provider"),
        choices=Provider.Kind.choices,
        field_name="provider__kind",
        empty_label=_("Any provider"),
    )
    state = django_filters.ChoiceFilter(label=_("State"), choices=Course.State.choices, empty_label=_("Any state"))
    township = django_filters.ModelChoiceFilter(
        label=_("Township"), queryset=townships_of, empty_label=_("All townships"), method="by_township"
    )
    attended = django_filters.ModelChoiceFilter(
        label=_("Attended from"), queryset=townships_of, method="by_attendance", empty_label=_("Anywhere")
    )

    class Meta:
        model = Course
        fields = ("q", "period", "content", "speciality", "provider", "state", "township", "attended")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave out who attended unless a figure led here."""
        super().__init__(*args, **kwargs)
        if "attended" not in self.data:
            del self.filters["attended"]

    def by_text(self, courses: CourseQuerySet, name: str, value: str) -> CourseQuerySet:
        """Keep those with the text in title or place."""
        return courses.filter(title__contains=value) | courses.filter(place__contains=value)

    def by_period(self, courses: CourseQuerySet, name: str, value: str) -> CourseQuerySet:
        """Keep those that began in the year or month."""
        return courses.filter(starts_on__range=bounds(value))

    def by_township(self, courses: CourseQuerySet, name: str, value: Township) -> CourseQuerySet:
        """Keep those that the township's volunteers may come to."""
        return courses.reaching([value.pk])

    def by_attendance(self, courses: CourseQuerySet, name: str, value: Township) -> CourseQuerySet:
        """Keep those that volunteers of the township attended."""
        return courses.filter(pk__in=Attendance.objects.filter(township=value).order_by().values("course"))


class ParticipantFilter(django_filters.FilterSet):
    """Those of one course: by name or number, and by result."""

    q = django_filters.CharFilter(label=_("Name, pinyin, phone or number"), method="by_text", max_length=40)
    result = django_filters.ChoiceFilter(
        label=_("Result"), choices=Attendance.Result.choices, empty_label=_("Any result")
    )

    class Meta:
        model = Attendance
        fields = ("q", "result")

    def by_text(self, attendances: AttendanceQuerySet, name: str, value: str) -> AttendanceQuerySet:
        """Keep whom the text means."""
        return people(attendances, value, self.request.user)


class InvitedFilter(django_filters.FilterSet):
    """Those invited to one course: by name or number, and whether they came."""

    CAME = (("yes", _("Came")), ("no", _("Did not come")))

    q = django_filters.CharFilter(label=_("Name, pinyin, phone or number"), method="by_text", max_length=40)
    came = django_filters.ChoiceFilter(label=_("Came or not"), choices=CAME, method="by_came", empty_label=_("All"))

    class Meta:
        model = Invitation
        fields = ("q", "came")

    def by_text(self, invitations: InvitationQuerySet, name: str, value: str) -> InvitationQuerySet:
        """Keep whom the text means."""
        return people(invitations, value, self.request.user)

    def by_came(self, invitations: InvitationQuerySet, name: str, value: str) -> InvitationQuerySet:
        """Keep those who came, or those who did not."""
        return invitations.came() if value == "yes" else invitations.missing()


class AttendanceFilter(InTownship):
    """Attendances by person, period, content, skill type and result; each person once, if wanted."""

    q = django_filters.CharFilter(label=_("Name, pinyin, phone or number"), method="by_text", max_length=40)
    period = django_filters.CharFilter(label=_("Year or month"), method="by_period", validators=[check_period])
    content = django_filters.ChoiceFilter(
        label=_("Kind of content"),
        choices=Course.Content.choices,
        field_name="course__content",
        empty_label=_("Any content"),
    )
    speciality = django_filters.ModelChoiceFilter(
        label=_("Skill type"), queryset=skill_types, field_name="course__speciality", empty_label=_("Any skill type")
    )
    result = django_filters.ChoiceFilter(
        label=_("Result"), choices=Attendance.Result.choices, empty_label=_("Any result")
    )
    once = django_filters.BooleanFilter(
        label=_("Each person once"), widget=forms.CheckboxInput, method="leave_as_it_is"
    )

    class Meta:
        model = Attendance
        fields = ("q", "period", "content", "speciality", "result", "township", "once")

    def filter_queryset(self, queryset: AttendanceQuerySet) -> AttendanceQuerySet:
        """Narrow down, and then keep the first row of each person: two merged records are one person."""
        found = super().filter_queryset(queryset)
        if not self.form.cleaned_data.get("once"):
            return found
        person = Coalesce("volunteer__merged_into", "volunteer")
        first = found.order_by().values(person=person).annotate(first=Min("pk")).values("first")
        return queryset.filter(pk__in=first)

    def leave_as_it_is(self, attendances: AttendanceQuerySet, name: str, value: bool) -> AttendanceQuerySet:
        """Leave what ``filter_queryset`` does at the end."""
        return attendances

    def by_text(self, attendances: AttendanceQuerySet, name: str, value: str) -> AttendanceQuerySet:
        """Keep whom the text means."""
        return people(attendances, value, self.request.user)

    def by_period(self, attendances: AttendanceQuerySet, name: str, value: str) -> AttendanceQuerySet:
        """Keep the courses that began in the year or month."""
        return attendances.filter(date__range=bounds(value))


class NeedFilter(InTownship):
    """Volunteers by the training that they still need."""

    is_of_today = True
    NEEDS = (("never", _("Never trained")), ("primary", _("Never in their skill type")))

    q = django_filters.CharFilter(label=_("Name, pinyin, phone or number"), method="by_text", max_length=40)
    skill = django_filters.ModelChoiceFilter(
        label=_("Skill type"), queryset=skill_types, field_name="primary_skill", empty_label=_("Any skill type")
    )
    need = django_filters.ChoiceFilter(
        label=_("Training"), choices=NEEDS, method="by_need", empty_label=_("Trained or not")
    )
    since = DayFilter(label=_("Not trained since"), method="by_day")

    class Meta:
        model = Volunteer
        fields = ("q", "township", "skill", "need", "since")

    def by_text(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep whom the text means."""
        return matching(volunteers, value, by=self.request.user)

    def by_need(self, volunteers: VolunteerQuerySet, name: str, value: str) -> VolunteerQuerySet:
        """Keep who was never trained, at all or in their primary skill type."""
        return never_trained(volunteers) if value == "never" else untrained_in_primary(volunteers)

    def by_day(self, volunteers: VolunteerQuerySet, name: str, value: date) -> VolunteerQuerySet:
        """Keep who has attended no course from the day on."""
        return untrained_since(volunteers, value)
