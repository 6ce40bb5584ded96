"""What one is reminded of: the list behind the bell."""

from typing import Any

import django_filters
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.domain.reminder import AT_ONCE, see_all_reminders, see_reminder
from accounts.models import Reminder
from accounts.models.reminder import ReminderQuerySet
from common.lists import list_page

# A kind's icon; any other has the bell.
ICONS = {
    "month_due": "calendar-clock",
    "month_returned": "undo-2",
    "review": "clipboard-check",
    "silent": "bell-off",
    "uncovered": "map-pin-off",
    "visits": "footprints",
    "request": "phone-call",
    AT_ONCE: "siren",
}


class ReminderFilter(django_filters.FilterSet):
    """Those that wait to be seen, or all."""

    unseen = django_filters.BooleanFilter(label=_("Not seen yet"), method="is_unseen", widget=forms.CheckboxInput)

    class Meta:
        model = Reminder
        fields = ("unseen",)

    def is_unseen(self, reminders: ReminderQuerySet, name: str, value: bool) -> ReminderQuerySet:
        """Keep those that wait."""
        return reminders.unseen() if value else reminders


@require_safe
def reminder_list(request: HttpRequest) -> HttpResponse:
    """List what the person was reminded of, the latest first."""
    return list_page(
        request,
        queryset=Reminder.objects.visible_to(request.user),
        filterset_class=ReminderFilter,
        ordering=("-id",),
        rows=_rows,
        template="accounts/reminder/list.html",
    )


@require_POST
def reminder_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down that it was seen, and lead to what it is about."""
    reminder = _own(request, pk)
    see_reminder(reminder)
    return redirect(reminder.url)


@require_POST
def reminder_see(request: HttpRequest, pk: int) -> HttpResponse:
    """Take down that it was seen."""
    see_reminder(_own(request, pk))
    return redirect("accounts:reminder_list")


@require_POST
def reminder_see_all(request: HttpRequest) -> HttpResponse:
    """Take down that all of them were seen."""
    see_all_reminders(request.user)
    return redirect("accounts:reminder_list")


def _own(request: HttpRequest, pk: int) -> Reminder:
    return get_object_or_404(Reminder.objects.visible_to(request.user), pk=pk)


def _rows(reminders: list[Reminder]) -> list[dict[str, Any]]:
    return [
        {
            "pk": each.pk,
            "text": each.in_words(),
            "icon": ICONS.get(each.kind, "bell"),
            "when": date_format(timezone.localtime(each.created_at), "SHORT_DATE_FORMAT"),
            "is_seen": each.seen_at is not None,
        }
        for each in reminders
    ]
