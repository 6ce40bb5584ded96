"""Who was at a course: recorded by list or by signing in, corrected, taken away.

A list is written in one go, whatever its length: what it means is asked once more under the lock on the course, which
everybody takes who records for it. The volunteers are locked after the course, by key, so that nobody's days in the
programme change meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import constant_time_compare
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.audit import event, record
from accounts.models import AuditEntry, User
from common.rules import RuleBroken
from volunteers.domain.course import reaches, refuse_unless_held_now
from volunteers.models import Attendance, Course, OpenName, Volunteer
from volunteers.roll.lines import Line
from volunteers.roll.match import CHANGED, NEW, OPEN, SAME, TWICE, Match, match, seen_hash

How, Result, Status = Attendance.How, Attendance.Result, Volunteer.Status


@dataclass(frozen=True)
class Recorded:
    """What became of a list: how many lines of each kind."""

    new: int
    changed: int
    same: int
    open: int


@event
def record_roll(
    course: Course,
    lines: Sequence[Line],
    *,
    seen: str,
    default: str = "",
    choices: Mapping[int, str] | None = None,
    by: User,
) -> Recorded:
    """Write a list down as it was ``seen``; lines that mean nobody, or whose person was not chosen, stay open names."""
    locked = Course.locked(course.pk)
    refuse_unless_held_now(locked)
    plain = match(locked, lines, default=default, by=by)
    _lock(each.person.pk for each in plain if each.person)
    if seen_hash(plain) != seen:
        raise RuleBroken(
            _("The list means something else than a moment ago. Look at it once more, then save."), code="stale"
        )
    matches = match(locked, lines, default=default, choices=choices, by=by)
    new = _add(locked, [each for each in matches if each.state == NEW], by)
    changed = _change(
        locked, {each.person.pk: each.result for each in matches if each.state == CHANGED and each.person}
    )
    _keep_open(locked, matches, by)
    if new and locked.state != Course.State.HELD:
        locked.state = Course.State.HELD
        locked.save()
    states = [each.state for each in matches]
    return Recorded(
        new=new, changed=changed, same=states.count(SAME) + states.count(TWICE), open=sum(s in OPEN for s in states)
    )


@event
def sign_in_at_course(
    course: Course, *, number: str, phone_tail: str, by: User | None = None
) -> tuple[Attendance, bool]:
    """Let somebody sign in at the course by the number on the badge and the end of their phone.

    Returns the attendance, and whether it is new. What is wrong with number or phone is told in one way for all, so
    that nobody learns of either; whether somebody may try at all is for the caller to ask (``common.throttle``).
    """
    # Asked first: the page of a course that is over would tell for good whose phone ends in what.
    _refuse_closed(course)
    volunteer = Volunteer.objects.filter(number=number).select_related("merged_into").first()
    is_right = constant_time_compare(phone_tail, volunteer.phone[-4:] if volunteer else "----")
    if volunteer is None or not is_right or volunteer.status in (Status.APPLIED, Status.REJECTED):
        raise RuleBroken(
            _("This number and these digits do not belong together. Compare them with the badge and your phone."),
            code="wrong",
        )
    volunteer = volunteer.merged_into or volunteer
    locked = Course.locked(course.pk)
    _refuse_closed(locked)
    _lock([volunteer.pk])
    volunteer.refresh_from_db()
    there = locked.attendances.filter(volunteer__in=volunteer.records).first()
    if there is not None:
        return there, False
    if not reaches(locked, volunteer.township_id):
        raise RuleBroken(_("This course is for volunteers of other townships. Tell the person at the desk."))
    if volunteer.status != Status.ACTIVE or volunteer.joined_on > locked.ends_on:
        raise RuleBroken(_("You are not an active volunteer at present. Tell the person at the desk."))
    attendance = Attendance.objects.create(
        course=locked,
        volunteer=volunteer,
        township_id=volunteer.township_id,
        date=locked.starts_on,
        how=How.SIGN_IN,
        minutes=locked.minutes,
    )
    if locked.state != Course.State.HELD:
        locked.state = Course.State.HELD
        locked.save()
    return attendance, True


@event
def change_attendance(attendance: Attendance, *, result: str, minutes: int, by: User) -> Attendance:
    """Change result or minutes of one person."""
    course = Course.locked(attendance.course_id)
    locked = Attendance.objects.select_related("course", "volunteer").get(pk=attendance.pk)
    if not 0 < minutes <= course.minutes:
        raise RuleBroken(
            _("The course lasts %(most)s minutes: enter 1 to %(most)s.") % {"most": course.minutes}, field="minutes"
        )
    locked.result, locked.minutes = result, minutes
    locked.save()
    return locked


@event
def remove_attendance(attendance: Attendance, *, by: User) -> None:
    """Take away what was recorded by mistake; the audit trail keeps it."""
    Course.locked(attendance.course_id)
    for found in Attendance.objects.filter(pk=attendance.pk).select_related("course", "volunteer"):
        found.delete()


@event
def dismiss_open_name(open_name: OpenName, *, by: User) -> None:
    """Say of an open name that it is none of ours: a teacher, a guest."""
    for found in OpenName.objects.filter(pk=open_name.pk).select_related("course"):
        found.delete()


def keep_days(sender: Any, before: Volunteer, volunteer: Volunteer, **_signal: Any) -> None:
    """Refuse days in the programme that leave a recorded course outside (``volunteers.hooks.volunteer_changed``)."""
    attended = volunteer.attendances.select_related("course")
    if volunteer.joined_on > before.joined_on:
        early = attended.filter(course__ends_on__lt=volunteer.joined_on).order_by("date").first()
        if early is not None:
            text = _("This volunteer attended a course on %(day)s. Enter that day or an earlier one.")
            raise RuleBroken(text % {"day": date_format(early.course.ends_on)}, field="joined_on")
    if volunteer.left_on is not None and volunteer.left_on != before.left_on:
        late = attended.filter(date__gt=volunteer.left_on).order_by("date").last()
        if late is not None:
            text = _("This volunteer attended a course on %(day)s. Enter that day or a later one.")
            raise RuleBroken(text % {"day": date_format(late.date)}, field="on")


def _refuse_closed(course: Course) -> None:
    if not course.takes_sign_ins:
        raise RuleBroken(_("Signing in is open on the days of the course only. Tell the person at the desk."))


def _lock(pks: Iterable[int]) -> None:
    """Lock the volunteers in the order of their keys."""
    locked = Volunteer.objects.filter(pk__in=list(pks)).order_by("pk").select_for_update(of=("self",), no_key=True)
    list(locked.values_list("pk"))


def _add(course: Course, matches: list[Match], by: User) -> int:
    volunteers = Volunteer.objects.in_bulk([each.person.pk for each in matches if each.person])
    attendances = Attendance.objects.bulk_create(
        Attendance(
            course=course,
            volunteer=volunteers[each.person.pk],
            township_id=volunteers[each.person.pk].township_id,
            date=course.starts_on,
            how=each.how,
            result=each.result,
            minutes=course.minutes,
            recorded_by=by,
        )
        for each in matches
        if each.person
    )
    record(attendances, AuditEntry.Action.CREATE)
    return len(attendances)


def _change(course: Course, results: Mapping[int, str]) -> int:
    """Give those who are there already, be it under a merged record, the list's results, one statement a result."""
    person = Volunteer.objects.records_of(results)
    found = list(course.attendances.filter(volunteer__in=person).select_related("course", "volunteer"))
    for before in Result.values:
        for after in Result.values:
            part = [each for each in found if each.result == before and results[person[each.volunteer_id]] == after]
            if part and before != after:
                Attendance.objects.filter(pk__in=[each.pk for each in part]).update(result=after)
                record(part, AuditEntry.Action.UPDATE, {"result": (before, after)})
    return len(results)


def _keep_open(course: Course, matches: Iterable[Match], by: User) -> None:
    """Keep the lines that mean nobody yet, each once, and forget those whose person was found."""
    matches = list(matches)
    names = OpenName.objects.visible_to(by).filter(course=course)
    found = {each.line.kept for each in matches if each.state not in OPEN}
    for settled in names.filter(line__in=found).select_related("course"):
        settled.delete()
    there = set(names.values_list("line", flat=True))
    lines = dict.fromkeys(each.line.kept for each in matches if each.state in OPEN and each.line.kept not in there)
    created = OpenName.objects.bulk_create(
        OpenName(course=course, township_id=by.township_id, line=line, recorded_by=by) for line in lines
    )
    record(created, AuditEntry.Action.CREATE)
