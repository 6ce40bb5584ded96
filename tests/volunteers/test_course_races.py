"""What several people do with one course at the same moment, with real transactions in parallel, on both databases.

Each race is run again without what keeps it in order: then the rule must break, or the race shows nothing.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.rights import Role
from common.rules import RuleBroken
from tests.factories import make_course, make_user, make_village, make_volunteer
from tests.races import in_parallel
from volunteers.domain import attendance as attendance_module
from volunteers.domain import invitation as invitation_module
from volunteers.domain.attendance import record_roll, sign_in_at_course
from volunteers.domain.invitation import invite
from volunteers.domain.volunteer import leave
from volunteers.models import Attendance, Course, Volunteer
from volunteers.roll.lines import read_text
from volunteers.roll.match import match, seen_hash

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 6


def unlocked(cls, pk, *, version=None):
    """Stand in for ``Course.locked``: the same row, without the lock."""
    return cls.objects.get(pk=pk)


def crowd(size):
    """Make volunteers of one village."""
    village = make_village()
    return [make_volunteer(village=village, name=f"义工{number}号") for number in range(size)]


def invite_at_once():
    """Let six administrators invite three others each to a course of ten places; return how many are invited."""
    people, admin = crowd(18), make_user(Role.ADMIN)
    course = make_course(starts_on=timezone.localdate() + timedelta(days=3), capacity=10)
    parts = [[person.pk for person in people[start : start + 3]] for start in range(0, 18, 3)]
    in_parallel(*(lambda part=part: invite(course, Volunteer.objects.filter(pk__in=part), by=admin) for part in parts))
    return course.invitations.count()


def test_parallel_invitations_stay_within_the_places():
    assert invite_at_once() == 10


@pytest.mark.postgresql
def test_without_the_lock_there_are_more_invitations_than_places(monkeypatch):
    monkeypatch.setattr(Course, "locked", classmethod(unlocked))
    places_left = invitation_module.places_left

    def slowly(course):
        left = places_left(course)
        Course.objects.raw("SELECT pg_sleep(0.2), id FROM volunteers_course")[0]
        return left

    monkeypatch.setattr(invitation_module, "places_left", slowly)

    assert invite_at_once() > 10


def record_at_once():
    """Let six people save the same list and six sign in with it; return what each was told."""
    people, admin = crowd(AT_ONCE), make_user(Role.ADMIN)
    course = make_course(starts_on=timezone.localdate())
    lines = read_text("\n".join(person.name for person in people))
    seen = seen_hash(match(course, lines, by=admin))
    told = in_parallel(
        *(lambda: record_roll(course, lines, seen=seen, by=admin) for _time in range(3)),
        *(lambda p=p: sign_in_at_course(course, number=p.number, phone_tail=p.phone[-4:]) for p in people[:3]),
    )
    return course, told


def test_parallel_lists_and_sign_ins_record_everybody_once():
    course, told = record_at_once()

    assert course.attendances.count() == AT_ONCE
    assert [each for each in told if isinstance(each, RuleBroken)] == []
    course.refresh_from_db()
    assert course.state == Course.State.HELD


@pytest.mark.postgresql
def test_without_the_locks_parallel_lists_run_into_the_constraint(monkeypatch):
    monkeypatch.setattr(Course, "locked", classmethod(unlocked))
    monkeypatch.setattr(attendance_module, "_lock", lambda pks: None)  # the volunteers' locks do it as well
    add = attendance_module._add

    def slowly(*args):
        Course.objects.raw("SELECT pg_sleep(0.2), id FROM volunteers_course")[0]
        return add(*args)

    monkeypatch.setattr(attendance_module, "_add", slowly)

    with pytest.raises(Exception, match="attendance_once"):
        record_at_once()


def test_who_leaves_while_the_list_is_saved_left_after_the_course_or_was_not_there():
    [person], admin = crowd(1), make_user(Role.ADMIN)
    today = timezone.localdate()
    course = make_course(starts_on=today)
    lines = read_text(person.name)
    seen = seen_hash(match(course, lines, by=admin))

    in_parallel(
        lambda: record_roll(course, lines, seen=seen, by=admin),
        lambda: leave(person, on=today - timedelta(days=1), reason="搬走", by=admin),
    )

    person.refresh_from_db()
    assert Attendance.objects.exists() != (person.status == Volunteer.Status.LEFT)
