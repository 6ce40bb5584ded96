"""How the audit trail is narrowed down."""

from datetime import date, datetime, time, timedelta

import django_filters
from auditlog.registry import auditlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.events import EVENTS
from accounts.models import AuditEntry, User
from accounts.models.audit import AuditEntryQuerySet
from common.filter_fields import DayFilter


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of records that the trail follows, by their names."""
    models = sorted(auditlog.get_models(), key=lambda model: model._meta.label)
    return [(model._meta.label_lower, capfirst(str(model._meta.verbose_name))) for model in models]


class AuditFilter(django_filters.FilterSet):
    """By person, event, kind of record, the record's name, and days."""

    person = django_filters.CharFilter(label=_("Person"), method="by_person", max_length=40)
    event = django_filters.ChoiceFilter(label=_("Event"), choices=list(EVENTS.items()), empty_label=_("Any event"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=kinds, method="by_kind", empty_label=_("Any kind"))
    record = django_filters.CharFilter(
        label=_("Record"), field_name="object_repr", lookup_expr="icontains", max_length=80
    )
    since = DayFilter(label=_("From"), method="from_day")
    until = DayFilter(label=_("To"), method="to_day")

    class Meta:
        model = AuditEntry
        fields = ()

    def by_person(self, entries: AuditEntryQuerySet, name: str, value: str) -> AuditEntryQuerySet:
        """Keep what people of this name or user name did."""
        people = User.objects.filter(Q(name__icontains=value) | Q(username__icontains=value))
        return entries.filter(actor__in=people)

    def by_kind(self, entries: AuditEntryQuerySet, name: str, value: str) -> AuditEntryQuerySet:
        """Keep what was done to one kind of record."""
        return entries.filter(content_type=ContentType.objects.get_by_natural_key(*value.split(".")))

    def from_day(self, entries: AuditEntryQuerySet, name: str, value: date) -> AuditEntryQuerySet:
        """Keep what was done on the day or later."""
        return entries.filter(timestamp__gte=_midnight(value))

    def to_day(self, entries: AuditEntryQuerySet, name: str, value: date) -> AuditEntryQuerySet:
        """Keep what was done on the day or before."""
        return entries.filter(timestamp__lt=_midnight(value) + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
