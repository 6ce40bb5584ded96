"""How far a volunteer has come this year: what counts already, and what the programme asks for."""

from dataclasses import dataclass

from django.db.models import Sum

from volunteers.models import Volunteer

# The programme's report (2010): 300 hours or 100 services a year. A round may set other terms for its own year.
MIN_MINUTES = 300 * 60
MIN_SERVICES = 100


@dataclass(frozen=True)
class Standing:
    """One volunteer's year: counted minutes and services of read months, and those of months not yet read."""

    year: int
    minutes: int
    services: int
    waiting_minutes: int
    waiting_services: int
    min_minutes: int = MIN_MINUTES
    min_services: int = MIN_SERVICES


def standing_of(volunteer: Volunteer, year: int) -> Standing:
    """Return the volunteer's standing in ``year`` from the yearly totals and the participations still to be read."""
    counted = volunteer.volunteeryears.model.objects.filter(volunteer__in=volunteer.records, year=year).aggregate(
        minutes=Sum("minutes"), services=Sum("services")
    )
    parts = volunteer.participations.model.objects.standing()
    waiting = parts.filter(volunteer__in=volunteer.records, date__year=year, counted=False)
    minutes = list(waiting.order_by().values_list("minutes", flat=True))
    return Standing(
        year=year,
        minutes=counted["minutes"] or 0,
        services=counted["services"] or 0,
        waiting_minutes=sum(minutes),
        waiting_services=len(minutes),
    )
