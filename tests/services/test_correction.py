"""Corrections of read months: asked for by one, granted by another; both stay to be read, and the figures follow."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from accounts.models import AuditEntry
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from services.domain.correction import (
    ask_strike,
    grant_correction,
    refuse_correction,
    take_back_correction,
)
from services.domain.log import edit_service
from services.domain.report import reopen_month, return_month, submit_month
from services.domain.rollup import differences
from services.domain.sheet import totals_of
from services.invariants.invariant import invariants
from services.models import Correction, Participation, ReportContributor, ServiceLog, TownshipMonth, VolunteerYear
from tests.factories import (
    make_category,
    make_correction,
    make_log,
    make_membership,
    make_read,
    make_read_log,
    make_team,
    make_user,
    make_volunteer,
)
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    return make_read_log()


@pytest.fixture
def reviewer(log):
    return make_user(Role.REVIEWER, township=log.township)


def words_of(log):
    """Return everything that a log and its participations say, without whether they stand."""
    stands = ("is_withdrawn", "withdrawn_reason", "version", "counted")
    rows = [ServiceLog.objects.filter(pk=log.pk).values().get(), *log.participations.order_by("pk").values()]
    return [{name: value for name, value in row.items() if name not in stands} for row in rows]


def broken():
    return {each.name: each.broken_by() for each in invariants() if each.broken_by()}


def test_granted_correction_stands_in_place_of_the_original(log, reviewer):
    said = words_of(log)
    correction = make_correction(log)

    granted = grant_correction(correction, version=correction.version, by=reviewer)

    log.refresh_from_db()
    result = granted.result
    assert words_of(log) == said
    assert (log.is_withdrawn, log.withdrawn_reason) == (True, "时间记错了")
    assert set(log.participations.values_list("is_withdrawn", "counted")) == {(True, False)}
    assert (result.corrects, result.report, result.is_withdrawn) == (log, log.report, False)
    assert result.starts_at == log.starts_at + timedelta(hours=1)
    assert (result.recorded_by, result.recorded_at) == (correction.asked_by, log.recorded_at)
    assert set(result.participations.values_list("is_withdrawn", "counted")) == {(False, True)}
    assert (granted.state, granted.decided_by, granted.is_applied) == ("granted", reviewer, True)
    assert list(ServiceLog.objects.counted()) == [result]
    assert broken() == {}


def test_figures_follow_a_correction(log, reviewer):
    stranger = make_volunteer(village=log.team.grid.village)
    make_membership(log.team, stranger)
    first = log.participations.order_by("pk")[0].volunteer
    other = make_category()
    correction = make_correction(
        log,
        ends_at=log.starts_at + timedelta(minutes=90),
        participants={first.pk: 45, stranger.pk: None},
        category=other,
        people_served=7,
    )

    grant_correction(correction, by=reviewer)

    assert sorted(VolunteerYear.objects.values_list("volunteer", "minutes", "services")) == sorted(
        [(first.pk, 45, 1), (stranger.pk, 90, 1)]
    )
    month = TownshipMonth.objects.get()
    assert (month.category, month.logs, month.participations, month.minutes, month.people_served) == (
        other,
        1,
        2,
        135,
        7,
    )
    totals = totals_of([log.report])[log.report_id]
    assert (totals.logs, totals.people, totals.minutes, totals.people_served) == (1, 2, 135, 7)
    assert differences() == []


def test_strike_takes_the_service_out_of_every_figure(log, reviewer):
    correction = make_correction(log, strike=True)

    granted = grant_correction(correction, by=reviewer)

    log.refresh_from_db()
    assert (granted.result, granted.is_applied, log.is_withdrawn) == (None, True, True)
    assert not ServiceLog.objects.counted().exists()
    assert not Participation.objects.counted().exists()
    assert not VolunteerYear.objects.exists()
    assert not TownshipMonth.objects.exists()
    assert broken() == {}


def test_correction_is_in_the_trail_of_both_without_the_recipient(log, reviewer):
    correction = make_correction(log, recipient="改名后的老人")
    granted = grant_correction(correction, by=reviewer)

    entries = AuditEntry.objects.filter(event__in=["ask_change", "grant_correction"])

    assert {(entry.event, entry.actor) for entry in entries} == {
        ("ask_change", correction.asked_by),
        ("grant_correction", reviewer),
    }
    assert {log.pk, granted.result.pk} <= set(entries.values_list("object_id", flat=True))
    assert "改名后的老人" not in str(list(entries.values_list("changes", "object_repr")))


def test_same_form_asks_once(log):
    staff, key = make_user(township=log.township), uuid4()

    first = ask_strike(log, key=key, reason="没有去", by=staff)
    again = ask_strike(log, key=key, reason="没有去", by=staff)

    assert first == again
    assert Correction.objects.count() == 1


def test_log_that_is_asked_about_is_not_asked_about_again(log):
    make_correction(log)

    with pytest.raises(RuleBroken, match="asked for already"):
        make_correction(log, content="另一处")

    assert Correction.objects.count() == 1


@pytest.mark.parametrize("state", ["open", "submitted", "returned"])
def test_logs_of_a_month_that_was_not_read_are_not_corrected(state):
    log = make_log()
    staff = make_user(township=log.township)
    if state != "open":
        submit_month(log.report, by=staff)
    if state == "returned":
        return_month(log.report, remark="请核对", by=make_user(Role.REVIEWER, township=log.township))

    with pytest.raises(RuleBroken):
        make_correction(log, by=staff)

    assert not Correction.objects.exists()


def test_nothing_changed_is_no_correction(log):
    with pytest.raises(RuleBroken, match="Nothing was changed"):
        make_correction(log, content=log.content)


def test_correction_stays_within_its_month(log):
    day = timedelta(days=31)
    with pytest.raises(RuleBroken, match="within its month") as refused:
        make_correction(log, date=log.date + day, starts_at=log.starts_at + day, ends_at=log.ends_at + day)

    assert refused.value.field == "date"


@pytest.mark.parametrize("reason", ["", "  ", "长" * 301])
def test_correction_needs_a_reason_of_some_words(log, reason):
    with pytest.raises(RuleBroken) as refused:
        make_correction(log, reason=reason)

    assert refused.value.field == "reason"


def test_rules_of_a_service_hold_when_it_is_asked(log):
    outsider = make_volunteer()
    cases = {
        "participants": {"participants": {}},
        "ends_at": {"ends_at": log.starts_at},
        "recipient": {"recipient": " "},
        "people_served": {"people_served": 0},
    }
    for field, changes in cases.items():
        with pytest.raises(RuleBroken) as refused:
            make_correction(log, **changes)
        assert refused.value.field == field
    with pytest.raises(RuleBroken, match="not known"):
        make_correction(log, participants={outsider.pk: None})
    with time_machine.travel(log.starts_at - timedelta(hours=1), tick=False), pytest.raises(RuleBroken, match="not"):
        make_correction(log)


def test_overlap_besides_the_original_is_refused_when_asked_and_when_granted(log, reviewer):
    person = log.participations.order_by("pk")[0].volunteer
    correction = make_correction(log)  # an hour later
    elsewhere = make_log(
        team=make_team(township=log.township), starts=(log.starts_at + timedelta(hours=9, minutes=30)).time(),
        participants=[person],
    )  # fmt: skip

    with pytest.raises(RuleBroken, match="in another service"):
        grant_correction(correction, by=reviewer)
    take_back_correction(correction, by=correction.asked_by)
    with pytest.raises(RuleBroken, match="in another service"):
        make_correction(log)

    assert elsewhere.starts_at < log.ends_at + timedelta(hours=1)
    log.refresh_from_db()
    assert not log.is_withdrawn
    assert set(log.participations.values_list("counted", flat=True)) == {True}


def test_member_who_was_not_there_on_the_new_day_becomes_no_participant(log, reviewer):
    late = make_volunteer(village=log.team.grid.village, status=Volunteer.Status.SUSPENDED)
    with pytest.raises(RuleBroken, match="not an active volunteer"):
        make_correction(log, participants={late.pk: None, log.participations.first().volunteer_id: None})


def test_helper_of_the_original_stays_also_when_gone_since(reviewer):
    team = make_team()
    helper = make_volunteer(village=team.grid.village)
    log = make_read_log(team=team, helpers=[helper])
    Volunteer.objects.filter(pk=helper.pk).update(status=Volunteer.Status.LEFT, left_on=date(2026, 9, 1))

    granted = grant_correction(make_correction(log), by=make_user(Role.REVIEWER))

    assert granted.result.participations.get(volunteer=helper).is_helper


# --- who decides ----------------------------------------------------------------------------------------


def test_nobody_grants_what_they_asked_for(log):
    correction = make_correction(log)

    with pytest.raises(RuleBroken, match="somebody else decides"):
        grant_correction(correction, by=correction.asked_by)
    with pytest.raises(IntegrityError, match="correction_decided_by_another"), transaction.atomic():
        Correction.objects.filter(pk=correction.pk).update(
            state="refused", decided_by=correction.asked_by, decided_at=correction.asked_at, answer="?"
        )


@pytest.mark.parametrize("decide", [grant_correction, lambda c, by: refuse_correction(c, answer="不", by=by)])
def test_who_contributed_or_took_part_decides_nothing(log, decide):
    contributor = make_user(Role.REVIEWER, township=log.township)
    ReportContributor.note([log.report], contributor)
    participant = make_user(Role.REVIEWER, township=log.township)
    Volunteer.objects.filter(pk=log.participations.first().volunteer_id).update(user=participant)
    proposed = make_user(Role.REVIEWER, township=log.township)
    newcomer = make_volunteer(village=log.team.grid.village, user=proposed)
    make_membership(log.team, newcomer)
    correction = make_correction(log, participants={newcomer.pk: None})

    for person in (contributor, participant, proposed):
        with pytest.raises(RuleBroken):
            decide(correction, by=person)

    correction.refresh_from_db()
    assert correction.state == "asked"


def test_database_refuses_a_contributor_too(log):
    contributor = make_user(Role.REVIEWER, township=log.township)
    ReportContributor.note([log.report], contributor)
    correction = make_correction(log)

    with pytest.raises(DatabaseError, match="correction_decider_contributed"), transaction.atomic():
        Correction.objects.filter(pk=correction.pk).update(
            state="granted", decided_by=contributor, decided_at=correction.asked_at
        )


def test_reader_of_the_month_neither_asks_nor_becomes_a_participant(log):
    reader = log.report.reviewed_by
    with pytest.raises(RuleBroken, match="read this month yourself"):
        make_correction(log, by=reader)
    newcomer = make_volunteer(village=log.team.grid.village, user=reader)
    make_membership(log.team, newcomer)

    with pytest.raises(RuleBroken, match="cannot have taken part") as refused:
        make_correction(log, participants={newcomer.pk: None})

    assert refused.value.field == "participants"


def test_refused_correction_leaves_everything_and_may_be_asked_again(log, reviewer):
    correction = make_correction(log)

    refused = refuse_correction(correction, answer="请附说明", version=correction.version, by=reviewer)

    log.refresh_from_db()
    assert (refused.state, refused.answer, refused.decided_by) == ("refused", "请附说明", reviewer)
    assert not log.is_withdrawn
    assert grant_correction(make_correction(log), by=reviewer).state == "granted"


@pytest.mark.parametrize("answer", ["", " ", "长" * 301])
def test_refusal_needs_an_answer(log, reviewer, answer):
    with pytest.raises(RuleBroken) as refused:
        refuse_correction(make_correction(log), answer=answer, by=reviewer)

    assert refused.value.field == "answer"


def test_only_who_asked_takes_back(log):
    correction = make_correction(log)
    with pytest.raises(RuleBroken, match="who asked for it"):
        take_back_correction(correction, by=make_user(township=log.township))

    assert take_back_correction(correction, by=correction.asked_by).state == "taken_back"


def test_second_decision_and_older_page_are_refused(log, reviewer):
    correction = make_correction(log)
    with pytest.raises(SavedMeanwhile):
        grant_correction(correction, version=correction.version + 1, by=reviewer)
    grant_correction(correction, by=reviewer)

    for decide in (
        lambda: grant_correction(correction, by=reviewer),
        lambda: refuse_correction(correction, answer="不", by=reviewer),
        lambda: take_back_correction(correction, by=correction.asked_by),
    ):
        with pytest.raises(RuleBroken, match="decided already"):
            decide()
    assert ServiceLog.objects.count() == 2


def test_log_that_changed_since_its_page_is_not_asked_about(log):
    with pytest.raises(SavedMeanwhile):
        ask_strike(log, key=uuid4(), reason="没有去", version=log.version + 1, by=make_user(township=log.township))


# --- a correction on a correction -------------------------------------------------------------------------


def test_correction_is_corrected_again_and_the_original_is_not(log, reviewer):
    result = grant_correction(make_correction(log), by=reviewer).result
    log.refresh_from_db()
    with pytest.raises(RuleBroken, match="corrected already"):
        make_correction(log, content="再改")

    again = grant_correction(make_correction(result, content="再改一次"), by=reviewer).result

    assert (again.corrects, again.content) == (result, "再改一次")
    assert list(ServiceLog.objects.standing()) == [again]
    assert broken() == {}


def test_correction_of_a_correction_may_be_struck(log, reviewer):
    result = grant_correction(make_correction(log), by=reviewer).result

    grant_correction(make_correction(result, strike=True), by=reviewer)

    assert not ServiceLog.objects.standing().exists()
    assert broken() == {}


# --- a month that is reopened ------------------------------------------------------------------------------


def test_reopening_refuses_what_is_asked_for(log, reviewer):
    correction = make_correction(log)

    reopen_month(log.report, reason="核对", by=reviewer)

    correction.refresh_from_db()
    assert (correction.state, correction.decided_by) == ("refused", reviewer)
    assert "reopened" in correction.answer


def test_corrected_month_is_reopened_changed_and_read_again(log, reviewer):
    result = grant_correction(make_correction(log), by=reviewer).result
    reopen_month(log.report, reason="核对", by=reviewer)
    assert differences() == []
    edit_service(
        result,
        version=result.version,
        date=result.date,
        starts_at=result.starts_at,
        ends_at=result.ends_at,
        category=result.category,
        recipient="老王",
        content="修灯",
        participants=dict(result.participations.values_list("volunteer", "minutes")),
        by=make_user(township=log.township),
    )

    make_read(log.report)

    assert list(ServiceLog.objects.counted()) == [result]
    assert broken() == {}


def test_asked_in_a_reopened_month_is_not_granted(log, reviewer):
    correction = make_correction(log)
    reopen_month(log.report, reason="核对", by=reviewer)

    with pytest.raises(RuleBroken):
        grant_correction(correction, by=make_user(Role.REVIEWER))
    with pytest.raises(DatabaseError, match="correction_append_only"), transaction.atomic():
        Correction.objects.filter(pk=correction.pk).update(state="granted")


def test_retired_category_is_kept_but_not_chosen(log, reviewer):
    log.category.is_retired = True
    log.category.save()
    retired = make_category(is_retired=True)

    assert grant_correction(make_correction(log), by=reviewer).state == "granted"
    with pytest.raises(RuleBroken) as refused:
        make_correction(make_read_log(), category=retired)
    assert refused.value.field == "category"


def test_correction_belongs_to_who_sees_the_log(log):
    correction = make_correction(log)
    elsewhere = make_user()

    assert list(Correction.objects.visible_to(make_user(township=log.township))) == [correction]
    assert list(Correction.objects.visible_to(make_user(Role.REVIEWER))) == [correction]
    assert not Correction.objects.visible_to(elsewhere).exists()
