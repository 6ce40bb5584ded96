"""The spells in which a volunteer does not serve follow the status: suspended or left begins one, active ends it."""

from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from common.rules import RuleBroken
from volunteers.models import Absence, Volunteer

AWAY = frozenset({Volunteer.Status.SUSPENDED, Volunteer.Status.LEFT})


def keep_absence(volunteer: Volunteer, left_on: date | None) -> None:
    """Begin or end the absence of a volunteer (locked) whose status was just changed; ``left_on`` is today if None.

    Who leaves while suspended has been away since the earlier of the two days.
    """
    lasting = volunteer.absences.lasting().first()
    if volunteer.status not in AWAY:
        if lasting is not None:
            lasting.until = timezone.localdate()
            lasting.save()
        return
    since = left_on or timezone.localdate()
    if lasting is None:
        _refuse_leaving_before_return(volunteer, since)
        Absence.objects.create(volunteer=volunteer, since=since)
    elif since < lasting.since:
        _refuse_leaving_before_return(volunteer, since)
        lasting.since = since
        lasting.save()


def refuse_joining_after_absence(volunteer: Volunteer) -> None:
    """Refuse a day of joining that lies after the volunteer had been suspended or had left."""
    first = volunteer.absences.order_by("since").first()
    if first is not None and volunteer.joined_on > first.since:
        raise RuleBroken(
            _("This volunteer was suspended or left on %(day)s, so they joined before. Enter an earlier day.")
            % {"day": date_format(first.since)},
            field="joined_on",
        )


def _refuse_leaving_before_return(volunteer: Volunteer, day: date) -> None:
    last = volunteer.absences.filter(until__gt=day).order_by("until").last()
    if last is not None and last.until is not None:
        raise RuleBroken(
            _("This volunteer was taken back on %(day)s and cannot leave before. Enter that day or a later one.")
            % {"day": date_format(last.until)},
            field="on",
        )
