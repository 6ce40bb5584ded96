"""A correction of a scored year: the evidence stays as it was signed, and the difference is explained by it alone."""

from datetime import date, time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.rights import Role
from services.domain import scoring
from services.domain.correction import grant_correction
from services.domain.difference import Difference, differences, score_now, turned
from services.domain.recognition import open_round, score_round, verify_round
from services.invariants.invariant import invariants
from services.models import BallotTally, Evidence, Participation, VolunteerYear
from tests.factories import make_correction, make_log, make_membership, make_read, make_team, make_user, make_volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def runner():
    return make_user(Role.REVIEWER)


@pytest.fixture
def logs():
    """Two read services, of one hour and of two, of a team of three."""
    team = make_team()
    logs = [make_log(team=team), make_log(team=team, on=date(2026, 7, 8), minutes=120)]
    make_read(logs[0].report)
    return logs


@pytest.fixture
def scored(logs, runner):
    """The year's round: three hours are asked for, everybody is satisfied with everybody."""
    voting = open_round(2026, min_minutes=180, by=runner)
    for membership in logs[0].team.memberships.all():
        BallotTally.objects.create(
            round=voting,
            grid=logs[0].team.grid,
            volunteer=membership.volunteer,
            satisfied=9,
            fairly_satisfied=0,
            dissatisfied=0,
            unknown=0,
        )
    return score_round(voting, accept_unread=True, by=runner)


def broken():
    return {each.name: each.broken_by() for each in invariants() if each.broken_by()}


def figures():
    return list(Evidence.objects.order_by("pk").values())


def test_evidence_stays_and_the_difference_is_told(logs, scored, runner):
    before = figures()
    first, *_others = logs[1].participations.order_by("volunteer")
    shorter = dict(logs[1].participations.values_list("volunteer", "minutes")) | {first.volunteer_id: 30}

    granted = grant_correction(make_correction(logs[1], participants=shorter), by=runner)

    assert granted.round == scored
    assert figures() == before
    assert differences(scored) == {first.volunteer_id: Difference(-90, 0)}
    assert verify_round(scored) == []
    assert broken() == {}
    assert VolunteerYear.objects.get(volunteer=first.volunteer_id).minutes == 90
    now = score_now(scored, first.volunteer_id)
    assert (now.minutes, now.services, now.is_eligible) == (90, 2, False)
    assert [one.evidence.volunteer_id for one in turned(scored, Evidence.objects.all(), differences(scored))] == [
        first.volunteer_id
    ]


def test_strike_after_scoring_takes_everybodys_service(logs, scored, runner):
    grant_correction(make_correction(logs[0], strike=True), by=runner)

    people = logs[0].participations.values_list("volunteer", flat=True)
    assert differences(scored) == dict.fromkeys(people, Difference(-60, -1))
    assert verify_round(scored) == []
    assert broken() == {}


def test_correction_on_a_correction_adds_up(logs, scored, runner):
    one = logs[1].participations.order_by("volunteer")[0].volunteer_id
    people = dict(logs[1].participations.values_list("volunteer", "minutes"))
    result = grant_correction(make_correction(logs[1], participants=people | {one: 30}), by=runner).result

    grant_correction(make_correction(result, participants=people | {one: 100}), by=runner)

    assert differences(scored) == {one: Difference(-20, 0)}
    assert verify_round(scored) == []
    assert broken() == {}


def test_correction_before_scoring_is_in_the_evidence(logs, runner):
    one = logs[1].participations.order_by("volunteer")[0].volunteer_id
    people = dict(logs[1].participations.values_list("volunteer", "minutes"))
    result = grant_correction(make_correction(logs[1], participants=people | {one: 30}), by=runner).result
    scored = score_round(open_round(2026, by=runner), accept_unread=True, accept_missing=True, by=runner)

    assert Evidence.objects.get(volunteer=one).minutes == 90
    assert differences(scored) == {}
    grant_correction(make_correction(result, participants=people | {one: 31}), by=runner)

    assert differences(scored) == {one: Difference(1, 0)}
    assert verify_round(scored) == []
    assert broken() == {}


def test_newcomer_by_a_correction_has_a_difference_and_no_evidence(logs, scored, runner):
    newcomer = make_volunteer(village=logs[0].team.grid.village)
    make_membership(logs[0].team, newcomer)
    people = dict(logs[0].participations.values_list("volunteer", "minutes"))

    grant_correction(make_correction(logs[0], participants=people | {newcomer.pk: 60}), by=runner)

    assert differences(scored) == {newcomer.pk: Difference(60, 1)}
    assert verify_round(scored) == []
    assert broken() == {}


def test_everything_struck_scores_nothing(logs, scored, runner):
    for log in logs:
        grant_correction(make_correction(log, strike=True), by=runner)
    one = logs[0].participations.first().volunteer_id

    assert score_now(scored, one)[3:] == (0, 0, 0, 0, False)
    assert len(turned(scored, Evidence.objects.all(), differences(scored))) == 3
    assert verify_round(scored) == []


def tamper(**values):
    """Change a counted participation past every trigger, as somebody with the file would."""
    part = Participation.objects.counted().order_by("pk")[0]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER services_participation_month_is_read_update")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE services_participation DISABLE TRIGGER USER")
    Participation.objects.filter(pk=part.pk).update(**values)
    return part.volunteer


def test_any_other_difference_still_fails(logs, scored, runner):
    grant_correction(make_correction(logs[1], strike=True), by=runner)
    assert verify_round(scored) == []

    with transaction.atomic():
        volunteer = tamper(minutes=59)
        assert verify_round(scored) == [f"The records of volunteer {volunteer.number} differ from the evidence."]
        assert "evidence_equals_records" in broken()
        transaction.set_rollback(True)


def test_correction_that_hides_its_round_explains_nothing(logs, scored, runner):
    """Without its round a correction is as if granted before: the records then disagree with the evidence."""
    grant_correction(make_correction(logs[1], strike=True), by=runner)
    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER correction_no_update")
            else:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("ALTER TABLE services_correction DISABLE TRIGGER USER")
            cursor.execute("UPDATE services_correction SET round_id = NULL")
        assert len(verify_round(scored)) == 3
        assert broken().keys() >= {"evidence_equals_records", "correction_names_its_round"}
        transaction.set_rollback(True)


def test_records_as_scored_are_the_records_where_nothing_was_corrected(logs, scored):
    assert sorted(scoring.score_as_scored(scored)) == sorted(scoring.score_from_participations(scored))


def test_command_tells_the_differences_and_still_fails_for_others(logs, scored, runner, capsys):
    call_command("verify_round", "2026")
    assert "Corrections" not in capsys.readouterr().out
    grant_correction(make_correction(logs[0], strike=True), by=runner)

    call_command("verify_round", "2026")

    told = capsys.readouterr().out
    numbers = sorted(each.volunteer.number for each in logs[0].participations.all())
    assert "Corrections granted since the scoring: 1" in told
    assert [line for line in told.splitlines() if "minutes" in line] == [
        f"{number} -60 minutes, -1 services" for number in numbers
    ]
    with transaction.atomic():
        tamper(minutes=1)
        with pytest.raises(CommandError, match="does not hold"):
            call_command("verify_round", "2026")
        transaction.set_rollback(True)


def test_other_year_is_not_the_rounds_business(scored, runner):
    log = make_log(on=date(2025, 7, 6), starts=time(9))
    make_read(log.report)

    granted = grant_correction(make_correction(log, strike=True), by=runner)

    assert granted.round is None
    assert differences(scored) == {}
