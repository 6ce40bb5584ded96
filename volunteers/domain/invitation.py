"""Who is invited to a course: those who need it most first, within its places, nobody twice."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import DateField, Exists, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken
from volunteers.domain.course import region_of
from volunteers.models import Attendance, Course, Invitation, Volunteer
from volunteers.models.invitation import InvitationQuerySet
from volunteers.models.volunteer import VolunteerQuerySet

# When those were last trained who never were: a day, so that a list can be ordered and paged by it.
NEVER = date(1900, 1, 1)
NEEDING_FIRST = ("last_trained", "name_pinyin", "id")


@dataclass(frozen=True)
class Invited:
    """How many were invited, and how many of those meant were not: for want of places, or who cannot be."""

    new: int
    left_out: int


def with_last_training(volunteers: VolunteerQuerySet) -> VolunteerQuerySet:
    """Offer the day of the last course that each attended as ``last_trained``: ``NEVER`` for none."""
    own = Attendance.objects.filter(volunteer=OuterRef("pk")).order_by("-date").values("date")[:1]
    merged = _merged().values("merged_into").annotate(last=Max("attendances__date")).values("last")
    days = [Coalesce(Subquery(found), Value(NEVER), output_field=DateField()) for found in (own, merged)]
    last = Greatest(*days, output_field=DateField())
    return volunteers.annotate(last_trained=last)


def never_trained(volunteers: VolunteerQuerySet) -> VolunteerQuerySet:
    """Keep those who have attended no course."""
    return _without(volunteers)


def untrained_in_primary(volunteers: VolunteerQuerySet) -> VolunteerQuerySet:
    """Keep those who have attended no course for their primary skill type."""
    return _without(volunteers, course__speciality=OuterRef("primary_skill"))


def untrained_since(volunteers: VolunteerQuerySet, day: date) -> VolunteerQuerySet:
    """Keep those who have attended no course from ``day`` on."""
    return _without(volunteers, date__gte=day)


def _without(volunteers: VolunteerQuerySet, **which: Any) -> VolunteerQuerySet:
    own = Attendance.objects.filter(volunteer=OuterRef("pk"), **which)
    merged = _merged().filter(
        attendances__isnull=False, **{f"attendances__{name}": each for name, each in which.items()}
    )
    return volunteers.filter(~Exists(own), ~Exists(merged))


def _merged() -> VolunteerQuerySet:
    """Return the records that were merged into a volunteer's: looked for first, as there are hardly any."""
    return Volunteer.objects.filter(merged_into=OuterRef("pk")).order_by()


def invitable(course: Course, by: User) -> VolunteerQuerySet:
    """Return whom ``by`` may invite: active, of the course's townships, not invited, and in no other course then."""
    volunteers = Volunteer.objects.in_reach_of(by).active().filter(joined_on__lte=course.ends_on)
    region = region_of(course)
    if region:
        volunteers = volunteers.filter(township__in=region)
    here = Invitation.objects.filter(course=course, volunteer=OuterRef("pk"))
    there = Invitation.objects.filter(course__in=Course.objects.overlapping(course), volunteer=OuterRef("pk"))
    then = Q(course=course) | Q(course__in=Course.objects.overlapping(course))
    merged = _merged().filter(pk__in=Invitation.objects.filter(then).values("volunteer"))
    return volunteers.filter(~Exists(here), ~Exists(there), ~Exists(merged))


def needing_first(volunteers: VolunteerQuerySet) -> VolunteerQuerySet:
    """Put those who were never trained first, then those whose last course is the longest ago."""
    return with_last_training(volunteers).order_by(*NEEDING_FIRST)


def places_left(course: Course) -> int:
    """Return how many may still be invited."""
    return max(0, course.capacity - course.invitations.count())


@event
def invite(course: Course, volunteers: VolunteerQuerySet, *, by: User) -> Invited:
    """Invite those of ``volunteers`` who need it most, as many as there are places left; nobody is invited twice."""
    locked = Course.locked(course.pk)
    if not Course.objects.kept_by(by).filter(pk=locked.pk).exists():
        raise RuleBroken(_("This course is the city's. An administrator invites to it."))
    if locked.state != Course.State.PLANNED or locked.ends_on < timezone.localdate():
        raise RuleBroken(_("This course is over or was cancelled. Invite to one that is still to come."))
    left = places_left(locked)
    if not left:
        raise RuleBroken(_("No place is left. Give the course more places, or take invitations back first."))
    meant = Volunteer.objects.filter(pk__in=volunteers.order_by().values("pk"))
    free = invitable(locked, by).filter(pk__in=meant)
    pks = list(needing_first(free).values_list("pk", flat=True)[:left])
    chosen = list(free.filter(pk__in=pks).order_by("pk").select_for_update(of=("self",), no_key=True))
    created = Invitation.objects.bulk_create(
        Invitation(course=locked, volunteer=volunteer, township_id=volunteer.township_id, invited_by=by)
        for volunteer in chosen
    )
    record(created, AuditEntry.Action.CREATE)
    there = locked.invitations.filter(volunteer__in=meant).count()
    return Invited(new=len(created), left_out=meant.count() - there)


@event
def take_back(course: Course, invitations: InvitationQuerySet, *, by: User) -> int:
    """Take invitations to a planned course back, but for those who came; return how many. The trail keeps them."""
    locked = Course.locked(course.pk)
    if not Course.objects.kept_by(by).filter(pk=locked.pk).exists():
        raise RuleBroken(_("This course is the city's. An administrator invites to it."))
    if locked.state != Course.State.PLANNED:
        raise RuleBroken(_("This course was held or cancelled: its invitations stay as they were."))
    found = list(invitations.filter(course=locked).missing().order_by("pk").select_related("course", "volunteer"))
    for invitation in found:
        invitation.delete()
    return len(found)
