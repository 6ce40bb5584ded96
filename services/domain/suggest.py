"""Whom of a team to call for a request: who fits what is asked, and of those who has the least to do.

A category of service says which skill types fit it, and whether it needs a qualification: then its holders alone are
suggested, by what holds on the day. Nobody is told to go: the leader calls, and members say whether they can.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum

from django.db.models import Count

from grids.domain.rule import members_of
from grids.models import Membership, Team
from services.models import CallAttempt, HelpRequest, Participation, ServiceCategory
from volunteers.models import Qualification, Volunteer

# Over how many days up to today the services are counted that say how busy somebody is.
BUSY_DAYS = 30


class Fit(IntEnum):
    """How well somebody's skill types fit, the best first."""

    PRIMARY = 0
    FURTHER = 1
    NONE = 2


@dataclass(frozen=True)
class Suggested:
    """A member who may be called, and what speaks for it; ``fit`` is None where any skill type does."""

    member: Membership
    fit: Fit | None
    qualification: Qualification | None
    open_requests: int
    services: int


@dataclass(frozen=True)
class Suggestion:
    """Whom to call, first whom to call first; ``unqualified`` are the members without the qualification it needs."""

    members: list[Suggested]
    needs: str
    unqualified: int

    @property
    def needs_words(self) -> str:
        """The field of the qualification that the service needs, empty where it needs none."""
        return str(Qualification.Kind(self.needs).label) if self.needs else ""


def suggest(team: Team, category: ServiceCategory | None, today: date) -> Suggestion:
    """Put the present members of ``team`` in the order in which to call them for a service of ``category``.

    The queries do not depend on how many members there are.
    """
    members = [each for each in members_of(team) if each.volunteer.status == Volunteer.Status.ACTIVE]
    needs = (category.qualification_kind or "") if category is not None else ""
    records = Volunteer.objects.records_of(each.volunteer_id for each in members)
    fits = _fits(members, category)
    held = _held(records, needs, today) if needs else {}
    busy, coming = _services(records, today), _coming(records)
    found = [
        Suggested(
            member=each,
            fit=fits.get(each.volunteer_id, Fit.NONE) if fits is not None else None,
            qualification=held.get(each.volunteer_id),
            open_requests=coming[each.volunteer_id],
            services=busy[each.volunteer_id],
        )
        for each in members
        if not needs or each.volunteer_id in held
    ]
    found.sort(key=lambda each: (each.fit or 0, each.open_requests, each.services))
    return Suggestion(found, needs, len(members) - len(found))


def _fits(members: Collection[Membership], category: ServiceCategory | None) -> dict[int, Fit] | None:
    """Say by the volunteer's key how somebody fits; who does not is not there. None where any skill type fits."""
    skills = set(category.skills.values_list("pk", flat=True)) if category is not None else set()
    if not skills:
        return None
    people = [each.volunteer_id for each in members]
    further = Volunteer.further_skills.through.objects.filter(volunteer__in=people, skilltype__in=skills)
    fits = dict.fromkeys(further.values_list("volunteer", flat=True), Fit.FURTHER)
    return fits | {each.volunteer_id: Fit.PRIMARY for each in members if each.volunteer.primary_skill_id in skills}


def _held(records: Mapping[int, int], kind: str, today: date) -> dict[int, Qualification]:
    """Return of each volunteer who holds one that is valid today the one that is valid longest."""
    valid = Qualification.objects.valid_on(today).filter(volunteer__in=records, kind=kind).order_by("expires_on", "id")
    return {records[each.volunteer_id]: each for each in valid}


def _services(records: Mapping[int, int], today: date) -> Counter[int]:
    """Count the services of the last days that stand, by volunteer."""
    lately = Participation.objects.standing().filter(
        volunteer__in=records, date__range=(today - timedelta(days=BUSY_DAYS - 1), today)
    )
    counted: Counter[int] = Counter()
    for record, services in lately.order_by().values_list("volunteer").annotate(Count("pk")):
        counted[records[record]] += services
    return counted


def _coming(records: Mapping[int, int]) -> Counter[int]:
    """Count the open requests that somebody was called for and comes to, by volunteer; of several calls the latest."""
    attempts = CallAttempt.objects.that_count().filter(request__state=HelpRequest.State.OPEN, volunteer__in=records)
    rows = attempts.order_by("at", "id").values_list("request", "volunteer", "result")
    latest = {(request, volunteer): result for request, volunteer, result in rows}
    return Counter(records[person] for (_request, person), said in latest.items() if said == CallAttempt.Result.COMES)
