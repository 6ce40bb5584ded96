"""Nobody served before they joined the programme, nor while they were suspended or gone.

A receiver of ``volunteers.hooks``, connected by ``ServicesConfig.ready``; it runs in the volunteer's transaction.
Whoever writes a log down holds the lock on the volunteer too: one of the two sees what the other did.
"""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.rules import RuleBroken
from volunteers.hooks import volunteer_changed
from volunteers.models import Volunteer


def keep_services_within(sender: Any, before: Volunteer, volunteer: Volunteer, **_unused: Any) -> None:
    """Refuse a day of joining after a service that the person took part in, and one of leaving before."""
    days = volunteer.participations.standing().order_by("date").values_list("date", flat=True)
    if volunteer.joined_on > before.joined_on:
        _refuse(
            days.filter(date__lt=volunteer.joined_on).first(),
            _("This volunteer took part in a service on %(day)s. Enter that day or an earlier one."),
            field="joined_on",
        )
    lasting = volunteer.absences.lasting().first()
    if lasting is not None:
        _refuse(
            days.filter(date__gt=lasting.since).last(),
            _(
                "This volunteer took part in a service on %(day)s. Enter that day or a later one, "
                "or have the log corrected first."
            ),
            field="on",
        )


def _refuse(day: date | None, message: str, *, field: str) -> None:
    if day is not None:
        raise RuleBroken(message % {"day": date_format(day)}, field=field)


def connect() -> None:
    """Listen to what happens to volunteers."""
    volunteer_changed.connect(keep_services_within, dispatch_uid="services.keep_services_within")
