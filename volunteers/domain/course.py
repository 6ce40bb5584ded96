"""What happens to a course: planned, changed, held, cancelled; and what is allowed for its figures."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from areas.models import Township
from common.hours import hours
from common.rules import RuleBroken, constraint_named
from volunteers.models import Course, Provider
from volunteers.models.course import MOST_MINUTES, MOST_PLACES, TEXT_LIMITS

State = Course.State
# What a form may change; the state has ways of its own.
CHANGEABLE = frozenset(
    {
        "title",
        "content",
        "speciality",
        "provider",
        "place",
        "starts_on",
        "ends_on",
        "begins_at",
        "closes_at",
        "minutes",
        "capacity",
    }
)


@event
def add_provider(*, name: str, kind: str, by: User) -> Provider:
    """Return the provider called ``name``, made with ``kind`` unless it is there."""
    found = Provider.objects.filter(name=name).first()
    if found is not None:
        if found.is_retired:
            raise RuleBroken(
                _("This provider is retired. Choose another, or ask an administrator."), field="new_provider"
            )
        return found
    provider = Provider(name=name, kind=kind)
    with constraint_named("name", RuleBroken(_("This provider is there already. Choose it."), field="new_provider")):
        provider.save(force_insert=True)
    return provider


@event
def plan_course(course: Course, *, key: UUID, townships: Iterable[Township] = (), by: User) -> Course:
    """Plan a course: staff for their own township, the city's administrators for any. A form sent twice makes one."""
    there = Course.objects.filter(key=key).first()
    if there is not None:
        return _same(there, course, by)
    if not by.is_city_wide:
        course.township = by.township
    region = list(townships)
    _check_region(course, region)
    _check(course)
    course.key, course.recorded_by = key, by
    with constraint_named("key", RuleBroken(_("This form was sent twice at once. Look at the list of courses."))):
        course.save(force_insert=True)
    course.townships.set(region)
    return course


@event
def edit_course(
    pk: int, values: Mapping[str, Any], *, townships: Iterable[Township] | None = None, version: int, by: User
) -> Course:
    """Change a course. What was recorded of it follows: whoever was there all the time stays there all the time."""
    course = Course.locked(pk, version=version)
    _refuse_foreign(course, by)
    if course.state == State.CANCELLED:
        raise RuleBroken(_("This course is cancelled. Plan a new one."))
    before_minutes, before_day = course.minutes, course.starts_on
    for name in CHANGEABLE & values.keys():
        setattr(course, name, values[name])
    region = list(course.townships.all()) if townships is None else list(townships)
    _check_region(course, region)
    _check(course)
    _check_people(course, region, before_minutes)
    course.save()
    course.townships.set(region)
    _follow(course, before_minutes, before_day)
    return course


@event
def hold_course(course: Course, *, by: User) -> Course:
    """Say that the course took place; who was there is recorded before or after."""
    locked = Course.locked(course.pk)
    _refuse_foreign(locked, by)
    if locked.state == State.HELD:
        return locked
    refuse_unless_held_now(locked)
    locked.state = State.HELD
    locked.save()
    return locked


@event
def cancel_course(course: Course, *, reason: str, by: User) -> Course:
    """Cancel a course of which nobody's attendance is recorded; invitations stay on record."""
    reason = reason.strip()
    if not reason:
        raise RuleBroken(_("Say why."), field="reason")
    if len(reason) > TEXT_LIMITS["cancelled_reason"]:
        raise RuleBroken(
            _("At most %(limit)s characters.") % {"limit": TEXT_LIMITS["cancelled_reason"]}, field="reason"
        )
    locked = Course.locked(course.pk)
    _refuse_foreign(locked, by)
    if locked.state == State.CANCELLED:
        return locked
    if locked.attendances.exists():
        raise RuleBroken(_("People attended this course: it took place. Take their attendance away first."))
    locked.state, locked.cancelled_reason = State.CANCELLED, reason
    locked.save()
    return locked


def refuse_unless_held_now(course: Course) -> None:
    """Refuse to record anybody for a course that is cancelled or has not begun."""
    if course.state == State.CANCELLED:
        raise RuleBroken(_("This course is cancelled. Nobody's attendance can be recorded."), code="cancelled")
    if not course.has_begun:
        raise RuleBroken(
            _("The course begins on %(day)s. Attendance can be recorded from that day on.")
            % {"day": date_format(course.starts_on)},
            code="future",
        )


def reaches(course: Course, township_id: int, region: Collection[int] | None = None) -> bool:
    """Whether the course is for the volunteers of the township."""
    if course.township_id is not None:
        return course.township_id == township_id
    region = region_of(course) if region is None else region
    return not region or township_id in region


def region_of(course: Course) -> frozenset[int]:
    """Return the keys of the townships that the course is for; empty for the whole city."""
    if course.township_id is not None:
        return frozenset({course.township_id})
    return frozenset(course.townships.values_list("pk", flat=True))


def _same(there: Course, course: Course, by: User) -> Course:
    if there.recorded_by_id != by.pk or (there.title, there.starts_on) != (course.title, course.starts_on):
        raise RuleBroken(_("This form was sent before, with other entries. Open it anew and enter them once more."))
    return there


def _refuse_foreign(course: Course, by: User) -> None:
    """Keep staff to their township's own courses, also past the pages."""
    if not by.is_city_wide and course.township_id not in by.township_ids:
        raise RuleBroken(_("This course is the city's. An administrator changes it."))


def _check_region(course: Course, region: list[Township]) -> None:
    if course.township_id is not None and region:
        raise RuleBroken(
            _("A course of a township is for its own volunteers. Leave the townships empty, or hold it as the city."),
            field="townships",
        )


def _check(course: Course) -> None:
    if course.ends_on < course.starts_on:
        raise RuleBroken(_("The last day lies before the first. Exchange them."), field="ends_on")
    if (course.ends_on - course.starts_on).days > 365:
        raise RuleBroken(_("A course takes a year at most. Check the last day."), field="ends_on")
    if course.closes_at <= course.begins_at:
        raise RuleBroken(_("It ends before it begins. Check the two times."), field="closes_at")
    if not 0 < course.minutes <= min(course.longest(), MOST_MINUTES):
        raise RuleBroken(
            _("Between its hours the course lasts %(most)s hours at most. Check the hours, the days and the times.")
            % {"most": hours(course.longest())},
            field="minutes",
        )
    if not 0 < course.capacity <= MOST_PLACES:
        raise RuleBroken(_("A course has 1 to %(most)s places.") % {"most": MOST_PLACES}, field="capacity")
    course.full_clean(exclude=["key", "code", "recorded_by"], validate_constraints=False)


def _check_people(course: Course, region: list[Township], before_minutes: int) -> None:
    """Refuse what those who are invited or were there already contradict."""
    invited = course.invitations.count()
    if course.capacity < invited:
        raise RuleBroken(
            _("%(count)s volunteers are invited. Leave as many places, or take invitations back first.")
            % {"count": invited},
            field="capacity",
        )
    if region and course.invitations.exclude(township__in=region).exists():
        raise RuleBroken(
            _("Volunteers of other townships are invited. Keep their townships, or take the invitations back first."),
            field="townships",
        )
    attendances = course.attendances
    if region and attendances.exclude(township__in=region).exists():
        raise RuleBroken(
            _("Volunteers of other townships attended. Keep their townships."),
            field="townships",
        )
    if course.state == State.HELD and course.starts_on > timezone.localdate():
        raise RuleBroken(_("The course was held: its first day cannot lie in the future."), field="starts_on")
    early = attendances.filter(volunteer__joined_on__gt=course.ends_on).select_related("volunteer").first()
    if early is not None:
        raise RuleBroken(
            _("%(name)s attended, and joined the programme on %(day)s only. Check the days.")
            % {"name": early.volunteer, "day": date_format(early.volunteer.joined_on)},
            field="ends_on",
        )
    if attendances.filter(minutes__gt=course.minutes).exclude(minutes=before_minutes).exists():
        raise RuleBroken(
            _("For some volunteers more minutes are recorded than that. Change theirs first."), field="minutes"
        )


def _follow(course: Course, before_minutes: int, before_day: Any) -> None:
    """Carry the new length and day over to those who were there, with their entries in the trail."""
    if course.minutes != before_minutes:
        whole = list(course.attendances.filter(minutes=before_minutes).select_related("course", "volunteer"))
        course.attendances.filter(pk__in=[each.pk for each in whole]).update(minutes=course.minutes)
        record(whole, AuditEntry.Action.UPDATE, {"minutes": (str(before_minutes), str(course.minutes))})
    if course.starts_on != before_day:
        moved = list(course.attendances.select_related("course", "volunteer"))
        course.attendances.update(date=course.starts_on)
        record(moved, AuditEntry.Action.UPDATE, {"date": (str(before_day), str(course.starts_on))})
