"""The rules of a service log, one by one."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from grids.models import Membership
from services.domain.log import RecordedDifferently, edit_service, record_service, withdraw_service
from services.domain.report import submit_month
from services.models import MonthlyReport, Participation, RecognitionRound, ServiceLog
from tests.factories import (
    make_category,
    make_log,
    make_membership,
    make_read,
    make_report,
    make_team,
    make_user,
    make_volunteer,
)

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 6)


@pytest.fixture(autouse=True)
def _in_november():
    """Let today be the 24th of November 2026, 10:00 in Shanghai."""
    with time_machine.travel(datetime.fromisoformat("2026-11-24T10:00:00+08:00"), tick=False):
        yield


@pytest.fixture
def team():
    return make_team()


@pytest.fixture
def staff(team):
    return make_user(Role.TOWNSHIP_STAFF, township=team.township)


def at(clock, day=DAY):
    """Return the moment of a clock time such as 8:30 on a day in Shanghai."""
    hour, minute = (int(part) for part in clock.split(":"))
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def members(team):
    """Return the keys of the team's members, the leader first."""
    return list(Membership.objects.filter(team=team).order_by("id").values_list("volunteer", flat=True))


def entry(team, **changes):
    """Return what a person might say about an hour of service by the whole team."""
    fields = {
        "date": DAY,
        "starts_at": at("8:00"),
        "ends_at": at("9:00"),
        "recipient": "村民老陈",
        "content": "打扫院子",
        "participants": dict.fromkeys(members(team)),
    }
    if "category" not in changes:
        fields["category"] = make_category()
    return fields | changes


def log_service(team, by, **changes):
    """Record a service as a form with a key of its own would."""
    return record_service(**{"key": uuid4(), "team": team, "by": by} | entry(team, **changes)).log


def refusal(team, by, **changes):
    """Return field and message of the refusal, having seen that nothing was stored."""
    before = (ServiceLog.objects.count(), Participation.objects.count(), MonthlyReport.objects.count())
    with pytest.raises(RuleBroken) as refused:
        log_service(team, by, **changes)
    assert (ServiceLog.objects.count(), Participation.objects.count(), MonthlyReport.objects.count()) == before
    return refused.value.field, refused.value.message


# --- what is stored -----------------------------------------------------------------------------------


def test_service_is_stored_with_its_participants_and_report(team, staff):
    first, second, third = members(team)

    log = log_service(team, staff, participants={first: None, second: 30, third: None})

    assert (log.team, log.township, log.minutes, log.recorded_by) == (team, team.township, 60, staff)
    assert (log.report.team, log.report.month, log.report.state) == (team, date(2026, 7, 1), "open")
    assert list(log.participations.order_by("volunteer").values_list("volunteer", "minutes", "is_helper")) == [
        (first, 60, False),
        (second, 30, False),
        (third, 60, False),
    ]


def test_service_is_in_the_audit_trail_with_its_participants(team, staff):
    log = log_service(team, staff, participants={members(team)[0]: 45})

    entries = AuditEntry.objects.filter(object_id=log.pk, content_type__model="servicelog").order_by("id")
    number = Membership.objects.filter(team=team).earliest("id").volunteer.number
    assert [(each.actor, each.event) for each in entries] == [(staff, "record_service")] * 2
    assert entries.last().changes == {"participants": [None, f"{number}: 45"]}


def test_service_across_midnight_belongs_to_the_day_it_began(team, staff):
    log = log_service(team, staff, starts_at=at("23:00"), ends_at=at("1:30", DAY + timedelta(days=1)))

    assert (log.date, log.minutes) == (DAY, 150)


def test_helper_of_the_township_is_marked(team, staff):
    helper = make_volunteer(village=team.grid.village)

    log = log_service(team, staff, participants={members(team)[0]: None, helper.pk: None})

    assert list(log.participations.filter(is_helper=True).values_list("volunteer", flat=True)) == [helper.pk]


def test_member_of_that_day_who_left_the_team_since_is_no_helper(team, staff):
    pk = members(team)[2]
    Membership.objects.filter(volunteer=pk).update(left_on=DAY)

    log = log_service(team, staff, participants={members(team)[0]: None, pk: None})

    assert set(log.participations.values_list("is_helper", flat=True)) == {False}


@pytest.mark.parametrize("right_now", ["2026-07-06T23:59:00+08:00", "2026-07-07T00:01:00+08:00"])
@pytest.mark.parametrize("server_zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def test_today_is_shanghais(team, staff, right_now, server_zone, monkeypatch):
    monkeypatch.setenv("TZ", server_zone)
    with time_machine.travel(datetime.fromisoformat(right_now), tick=False):
        today = date.fromisoformat(right_now[:10])
        tomorrow = today + timedelta(days=1)
        begin = timezone.now() - timedelta(minutes=10)

        log = log_service(
            team,
            staff,
            date=begin.astimezone(timezone.get_current_timezone()).date(),
            starts_at=begin,
            ends_at=timezone.now(),
        )
        field, _ = refusal(team, staff, date=tomorrow, starts_at=at("0:00", tomorrow), ends_at=at("0:30", tomorrow))

    assert log.date == DAY
    assert field == "date"


# --- one submission, one log --------------------------------------------------------------------------


def test_same_form_sent_twice_makes_one_log(team, staff):
    key, fields = uuid4(), entry(team)

    first = record_service(key=key, team=team, by=staff, **fields)
    second = record_service(key=key, team=team, by=staff, **fields)

    assert (first.is_new, second.is_new) == (True, False)
    assert first.log == second.log == ServiceLog.objects.get()


def test_honest_retry_gets_its_log_after_the_month_was_read(team, staff):
    key, fields = uuid4(), entry(team)
    log = record_service(key=key, team=team, by=staff, **fields).log
    make_read(log.report)

    again = record_service(key=key, team=team, by=staff, **fields)

    assert (again.log, again.is_new) == (log, False)


@pytest.mark.parametrize("other", [{"content": "别的"}, {"people_served": 2}, {"place": "村口"}])
def test_same_key_with_other_content_shows_the_stored_log(team, staff, other):
    key, fields = uuid4(), entry(team)
    log = record_service(key=key, team=team, by=staff, **fields).log

    with pytest.raises(RecordedDifferently) as refused:
        record_service(key=key, team=team, by=staff, **fields | other)

    assert refused.value.log == log == ServiceLog.objects.get()


def test_same_key_for_another_team_shows_the_stored_log(team, staff):
    key, fields, other = uuid4(), entry(team), make_team(township=team.township)
    log = record_service(key=key, team=team, by=staff, **fields).log

    with pytest.raises(RecordedDifferently) as refused:
        record_service(key=key, team=other, by=staff, **entry(other))

    assert refused.value.log == log


# --- times --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("starts", "ends", "minutes"), [("8:00", "8:05", 5), ("6:00", "22:00", 960)])
def test_shortest_and_longest_service(team, staff, starts, ends, minutes):
    assert log_service(team, staff, starts_at=at(starts), ends_at=at(ends)).minutes == minutes


@pytest.mark.parametrize(("starts", "ends"), [("8:00", "8:04"), ("6:00", "22:01"), ("9:00", "8:00"), ("8:00", "8:00")])
def test_times_that_cannot_be_are_refused_at_the_end(team, staff, starts, ends):
    assert refusal(team, staff, starts_at=at(starts), ends_at=at(ends))[0] == "ends_at"


def test_end_before_start_says_how_to_go_past_midnight(team, staff):
    assert "Ends the next day" in refusal(team, staff, starts_at=at("23:00"), ends_at=at("1:00"))[1]


def test_tomorrow_is_refused(team, staff):
    day = date(2026, 11, 25)
    assert refusal(team, staff, date=day, starts_at=at("8:00", day), ends_at=at("9:00", day))[0] == "date"


@pytest.mark.parametrize(("ends", "field"), [("10:00", None), ("10:01", "ends_at")])
def test_service_may_end_up_to_now(team, staff, ends, field):
    day = date(2026, 11, 24)
    times = {"date": day, "starts_at": at("9:00", day), "ends_at": at(ends, day)}

    assert (refusal(team, staff, **times)[0] if field else log_service(team, staff, **times).minutes) == (field or 60)


def test_date_other_than_the_start_is_refused(team, staff):
    assert refusal(team, staff, date=DAY + timedelta(days=1))[0] == "date"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recipient", " "),
        ("recipient", "陈" * 61),
        ("content", ""),
        ("content", "写" * 501),
        ("place", "村" * 101),
        ("people_served", 0),
        ("people_served", 100_001),
    ],
)
def test_texts_and_numbers_out_of_bounds_are_refused_at_their_field(team, staff, field, value):
    assert refusal(team, staff, **{field: value})[0] == field


def test_retired_category_is_refused(team, staff):
    assert refusal(team, staff, category=make_category(is_retired=True))[0] == "category"


# --- participants -------------------------------------------------------------------------------------


def test_nobody_is_refused(team, staff):
    assert refusal(team, staff, participants={})[0] == "participants"


def test_helpers_alone_are_refused(team, staff):
    helper = make_volunteer(village=team.grid.village)
    assert "in the team" in refusal(team, staff, participants={helper.pk: None})[1]


def test_foreign_and_missing_volunteers_are_refused_alike(team, staff):
    foreign = make_volunteer()
    answers = {
        refusal(team, staff, participants={members(team)[0]: None, pk: None}) for pk in (foreign.pk, 999_999_999)
    }
    assert len(answers) == 1
    assert foreign.name not in answers.pop()[1]


@pytest.mark.parametrize("status", ["applied", "suspended", "rejected"])
def test_helper_who_is_not_active_is_refused(team, staff, status):
    helper = make_volunteer(village=team.grid.village, status=status)
    assert helper.name in refusal(team, staff, participants={members(team)[0]: None, helper.pk: None})[1]


def test_service_before_joining_the_programme_is_refused(team, staff):
    late = make_volunteer(village=team.grid.village, joined_on=DAY + timedelta(days=1))
    make_membership(team, late)
    assert late.name in refusal(team, staff, participants=dict.fromkeys(members(team)))[1]


@pytest.mark.parametrize(("left", "is_refused"), [(DAY, False), (DAY - timedelta(days=1), True)])
def test_who_had_left_the_programme_is_refused(team, staff, left, is_refused):
    gone = make_volunteer(village=team.grid.village, status="left", left_on=left)
    make_membership(team, gone, left_on=left)
    parts = {members(team)[0]: None, gone.pk: None}

    if is_refused:
        assert gone.name in refusal(team, staff, participants=parts)[1]
    else:
        assert log_service(team, staff, participants=parts).participations.count() == 2


@pytest.mark.parametrize("minutes", [0, 61])
def test_minutes_beyond_the_service_are_refused(team, staff, minutes):
    assert refusal(team, staff, participants={members(team)[0]: minutes})[0] == "participants"


def test_day_has_1440_minutes(team, staff):
    tomorrow = DAY + timedelta(days=1)
    one = {members(team)[0]: None}
    log_service(team, staff, participants=one, starts_at=at("0:00"), ends_at=at("15:00"))

    kept = refusal(team, staff, participants=one, starts_at=at("15:00"), ends_at=at("6:00", tomorrow))
    log_service(team, staff, participants=one, starts_at=at("16:00"), ends_at=at("1:00", tomorrow))

    assert "900" in kept[1]


# --- nobody in two places -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "ends"), [("8:00", "9:00"), ("7:30", "8:01"), ("8:59", "9:30"), ("8:10", "8:50"), ("7:00", "10:00")]
)
def test_overlap_is_refused_and_names_the_other_service(team, staff, starts, ends):
    log_service(team, staff)
    name = Membership.objects.filter(team=team).order_by("volunteer_id").first().volunteer.name

    field, message = refusal(team, staff, starts_at=at(starts), ends_at=at(ends))

    assert field == "participants"
    assert all(word in message for word in (name, "08:00–09:00", team.name))


@pytest.mark.parametrize(("starts", "ends"), [("7:00", "8:00"), ("9:00", "10:00")])
def test_touching_is_fine(team, staff, starts, ends):
    log_service(team, staff)
    assert log_service(team, staff, starts_at=at(starts), ends_at=at(ends)).pk


def test_overlap_past_midnight_is_seen(team, staff):
    before = DAY - timedelta(days=1)
    log_service(team, staff, date=before, starts_at=at("20:00", before), ends_at=at("9:00"))
    assert refusal(team, staff)[0] == "participants"


def test_overlap_with_a_withdrawn_service_is_fine(team, staff):
    withdraw_service(log_service(team, staff), reason="重复", by=staff)
    assert log_service(team, staff).pk


def test_overlap_does_not_name_a_team_that_the_leader_does_not_see(team, staff):
    other = make_team(township=team.township)
    volunteer = Membership.objects.filter(team=team).order_by("volunteer_id").first().volunteer
    make_log(team=other, on=DAY, participants=[], helpers=[volunteer])
    leader = make_user(Role.TEAM_LEADER, township=team.township)
    type(volunteer).objects.filter(pk=members(team)[0]).update(user=leader)

    assert other.name in refusal(team, staff)[1]
    assert other.name not in refusal(team, leader)[1]


# --- months and years ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "who"), [("submitted", "reviewer"), ("read", "reviewer")])
def test_month_that_takes_no_logs_says_who_opens_it(team, staff, state, who):
    make_report(team=team, month=date(2026, 7, 1), state=state)
    field, message = refusal(team, staff)
    assert field == "date"
    assert who in message


def test_returned_month_takes_logs(team, staff):
    make_report(team=team, month=date(2026, 7, 1), state="returned")
    assert log_service(team, staff).report.state == "returned"


def test_scored_year_takes_no_logs(team, staff):
    RecognitionRound.objects.create(
        year=2026, state="scored", scored_by=make_user(Role.REVIEWER), scored_at=timezone.now(), evidence_hash="0" * 64
    )
    assert "2026" in refusal(team, staff)[1]


# --- corrections --------------------------------------------------------------------------------------


def test_edit_changes_fields_participants_and_month(team, staff):
    log = log_service(team, staff)
    day = date(2026, 8, 3)
    helper = make_volunteer(village=team.grid.village)
    changed = entry(
        team,
        date=day,
        starts_at=at("8:30", day),
        ends_at=at("9:00", day),
        content="改",
        category=log.category,
        participants={members(team)[1]: None, helper.pk: 10},
    )

    edit_service(log, version=log.version, by=staff, **changed)

    log = ServiceLog.objects.get()
    assert (log.date, log.minutes, log.content, log.report.month) == (day, 30, "改", date(2026, 8, 1))
    assert list(log.participations.order_by("minutes").values_list("volunteer", "minutes", "is_helper", "date")) == [
        (helper.pk, 10, True, day),
        (members(team)[1], 30, False, day),
    ]


def test_edit_does_not_overlap_with_itself(team, staff):
    log = log_service(team, staff)
    changed = entry(team, ends_at=at("9:30"), category=log.category)
    assert edit_service(log, version=log.version, by=staff, **changed).minutes == 90


def test_edit_of_an_older_copy_is_refused(team, staff):
    log = log_service(team, staff)
    edit_service(log, version=log.version, by=staff, **entry(team, content="先", category=log.category))
    with pytest.raises(SavedMeanwhile):
        edit_service(log, version=log.version, by=staff, **entry(team, content="后", category=log.category))
    assert ServiceLog.objects.get().content == "先"


def test_edit_out_of_a_submitted_month_is_refused(team, staff):
    log = log_service(team, staff)
    submit_month(log.report, by=staff)
    day = date(2026, 8, 3)
    changed = entry(team, date=day, starts_at=at("8:00", day), ends_at=at("9:00", day), category=log.category)
    with pytest.raises(RuleBroken, match="submitted"):
        edit_service(log, version=log.version, by=staff, **changed)


def test_edit_into_a_submitted_month_is_refused(team, staff):
    log = log_service(team, staff)
    make_report(team=team, month=date(2026, 8, 1), state="submitted")
    day = date(2026, 8, 3)
    changed = entry(team, date=day, starts_at=at("8:00", day), ends_at=at("9:00", day), category=log.category)
    with pytest.raises(RuleBroken, match="submitted"):
        edit_service(log, version=log.version, by=staff, **changed)


def test_withdrawn_log_stays_with_its_reason(team, staff):
    log = withdraw_service(log_service(team, staff), reason=" 重复 ", by=staff)

    log.refresh_from_db()
    assert (log.is_withdrawn, log.withdrawn_reason) == (True, "重复")
    assert set(log.participations.values_list("is_withdrawn", flat=True)) == {True}


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_withdrawing_needs_a_reason(team, staff, reason):
    with pytest.raises(RuleBroken) as refused:
        withdraw_service(log_service(team, staff), reason=reason, by=staff)
    assert refused.value.field == "reason"


def test_withdrawn_log_is_not_changed_again(team, staff):
    log = withdraw_service(log_service(team, staff), reason="重复", by=staff)
    with pytest.raises(RuleBroken, match="withdrawn"):
        withdraw_service(log, reason="再", by=staff)
    with pytest.raises(RuleBroken, match="withdrawn"):
        edit_service(log, version=log.version, by=staff, **entry(team, category=log.category))


def test_log_of_a_read_month_is_not_withdrawn(team, staff):
    log = log_service(team, staff)
    make_read(log.report)
    with pytest.raises(RuleBroken, match="read"):
        withdraw_service(log, reason="重复", by=staff)


def test_log_that_moved_into_a_submitted_month_is_not_withdrawn_there(team, staff):
    stale = log_service(team, staff)
    day = date(2026, 8, 3)
    moved = entry(team, date=day, starts_at=at("8:00", day), ends_at=at("9:00", day), category=stale.category)
    edit_service(ServiceLog.objects.get(), version=stale.version, by=staff, **moved)
    with time_machine.travel("2026-09-01T08:00:00+08:00", tick=False):
        submit_month(MonthlyReport.objects.get(month=date(2026, 8, 1)), by=staff)

    with pytest.raises(SavedMeanwhile):
        withdraw_service(stale, reason="重复", by=staff)

    assert not ServiceLog.objects.get().is_withdrawn


def test_withdrawing_an_older_copy_is_refused(team, staff):
    log = log_service(team, staff)
    edit_service(log, version=log.version, by=staff, **entry(team, content="先", category=log.category))
    with pytest.raises(SavedMeanwhile):
        withdraw_service(log, reason="重复", version=log.version, by=staff)
    assert not ServiceLog.objects.get().is_withdrawn


# --- cost ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [3, 10])
def test_recording_costs_the_same_for_3_and_10_participants(staff, count, django_assert_max_num_queries):
    team = make_team(members=count)
    fields = entry(team)
    log_service(team, staff, starts_at=at("6:00"), ends_at=at("7:00"))  # warm the caches

    with django_assert_max_num_queries(24):
        record_service(key=uuid4(), team=team, by=staff, **fields)
