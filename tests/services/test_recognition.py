"""The annual recognition: who is scored by what, and what is frozen when a round is scored."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.rights import Role
from common.rules import RuleBroken
from grids.models import Team
from services.domain import scoring
from services.domain.recognition import (
    choose_award,
    edit_round,
    open_round,
    publish_round,
    score_round,
    unread_months,
    verify_round,
    withdraw_award,
)
from services.models import Award, BallotTally, Evidence, RecognitionRound, VolunteerYear
from tests.factories import make_log, make_membership, make_read, make_report, make_team, make_user, make_volunteer
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db

YEAR = 2025


@pytest.fixture
def runner() -> User:
    return make_user(Role.REVIEWER)


@pytest.fixture
def voting(runner: User) -> RecognitionRound:
    return open_round(YEAR, by=runner)


def total(volunteer: Volunteer, team: Team, minutes: int, services: int, year: int = YEAR) -> None:
    VolunteerYear.objects.create(volunteer=volunteer, team=team, year=year, minutes=minutes, services=services)


def votes(round: RecognitionRound, team: Team, volunteer: Volunteer, satisfied: int, other: int = 0) -> None:
    BallotTally.objects.create(
        round=round,
        grid=team.grid,
        volunteer=volunteer,
        satisfied=satisfied,
        fairly_satisfied=other,
        dissatisfied=0,
        unknown=3,
    )


def score_of(round: RecognitionRound, volunteer: Volunteer) -> scoring.Score | None:
    return {row.volunteer: row for row in scoring.score_from_rollups(round)}.get(volunteer.pk)


@pytest.mark.parametrize(
    ("minutes", "services", "satisfied", "other", "eligible"),
    [
        (17_999, 99, 9, 1, False),
        (18_000, 1, 9, 1, True),
        (5, 100, 9, 1, True),
        (18_000, 100, 8, 2, False),  # exactly 80 % is not more than 80 %
        (18_000, 100, 81, 20, True),  # 80.2 %
        (18_000, 100, 0, 0, False),  # nobody who knows them voted
        (18_000, 100, 1, 0, True),
    ],
)
def test_eligible_at_the_edges(
    voting: RecognitionRound, minutes: int, services: int, satisfied: int, other: int, eligible: bool
) -> None:
    team = make_team()
    volunteer = make_volunteer()
    total(volunteer, team, minutes, services)
    votes(voting, team, volunteer, satisfied, other)

    assert score_of(voting, volunteer).is_eligible is eligible


def test_services_of_all_teams_count_together_and_votes_only_of_the_main_grid(voting: RecognitionRound) -> None:
    first, second, volunteer = make_team(), make_team(), make_volunteer()
    total(volunteer, first, 9_000, 40)
    total(volunteer, second, 9_000, 60)
    votes(voting, first, volunteer, 1, 20)
    votes(voting, second, volunteer, 10, 1)

    assert score_of(voting, volunteer) == scoring.Score(
        volunteer.pk, volunteer.township_id, second.pk, 18_000, 100, 10, 11, True
    )


@pytest.mark.parametrize(
    ("first", "second", "main"),
    [
        ((10, 5), (900, 4), 0),  # most services
        ((10, 5), (20, 5), 1),  # then most minutes
        ((10, 5), (10, 5), 0),  # then the older grid
    ],
)
def test_main_team_ties(voting: RecognitionRound, first: tuple[int, int], second: tuple[int, int], main: int) -> None:
    teams, volunteer = [make_team(members=0), make_team(members=0)], make_volunteer()
    for team, (minutes, services) in zip(teams, (first, second), strict=True):
        total(volunteer, team, minutes, services)

    assert score_of(voting, volunteer).team == teams[main].pk


def test_the_services_of_all_teams_of_a_grid_choose_it(voting: RecognitionRound) -> None:
    former, elsewhere = make_team(members=0), make_team(members=0)
    Team.objects.filter(pk=former.pk).update(state="dissolved", dissolved_on=date(YEAR, 6, 1))
    latter, volunteer = make_team(members=0, grid=former.grid), make_volunteer()
    total(volunteer, former, 7_000, 18)
    total(volunteer, latter, 6_000, 20)
    total(volunteer, elsewhere, 9_000, 25)
    votes(voting, latter, volunteer, 10, 1)
    votes(voting, elsewhere, volunteer, 1, 20)

    score = score_of(voting, volunteer)

    assert score == scoring.Score(volunteer.pk, volunteer.township_id, latter.pk, 22_000, 63, 10, 11, True)


@pytest.mark.parametrize(
    ("first", "second", "main"), [((10, 5), (20, 5), 1), ((10, 5), (10, 5), 0), ((10, 6), (90, 5), 0)]
)
def test_the_team_named_is_the_one_of_most_services_in_the_grid(
    voting: RecognitionRound, first: tuple[int, int], second: tuple[int, int], main: int
) -> None:
    former = make_team(members=0, state="dissolved", dissolved_on=date(YEAR, 6, 1))
    teams, volunteer = [former, make_team(members=0, grid=former.grid)], make_volunteer()
    for team, (minutes, services) in zip(teams, (first, second), strict=True):
        total(volunteer, team, minutes, services)

    assert score_of(voting, volunteer).team == teams[main].pk


def test_records_and_rollups_choose_the_same_grid(runner: User, voting: RecognitionRound) -> None:
    former, elsewhere = make_team(), make_team()
    helper = make_volunteer()
    for month in (1, 2):
        make_read(make_log(team=former, on=date(YEAR, month, 5), helpers=[helper]).report)
    Team.objects.filter(pk=former.pk).update(state="dissolved", dissolved_on=date(YEAR, 2, 20))
    latter = make_team(grid=former.grid)
    make_read(make_log(team=latter, on=date(YEAR, 3, 5), helpers=[helper]).report)
    for month in (4, 5):
        make_read(make_log(team=elsewhere, on=date(YEAR, month, 5), minutes=300, helpers=[helper]).report)
    votes(voting, former, helper, 5)

    scored = score_round(voting, by=runner, accept_missing=True)

    assert sorted(scoring.score_from_rollups(voting)) == sorted(scoring.score_from_participations(voting))
    assert score_of(voting, helper)[2:7] == (former.pk, 780, 5, 5, 5)
    assert verify_round(scored) == []


def test_other_years_do_not_count(voting: RecognitionRound) -> None:
    volunteer = make_volunteer()
    total(volunteer, make_team(members=0), 18_000, 100, year=YEAR - 1)

    assert score_of(voting, volunteer) is None


def test_unread_months_do_not_count_and_must_be_accepted(runner: User, voting: RecognitionRound) -> None:
    team = make_team()
    read = make_log(team=team, on=date(YEAR, 3, 1), minutes=60)
    make_read(read.report)
    make_log(team=team, on=date(YEAR, 4, 1), minutes=600)

    with pytest.raises(RuleBroken) as refused:
        score_round(voting, by=runner, accept_missing=True)
    scored = score_round(voting, by=runner, accept_unread=True, accept_missing=True)

    assert unread_months(YEAR) == 1
    assert refused.value.field == "accept_unread"
    assert set(scored.evidence.values_list("minutes", "services")) == {(60, 1)}


def test_records_and_rollups_give_identical_rows(voting: RecognitionRound) -> None:
    teams = [make_team(), make_team()]
    helper = teams[1].memberships.first().volunteer
    for month, team in ((2, teams[0]), (3, teams[0]), (4, teams[1])):
        log = make_log(team=team, on=date(YEAR, month, 5), minutes=90, helpers=[helper] if team == teams[0] else [])
        make_read(log.report)
    votes(voting, teams[0], helper, 5)

    rows = scoring.score_from_rollups(voting)

    assert len(rows) == 6
    assert sorted(rows) == sorted(scoring.score_from_participations(voting))
    assert score_of(voting, helper)[2:7] == (teams[0].pk, 270, 3, 5, 5)


def test_eligible_only_gives_the_eligible_of_all(voting: RecognitionRound) -> None:
    team = make_team()
    for position, member in enumerate(team.memberships.all()):
        total(member.volunteer, team, 17_999 + position, 5)
        votes(voting, team, member.volunteer, 5)

    everyone = scoring.score_from_rollups(voting)

    assert len(everyone) == 3
    assert sorted(scoring.score_from_rollups(voting, eligible_only=True)) == sorted(
        row for row in everyone if row.is_eligible
    )


def scored_round(runner: User, voting: RecognitionRound) -> tuple[RecognitionRound, Team]:
    team = make_team()
    read = make_log(team=team, on=date(YEAR, 3, 1), minutes=600)
    make_read(read.report)
    edit_round(
        voting.pk, {"min_minutes": 600, "min_services": 100, "min_satisfied_percent": 80}, version=None, by=runner
    )
    leader = team.memberships.get(role="leader").volunteer
    votes(voting, team, leader, 9)
    return score_round(voting, by=runner, accept_unread=True), team


def test_scoring_freezes_who_when_and_the_hash(runner: User, voting: RecognitionRound) -> None:
    scored, _ = scored_round(runner, voting)

    assert (scored.state, scored.scored_by) == (RecognitionRound.State.SCORED, runner)
    assert len(scored.evidence_hash) == 64
    assert scored.evidence.count() == 3
    assert scored.evidence.eligible().count() == 1
    assert verify_round(scored) == []
    assert AuditEntry.objects.filter(event="score_round").count() == 1


def test_scoring_twice_is_refused(runner: User, voting: RecognitionRound) -> None:
    scored, _ = scored_round(runner, voting)

    with pytest.raises(RuleBroken):
        score_round(scored, by=runner)

    assert scored.evidence.count() == 3


def test_a_year_without_counted_services_is_not_scored(runner: User, voting: RecognitionRound) -> None:
    with pytest.raises(RuleBroken):
        score_round(voting, by=runner)

    voting.refresh_from_db()
    assert voting.state == RecognitionRound.State.VOTING


def test_the_year_must_be_over_or_its_rest_given_up(runner: User) -> None:
    this_year = timezone.localdate().year
    current = open_round(this_year, by=runner)
    total(make_volunteer(), make_team(), 60, 1, year=this_year)

    with pytest.raises(RuleBroken) as refused:
        score_round(current, by=runner)

    assert refused.value.field == "accept_unread"
    assert score_round(current, by=runner, accept_unread=True).evidence.count() == 1


@pytest.mark.parametrize("year", [YEAR, 2100])
def test_a_year_that_has_its_round_or_has_not_begun_is_refused(
    runner: User, voting: RecognitionRound, year: int
) -> None:
    with pytest.raises(RuleBroken) as refused:
        open_round(year, by=runner)

    assert refused.value.field == "year"
    assert list(RecognitionRound.objects.values_list("year", flat=True)) == [YEAR]


def test_thresholds_are_fixed_once_scored(runner: User, voting: RecognitionRound) -> None:
    scored, _ = scored_round(runner, voting)

    with pytest.raises(RuleBroken):
        edit_round(
            scored.pk, {"min_minutes": 1, "min_services": 1, "min_satisfied_percent": 1}, version=None, by=runner
        )

    scored.refresh_from_db()
    assert scored.min_minutes == 600


FORBIDDEN = [
    "UPDATE services_evidence SET minutes = minutes + 1",
    "DELETE FROM services_evidence",
    "INSERT INTO services_evidence (round_id, volunteer_id, township_id, team_id, minutes, services, satisfied_votes,"
    " valid_votes, is_eligible) SELECT round_id, {extra}, township_id, team_id, 1, 1, 0, 0, is_eligible"
    " FROM services_evidence LIMIT 1",
    "UPDATE services_ballottally SET satisfied = satisfied + 1",
    "DELETE FROM services_ballottally",
    "INSERT INTO services_ballottally (round_id, grid_id, volunteer_id, satisfied, fairly_satisfied, dissatisfied,"
    " unknown) SELECT round_id, grid_id, {extra}, 1, 1, 1, 1 FROM services_ballottally LIMIT 1",
    "UPDATE services_recognitionround SET state = 'voting', evidence_hash = ''",
    "UPDATE services_recognitionround SET min_minutes = 1",
    "UPDATE services_recognitionround SET evidence_hash = 'f'",
    "DELETE FROM services_recognitionround",
    "INSERT INTO services_award (round_id, volunteer_id, chosen_by_id, chosen_at)"
    " SELECT round_id, volunteer_id, {runner}, '2026-01-01 00:00:00+00:00' FROM services_evidence"
    " WHERE NOT is_eligible LIMIT 1",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_a_scored_round_does_not_change_by_raw_sql(runner: User, voting: RecognitionRound, statement: str) -> None:
    scored_round(runner, voting)
    extra = make_volunteer()

    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(extra=extra.pk, runner=runner.pk))

    assert any(rule in str(refused.value) for rule in ("round_is_frozen", "round_never_back", "award_needs_eligible"))


def test_a_round_is_not_published_before_it_is_scored(runner: User, voting: RecognitionRound) -> None:
    with pytest.raises(RuleBroken):
        publish_round(voting, by=runner)
    with pytest.raises(DatabaseError), transaction.atomic():
        RecognitionRound.objects.filter(pk=voting.pk).update(
            state="published", evidence_hash="f", scored_by=runner, scored_at=timezone.now()
        )


def test_a_published_round_goes_nowhere(runner: User, voting: RecognitionRound) -> None:
    scored, _ = scored_round(runner, voting)
    published = publish_round(scored, by=runner)

    for state in ("voting", "scored"):
        with pytest.raises(DatabaseError, match="round_never_back"), transaction.atomic():
            RecognitionRound.objects.filter(pk=published.pk).update(state=state)
    with pytest.raises(RuleBroken):
        publish_round(published, by=runner)


def test_awards_go_to_the_eligible_only(runner: User, voting: RecognitionRound) -> None:
    scored, team = scored_round(runner, voting)
    leader = team.memberships.get(role="leader").volunteer
    member = team.memberships.filter(role="member").first().volunteer

    with pytest.raises(RuleBroken):
        choose_award(scored, member, by=runner)
    award = choose_award(scored, leader, by=runner)
    with pytest.raises(RuleBroken):
        choose_award(scored, leader, by=runner)

    assert list(Award.objects.values_list("volunteer", "chosen_by")) == [(leader.pk, runner.pk)]
    withdraw_award(award, by=runner)
    assert Award.objects.count() == 0


def test_awards_stand_once_published(runner: User, voting: RecognitionRound) -> None:
    scored, team = scored_round(runner, voting)
    award = choose_award(scored, team.memberships.get(role="leader").volunteer, by=runner)
    publish_round(scored, by=runner)

    with pytest.raises(RuleBroken):
        withdraw_award(award, by=runner)
    with pytest.raises(DatabaseError, match="round_is_published"), transaction.atomic():
        Award.objects.filter(pk=award.pk).delete()

    assert Award.objects.count() == 1


def test_awards_are_not_chosen_while_voting(runner: User, voting: RecognitionRound) -> None:
    with pytest.raises(RuleBroken):
        choose_award(voting, make_volunteer(), by=runner)


def test_a_month_of_a_scored_year_is_not_read_any_more(runner: User, voting: RecognitionRound) -> None:
    scored_round(runner, voting)
    late = make_report(month=date(YEAR, 12, 1), state="submitted")

    with pytest.raises(RuleBroken):
        make_read(late)


def drop_triggers_of(table: str) -> None:
    """Do what only somebody with the database in their hands can do."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_verify_round_names_tampered_evidence(runner: User, voting: RecognitionRound, capsys: Any) -> None:
    scored, _ = scored_round(runner, voting)
    tampered = Evidence.objects.filter(round=scored).order_by("pk").first()
    drop_triggers_of("services_evidence")
    Evidence.objects.filter(pk=tampered.pk).update(minutes=99_999)

    with pytest.raises(CommandError):
        call_command("verify_round", YEAR)

    wrong = verify_round(scored)
    assert len(wrong) == 2
    assert tampered.volunteer.number in wrong[1]
    assert tampered.volunteer.number in capsys.readouterr().err


def test_verify_round_passes_an_honest_round_and_refuses_an_open_one(
    runner: User, voting: RecognitionRound, capsys: Any
) -> None:
    with pytest.raises(CommandError):
        call_command("verify_round", YEAR)
    scored, _ = scored_round(runner, voting)

    call_command("verify_round", YEAR)

    assert scored.evidence_hash in capsys.readouterr().out


def test_a_volunteer_who_moved_since_does_not_disprove_the_round(runner: User, voting: RecognitionRound) -> None:
    scored, team = scored_round(runner, voting)
    elsewhere = make_team(members=0)
    Volunteer.objects.filter(memberships__team=team).update(township=elsewhere.township, village=elsewhere.grid.village)

    assert verify_round(scored) == []


def test_scoring_takes_as_many_queries_for_many_as_for_few(
    runner: User, voting: RecognitionRound, django_assert_max_num_queries: Any
) -> None:
    team = make_team()
    for _ in range(40):
        total(make_membership(team).volunteer, team, 60, 1)

    with django_assert_max_num_queries(16):
        scored = score_round(voting, by=runner, accept_unread=True)

    assert scored.evidence.count() == 40
