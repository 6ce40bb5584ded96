"""Courses: planned, changed, held, cancelled; who is invited, and who came."""

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from tests.factories import (
    make_attendance,
    make_course,
    make_invitation,
    make_provider,
    make_skill_type,
    make_township,
    make_user,
    make_village,
    make_volunteer,
)
from volunteers.domain.attendance import (
    change_attendance,
    dismiss_open_name,
    record_roll,
    remove_attendance,
    sign_in_at_course,
)
from volunteers.domain.course import add_provider, cancel_course, edit_course, hold_course, plan_course
from volunteers.domain.invitation import (
    invitable,
    invite,
    needing_first,
    never_trained,
    take_back,
    untrained_in_primary,
    untrained_since,
)
from volunteers.domain.training import training_between
from volunteers.domain.volunteer import edit_volunteer, leave
from volunteers.models import Attendance, Course, Invitation, OpenName, Provider, Volunteer
from volunteers.roll.lines import read_text
from volunteers.roll.match import match, seen_hash

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 6)
Result, State = Attendance.Result, Course.State


def new_course(**fields):
    """Return a course that is not saved, as a form makes it."""
    fields.setdefault("provider", make_provider())
    defaults = {
        "title": "急救培训",
        "content": Course.Content.KNOWLEDGE,
        "place": "党校",
        "starts_on": DAY,
        "ends_on": DAY,
        "begins_at": time(8, 30),
        "closes_at": time(11, 30),
        "minutes": 180,
        "capacity": 40,
    }
    return Course(**(defaults | fields))


def coming(**fields):
    """Make a course that is still to come."""
    return make_course(starts_on=timezone.localdate() + timedelta(days=7), **fields)


def record(course, text, by, **options):
    """Record a list as somebody does who looked at it."""
    lines = read_text(text)
    plain = match(course, lines, default=options.get("default", ""), by=by)
    return record_roll(course, lines, seen=seen_hash(plain), by=by, **options)


# --- Planning -------------------------------------------------------------------------------------------


def test_staff_plan_for_their_own_township_whatever_the_form_says():
    staff = make_user(Role.TOWNSHIP_STAFF)

    course = plan_course(new_course(township=make_township()), key=uuid4(), by=staff)

    assert (course.township, course.recorded_by, course.state) == (staff.township, staff, State.PLANNED)


def test_form_sent_twice_plans_one_course():
    admin, key = make_user(Role.ADMIN), uuid4()

    first = plan_course(new_course(), key=key, by=admin)
    second = plan_course(new_course(), key=key, by=admin)

    assert (first.pk, Course.objects.count()) == (second.pk, 1)


def test_form_sent_again_with_other_entries_is_refused():
    admin, key = make_user(Role.ADMIN), uuid4()
    plan_course(new_course(), key=key, by=admin)

    with pytest.raises(RuleBroken, match="other entries"):
        plan_course(new_course(title="另一个班"), key=key, by=admin)


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"ends_on": DAY - timedelta(days=1)}, "ends_on"),
        ({"ends_on": DAY + timedelta(days=400)}, "ends_on"),
        ({"closes_at": time(8, 30)}, "closes_at"),
        ({"minutes": 181}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 5001}, "capacity"),
    ],
)
def test_course_that_cannot_be_is_refused_at_its_field(fields, at):
    with pytest.raises(RuleBroken) as refused:
        plan_course(new_course(**fields), key=uuid4(), by=make_user(Role.ADMIN))

    assert (refused.value.field, Course.objects.count()) == (at, 0)


def test_several_days_give_several_times_the_hours():
    course = new_course(ends_on=DAY + timedelta(days=2), minutes=3 * 180)

    assert plan_course(course, key=uuid4(), by=make_user(Role.ADMIN)).minutes == 540


def test_course_of_a_township_has_no_further_townships():
    with pytest.raises(RuleBroken) as refused:
        plan_course(
            new_course(township=make_township()), key=uuid4(), townships=[make_township()], by=make_user(Role.ADMIN)
        )

    assert refused.value.field == "townships"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "other"},
        {"state": "cancelled"},
        {"cancelled_reason": "?"},
        {"content": "other"},
        {"minutes": 0},
        {"capacity": 0},
        {"ends_on": DAY - timedelta(days=1)},
        {"closes_at": time(8, 30)},
        {"title": "长" * 81},
    ],
)
def test_database_refuses_a_course_that_cannot_be(change):
    course = make_course()

    with pytest.raises(Exception) as refused, transaction.atomic():
        Course.objects.filter(pk=course.pk).update(**change)
    assert type(refused.value).__name__ in ("IntegrityError", "DataError")


def test_provider_is_made_once():
    admin = make_user(Role.ADMIN)

    first = add_provider(name="市委党校", kind=Provider.Kind.PARTY_SCHOOL, by=admin)

    assert add_provider(name="市委党校", kind=Provider.Kind.OTHER, by=admin) == first
    Provider.objects.update(is_retired=True)
    with pytest.raises(RuleBroken, match="retired"):
        add_provider(name="市委党校", kind=Provider.Kind.OTHER, by=admin)


def test_who_sees_and_keeps_which_course():
    home, other = make_township(), make_township()
    own, elsewhere = make_course(township=home), make_course(township=other)
    whole, theirs, others = make_course(), make_course(townships=[home, other]), make_course(townships=[other])
    staff, admin = make_user(Role.TOWNSHIP_STAFF, township=home), make_user(Role.ADMIN)
    reviewer = make_user(Role.REVIEWER, township=home)

    assert set(Course.objects.visible_to(staff)) == {own, whole, theirs}
    assert set(Course.objects.kept_by(staff)) == {own}
    assert set(Course.objects.visible_to(reviewer)) == {own, whole, theirs}
    assert set(Course.objects.kept_by(reviewer)) == set()
    assert set(Course.objects.kept_by(admin)) == {own, elsewhere, whole, theirs, others}


# --- Changing, holding, cancelling ----------------------------------------------------------------------


def test_edit_from_an_old_page_is_refused():
    course = make_course()
    edit_course(course.pk, {"title": "新名"}, version=course.version, by=course.recorded_by)

    with pytest.raises(SavedMeanwhile):
        edit_course(course.pk, {"title": "旧名"}, version=course.version, by=course.recorded_by)


def test_staff_do_not_change_the_citys_course():
    course, staff = make_course(), make_user(Role.TOWNSHIP_STAFF)

    for act in (
        lambda: edit_course(course.pk, {"title": "?"}, version=course.version, by=staff),
        lambda: hold_course(course, by=staff),
        lambda: cancel_course(course, reason="?", by=staff),
    ):
        with pytest.raises(RuleBroken, match="city"):
            act()


def test_new_length_and_day_follow_for_those_who_were_there():
    course = make_course()
    whole, part = make_attendance(course, make_volunteer()), make_attendance(course, make_volunteer(), minutes=100)

    edit_course(
        course.pk, {"minutes": 300, "starts_on": DAY - timedelta(days=1)}, version=course.version, by=course.recorded_by
    )

    whole.refresh_from_db(), part.refresh_from_db()
    assert (whole.minutes, part.minutes) == (300, 100)
    assert {whole.date, part.date} == {DAY - timedelta(days=1)}
    changed = AuditEntry.objects.filter(event="edit_course", content_type__model="attendance")
    assert [entry.object_id for entry in changed.filter(changes__has_key="minutes")] == [whole.pk]


@pytest.mark.parametrize(
    ("values", "at"),
    [
        ({"capacity": 1}, "capacity"),
        ({"minutes": 90}, "minutes"),
        ({"starts_on": DAY - timedelta(days=9), "ends_on": DAY - timedelta(days=9)}, "ends_on"),
    ],
)
def test_change_that_its_people_contradict_is_refused(values, at):
    course = make_course()
    for _person in range(2):
        make_invitation(course, make_volunteer())
    make_attendance(course, make_volunteer(joined_on=DAY), minutes=100)

    with pytest.raises(RuleBroken) as refused:
        edit_course(course.pk, values, version=course.version, by=course.recorded_by)

    assert refused.value.field == at


def test_townships_of_those_invited_or_present_stay():
    invited, present = make_course(), make_course()
    make_invitation(invited, make_volunteer())
    make_attendance(present, make_volunteer())

    for course in (invited, present):
        with pytest.raises(RuleBroken) as refused:
            edit_course(course.pk, {}, townships=[make_township()], version=course.version, by=course.recorded_by)
        assert refused.value.field == "townships"


def test_held_course_does_not_move_into_the_future():
    course = make_course(state=State.HELD)
    day = timezone.localdate() + timedelta(days=1)

    with pytest.raises(RuleBroken, match="future"):
        edit_course(course.pk, {"starts_on": day, "ends_on": day}, version=course.version, by=course.recorded_by)


def test_course_is_held_once_it_has_begun():
    with pytest.raises(RuleBroken, match="begins on"):
        hold_course(coming(), by=make_user(Role.ADMIN))

    assert hold_course(make_course(), by=make_user(Role.ADMIN)).state == State.HELD


def test_cancelled_course_has_a_reason_and_nobody_in_it():
    course, admin = make_course(), make_user(Role.ADMIN)
    for reason in ("  ", "长" * 201):
        with pytest.raises(RuleBroken) as refused:
            cancel_course(course, reason=reason, by=admin)
        assert refused.value.field == "reason"
    attendance = make_attendance(course, make_volunteer())
    with pytest.raises(RuleBroken, match="attended"):
        cancel_course(course, reason="台风", by=admin)
    remove_attendance(attendance, by=admin)

    cancelled = cancel_course(course, reason="台风", by=admin)

    assert (cancelled.state, cancelled.cancelled_reason) == (State.CANCELLED, "台风")
    with pytest.raises(RuleBroken, match="Plan a new one"):
        edit_course(course.pk, {"title": "?"}, version=cancelled.version, by=admin)
    with pytest.raises(RuleBroken, match="cancelled"):
        record(course, "张三", admin)


# --- Inviting -------------------------------------------------------------------------------------------


def test_places_go_to_those_who_need_training_most():
    course, admin = coming(capacity=2), make_user(Role.ADMIN)
    recent, long_ago, never = make_volunteer(), make_volunteer(), make_volunteer()
    make_attendance(make_course(starts_on=date(2026, 6, 1)), recent)
    make_attendance(make_course(starts_on=date(2025, 6, 1)), long_ago)

    invited = invite(course, Volunteer.objects.all(), by=admin)

    assert (invited.new, invited.left_out) == (2, 1)
    assert set(course.invitations.values_list("volunteer", flat=True)) == {never.pk, long_ago.pk}
    assert AuditEntry.objects.filter(event="invite", action=AuditEntry.Action.CREATE).count() == 2


def test_inviting_again_adds_nobody_twice():
    course, admin = coming(), make_user(Role.ADMIN)
    make_volunteer(), make_volunteer()

    first, again = (invite(course, Volunteer.objects.all(), by=admin) for _time in range(2))

    assert [(each.new, each.left_out) for each in (first, again)] == [(2, 0), (0, 0)]


def test_who_cannot_be_invited():
    township = make_township()
    course = coming(townships=[township])
    village = make_village(township=township)
    free = make_volunteer(village=village)
    make_volunteer()  # of another township
    make_volunteer(village=village, status="suspended")
    make_volunteer(village=village, status="applied")
    make_volunteer(village=village, joined_on=course.ends_on + timedelta(days=1))
    make_invitation(course, make_volunteer(village=village))
    make_invitation(coming(), make_volunteer(village=village))
    make_invitation(coming(begins_at=time(17), closes_at=time(20), minutes=180), free)

    assert list(invitable(course, make_user(Role.ADMIN))) == [free]


@pytest.mark.parametrize("fields", [{"state": "held"}, {"state": "cancelled", "cancelled_reason": "雨"}, {}])
def test_only_a_course_still_to_come_is_invited_to(fields):
    course = coming(**fields) if fields else make_course()

    with pytest.raises(RuleBroken, match="still to come"):
        invite(course, Volunteer.objects.all(), by=make_user(Role.ADMIN))


def test_full_course_and_a_foreign_one_are_refused():
    full = coming(capacity=1)
    make_invitation(full, make_volunteer())

    with pytest.raises(RuleBroken, match="No place"):
        invite(full, Volunteer.objects.all(), by=make_user(Role.ADMIN))
    with pytest.raises(RuleBroken, match="city's"):
        invite(coming(), Volunteer.objects.all(), by=make_user(Role.TOWNSHIP_STAFF))


def test_staff_invite_nobody_of_another_township():
    staff = make_user(Role.TOWNSHIP_STAFF)
    course = coming(township=staff.township)
    other = make_volunteer()

    invited = invite(course, Volunteer.objects.filter(pk=other.pk), by=staff)

    assert (invited.new, Invitation.objects.count()) == (0, 0)


def test_invitations_are_taken_back_while_the_course_is_planned():
    admin, planned, held = make_user(Role.ADMIN), coming(), make_course(state=State.HELD)
    make_invitation(planned, make_volunteer())
    second = make_invitation(held, make_volunteer())
    everybody = Invitation.objects.all()

    counts = [take_back(planned, everybody, by=admin) for _time in range(2)]
    with pytest.raises(RuleBroken, match="stay"):
        take_back(held, everybody, by=admin)
    with pytest.raises(RuleBroken, match="city"):
        take_back(coming(), everybody, by=make_user(Role.TOWNSHIP_STAFF))

    assert (counts, list(everybody.all())) == ([1, 0], [second])
    assert AuditEntry.objects.filter(event="take_back", action=AuditEntry.Action.DELETE).count() == 1


def test_who_needs_training():
    medical, legal = make_skill_type(), make_skill_type()
    never, other_skill, own_skill = (make_volunteer(primary_skill=medical) for _person in range(3))
    make_attendance(make_course(speciality=legal), other_skill)
    make_attendance(make_course(speciality=medical, starts_on=date(2025, 1, 1)), own_skill)
    merged = make_volunteer(status="left", left_on=date(2026, 7, 1), merged_into=never)
    everybody = Volunteer.objects.active()

    assert set(never_trained(everybody)) == {never}
    assert set(untrained_in_primary(everybody)) == {never, other_skill}
    assert set(untrained_since(everybody, date(2026, 1, 1))) == {never, own_skill}
    assert list(needing_first(everybody)) == [never, own_skill, other_skill]
    make_attendance(make_course(), merged)  # one person, two records
    assert set(never_trained(everybody)) == set()


# --- Attendance -----------------------------------------------------------------------------------------


def test_list_is_recorded_and_the_course_is_held():
    course, admin = make_course(), make_user(Role.ADMIN)
    first, second = make_volunteer(name="张三"), make_volunteer(name="李四")

    recorded = record(course, "张三 合格\n李四\n王五 供电所", admin)

    course.refresh_from_db()
    assert (recorded.new, recorded.changed, recorded.same, recorded.open) == (2, 0, 0, 1)
    assert course.state == State.HELD
    found = course.attendances.order_by("volunteer").values_list(
        "volunteer", "township", "date", "how", "result", "minutes", "recorded_by"
    )
    assert list(found) == [
        (first.pk, first.township_id, DAY, "name", "passed", 360, admin.pk),
        (second.pk, second.township_id, DAY, "name", "not_assessed", 360, admin.pk),
    ]
    assert [each.line for each in course.open_names.all()] == ["王五 供电所"]
    assert AuditEntry.objects.filter(event="record_roll", object_id=course.attendances.first().pk).count() == 1


def test_same_list_twice_changes_nothing():
    course, admin = make_course(), make_user(Role.ADMIN)
    make_volunteer(name="张三")
    record(course, "张三 合格\n王五", admin)
    entries = AuditEntry.objects.count()

    again = record(course, "张三 合格\n王五", admin)

    assert (again.new, again.changed, again.same, again.open) == (0, 0, 1, 1)
    assert (Attendance.objects.count(), OpenName.objects.count(), AuditEntry.objects.count()) == (1, 1, entries)


def test_results_are_entered_by_a_list_of_their_own():
    course, admin = make_course(), make_user(Role.ADMIN)
    people = [make_volunteer(name=name) for name in ("张三", "李四", "王五")]
    record(course, "张三\n李四\n王五", admin)

    recorded = record(course, "张三 不合格\n李四", admin, default=Result.PASSED)

    results = dict(course.attendances.values_list("volunteer", "result"))
    assert [results[person.pk] for person in people] == ["failed", "passed", "not_assessed"]
    assert recorded.changed == 2
    entry = AuditEntry.objects.filter(event="record_roll", action=AuditEntry.Action.UPDATE).first()
    assert entry.changes == {"result": ["not_assessed", "failed"]}


def test_list_that_means_something_else_by_now_is_refused():
    course, admin = make_course(), make_user(Role.ADMIN)
    lines = read_text("张三")
    seen = seen_hash(match(course, lines, by=admin))
    make_volunteer(name="张三")

    with pytest.raises(RuleBroken, match="something else") as refused:
        record_roll(course, lines, seen=seen, by=admin)

    assert (refused.value.code, Attendance.objects.count(), OpenName.objects.count()) == ("stale", 0, 0)


def test_chosen_person_is_recorded_and_the_open_name_is_settled():
    course, admin = make_course(), make_user(Role.ADMIN)
    make_volunteer(name="张三")
    second = make_volunteer(name="张三")
    record(course, "张三", admin)
    assert [each.line for each in OpenName.objects.all()] == ["张三"]

    record(course, "张三", admin, choices={1: str(second.pk)})

    assert list(course.attendances.values_list("volunteer", "how")) == [(second.pk, "chosen")]
    assert not OpenName.objects.exists()


def test_open_name_that_is_no_volunteers_is_dismissed():
    course, admin = make_course(), make_user(Role.ADMIN)
    record(course, "王五", admin)

    dismiss_open_name(OpenName.objects.get(), by=admin)

    assert not OpenName.objects.exists()
    lines = AuditEntry.objects.filter(event__in=["dismiss_open_name", "record_roll"]).values_list("changes", flat=True)
    assert "王五" not in str(list(lines))


def test_open_names_are_each_offices_own():
    course, admin = make_course(), make_user(Role.ADMIN)
    staff, elsewhere = make_user(Role.TOWNSHIP_STAFF), make_user(Role.TOWNSHIP_STAFF)
    record(course, "王五", staff)
    record(course, "王五", elsewhere)
    record(course, "赵六", admin)

    assert [each.line for each in OpenName.objects.visible_to(staff)] == ["王五"]
    assert OpenName.objects.visible_to(admin).count() == 3


def test_nothing_is_recorded_before_the_course_begins():
    make_volunteer(name="张三")

    with pytest.raises(RuleBroken, match="from that day on"):
        record(coming(), "张三", make_user(Role.ADMIN))

    assert (Attendance.objects.count(), OpenName.objects.count()) == (0, 0)


def test_long_list_is_written_by_as_many_queries_as_a_short_one():
    counts = []
    for size in (3, 200):
        course, admin = make_course(), make_user(Role.ADMIN)
        village = make_village()
        people = [make_volunteer(village=village, name=f"义工{size}号{number}") for number in range(size)]
        lines = read_text("\n".join(person.name for person in people))
        seen = seen_hash(match(course, lines, by=admin))
        with CaptureQueriesContext(connection) as queries:
            assert record_roll(course, lines, seen=seen, by=admin).new == size
        counts.append(len(queries))

    assert counts[1] <= counts[0] + 5  # SQLite takes 999 values in a statement


def test_attendance_is_changed_and_taken_away():
    course, admin = make_course(), make_user(Role.ADMIN)
    attendance = make_attendance(course, make_volunteer())

    changed = change_attendance(attendance, result=Result.FAILED, minutes=90, by=admin)
    assert (changed.result, changed.minutes) == ("failed", 90)
    for minutes in (0, 361):
        with pytest.raises(RuleBroken) as refused:
            change_attendance(attendance, result=Result.PASSED, minutes=minutes, by=admin)
        assert refused.value.field == "minutes"
    remove_attendance(attendance, by=admin)
    remove_attendance(attendance, by=admin)  # pressed twice

    assert not Attendance.objects.exists()
    assert AuditEntry.objects.filter(event="remove_attendance", action=AuditEntry.Action.DELETE).count() == 1


def test_database_refuses_a_second_attendance_and_one_that_nobody_recorded():
    attendance = make_attendance(make_course(), make_volunteer())

    with pytest.raises(IntegrityError), transaction.atomic():
        make_attendance(attendance.course, attendance.volunteer)
    for change in ({"recorded_by": None}, {"how": "?"}, {"result": "?"}, {"minutes": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attendance.objects.filter(pk=attendance.pk).update(**change)


def test_days_in_the_programme_hold_the_courses_attended():
    admin = make_user(Role.ADMIN)
    attendance = make_attendance(make_course(), make_volunteer())
    volunteer = attendance.volunteer

    with pytest.raises(RuleBroken) as joined:
        edit_volunteer(volunteer.pk, {"joined_on": DAY + timedelta(days=1)}, version=volunteer.version, by=admin)
    with pytest.raises(RuleBroken) as left:
        leave(volunteer, on=DAY - timedelta(days=1), reason="搬走", by=admin)

    assert (joined.value.field, left.value.field) == ("joined_on", "on")
    assert leave(volunteer, on=DAY, reason="搬走", by=admin).left_on == DAY


# --- Signing in -----------------------------------------------------------------------------------------


def today(**fields):
    """Make a course that takes place today."""
    return make_course(starts_on=timezone.localdate(), **fields)


def test_person_signs_in_once():
    course, person = today(), make_volunteer(phone="13812345678")

    attendance, is_new = sign_in_at_course(course, number=person.number, phone_tail="5678")
    again, is_new_again = sign_in_at_course(course, number=person.number, phone_tail="5678")

    course.refresh_from_db()
    assert (is_new, is_new_again, attendance.pk) == (True, False, again.pk)
    assert (attendance.how, attendance.recorded_by, attendance.minutes, course.state) == ("sign_in", None, 360, "held")


def test_wrong_number_and_wrong_digits_are_told_alike():
    course, person = today(), make_volunteer(phone="13812345678")
    applicant = make_volunteer(phone="13812345678", status="applied")
    refused = []
    for number, tail in ((person.number, "0000"), ("9999999", "5678"), (applicant.number, "5678")):
        with pytest.raises(RuleBroken) as broken:
            sign_in_at_course(course, number=number, phone_tail=tail)
        refused.append((broken.value.message, broken.value.code))

    assert len(set(refused)) == 1
    assert refused[0][1] == "wrong"


@pytest.mark.parametrize("days", [-1, 1])
def test_signing_in_is_open_on_the_days_of_the_course_only(days):
    course = make_course(starts_on=timezone.localdate() + timedelta(days=days))
    person = make_volunteer(phone="13812345678")

    with pytest.raises(RuleBroken, match="on the days of the course only"):
        sign_in_at_course(course, number=person.number, phone_tail="5678")


@pytest.mark.parametrize("days", [-1, 1])
def test_a_course_that_is_closed_tells_nobody_whose_phone_ends_in_what(days):
    course = make_course(starts_on=timezone.localdate() + timedelta(days=days))
    person = make_volunteer(phone="13812345678")
    told = set()
    for tail in ("5678", "0000"):
        with pytest.raises(RuleBroken) as broken:
            sign_in_at_course(course, number=person.number, phone_tail=tail)
        told.add((broken.value.message, broken.value.code))

    assert len(told) == 1


def test_who_is_not_meant_does_not_sign_in():
    course, person = today(townships=[make_township()]), make_volunteer(phone="13812345678")
    gone = make_volunteer(phone="13812345678", status="suspended")

    with pytest.raises(RuleBroken, match="other townships"):
        sign_in_at_course(course, number=person.number, phone_tail="5678")
    with pytest.raises(RuleBroken, match="not an active volunteer"):
        sign_in_at_course(today(), number=gone.number, phone_tail="5678")


def test_merged_record_signs_the_person_in():
    stands = make_volunteer(phone="13812345678")
    merged = make_volunteer(phone="13812345678", status="left", left_on=DAY, merged_into=stands)

    attendance, _is_new = sign_in_at_course(today(), number=merged.number, phone_tail="5678")

    assert attendance.volunteer == stands


# --- Figures --------------------------------------------------------------------------------------------


def test_figures_count_courses_persons_and_person_times():
    home, other = make_volunteer(), make_volunteer()
    merged = make_volunteer(village=home.village, status="left", left_on=DAY, merged_into=home)
    june, july = make_course(starts_on=date(2026, 6, 3)), make_course(content="knowledge")
    make_attendance(june, home), make_attendance(june, other, minutes=100)
    make_attendance(july, home), make_attendance(july, merged)
    make_course(starts_on=date(2026, 7, 9))  # not held
    admin = make_user(Role.ADMIN)

    counted = training_between(date(2026, 1, 1), date(2026, 12, 31), user=admin)

    def plain(figures):
        return (figures.courses, figures.persons, figures.person_times, figures.minutes)

    assert plain(counted.total) == (2, 2, 4, 1180)
    assert {month.month: plain(each) for month, each in counted.by_month.items()} == {
        6: (1, 2, 2, 460),
        7: (1, 1, 2, 720),
    }
    assert {key: plain(each) for key, each in counted.by_content.items()} == {
        "knowledge": (1, 1, 2, 720),
        "service": (1, 2, 2, 460),
    }
    assert {key: plain(each) for key, each in counted.by_township.items()} == {
        home.township_id: (2, 1, 3, 1080),
        other.township_id: (1, 1, 1, 100),
    }


def test_figures_of_a_township_are_its_own():
    home, other = make_volunteer(), make_volunteer()
    course = make_course()
    make_attendance(course, home), make_attendance(course, other)
    make_attendance(make_course(township=other.township), other)
    staff, admin = make_user(Role.TOWNSHIP_STAFF, township=home.township), make_user(Role.ADMIN)

    own = training_between(DAY, DAY, user=staff)

    assert own == training_between(DAY, DAY, township=home.township, user=admin)
    assert (own.total.courses, own.total.persons, own.total.person_times) == (1, 1, 1)


def test_a_person_is_there_once_whichever_record_was_there_before_the_merge():
    staff = make_user(Role.TOWNSHIP_STAFF)
    stands = make_volunteer(township=staff.township, phone="13812345678", name="张三")
    merged = make_volunteer(
        township=staff.township, name="张三", status="left", left_on=timezone.localdate(), merged_into=stands
    )
    course = today(township=staff.township)
    there = make_attendance(course, merged, result="not_assessed")
    make_invitation(course, merged)

    assert sign_in_at_course(course, number=stands.number, phone_tail="5678") == (there, False)
    recorded = record(course, "张三 合格", staff)
    there.refresh_from_db()
    assert (recorded.new, recorded.changed, there.result, course.attendances.count()) == (0, 1, "passed", 1)
    assert stands not in invitable(course, staff)
