"""Votes entered as tallies, grid by grid."""

from datetime import date
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from accounts.rights import Role
from common.rules import RuleBroken, SavedMeanwhile
from grids.models import Grid, Team
from services.domain.ballot import (
    WrongVotes,
    candidates,
    enter_votes,
    refuse_wrong_ballots,
    votes_version,
    voting_grids,
    voting_teams,
)
from services.domain.recognition import open_round, score_round
from services.models import BallotTally, RecognitionRound
from tests.factories import make_grid, make_log, make_read, make_report, make_team, make_user, make_volunteer

pytestmark = pytest.mark.django_db

YEAR = 2025


@pytest.fixture
def staff() -> User:
    return make_user(Role.TOWNSHIP_STAFF)


@pytest.fixture
def team(staff: User) -> Team:
    return make_team(grid=make_grid(township=staff.township, households=30))


@pytest.fixture
def voting() -> RecognitionRound:
    return open_round(YEAR, by=make_user(Role.REVIEWER))


def members_of(team: Team) -> list[int]:
    return list(team.memberships.order_by("volunteer__name_pinyin").values_list("volunteer", flat=True))


def stored(team: Team) -> dict[int, tuple[int, int, int, int]]:
    rows = BallotTally.objects.filter(grid=team.grid)
    return {row.volunteer_id: (row.satisfied, row.fairly_satisfied, row.dissatisfied, row.unknown) for row in rows}


def test_votes_are_kept_as_counters(staff: User, team: Team, voting: RecognitionRound) -> None:
    first, second, third = members_of(team)
    counts = {first: (20, 5, 3, 2), second: (30, 0, 0, 0), third: (0, 0, 0, 30)}

    enter_votes(voting, team.grid, counts, by=staff)

    assert stored(team) == counts


def test_the_trail_says_who_entered_how_many_ballots_and_not_what_was_ticked(
    staff: User, team: Team, voting: RecognitionRound
) -> None:
    members = members_of(team)
    enter_votes(voting, team.grid, dict.fromkeys(members, (10, 0, 0, 0)), by=staff)
    enter_votes(voting, team.grid, dict.fromkeys(members, (9, 1, 0, 0)), by=staff)
    enter_votes(voting, team.grid, dict.fromkeys(members, (9, 1, 0, 0)), by=staff)
    enter_votes(voting, team.grid, dict.fromkeys(members, (9, 1, 2, 0)), by=staff)

    entries = AuditEntry.objects.filter(event="enter_votes").order_by("pk")

    assert {(entry.actor, entry.object_pk, entry.object_repr) for entry in entries} == {
        (staff, str(team.grid_id), str(team.grid))
    }
    assert [entry.changes for entry in entries] == [
        {"ballots": ["", "2025: 10"]},
        {"ballots": ["2025: 10", "2025: 10"]},
        {"ballots": ["2025: 10", "2025: 12"]},
    ]


def test_votes_entered_again_replace_the_former(staff: User, team: Team, voting: RecognitionRound) -> None:
    first, second, third = members_of(team)
    enter_votes(voting, team.grid, dict.fromkeys((first, second, third), (10, 0, 0, 0)), by=staff)

    counts = {first: (9, 1, 0, 0), second: (10, 0, 0, 0), third: (10, 0, 0, 0)}
    enter_votes(voting, team.grid, counts, by=staff)

    assert stored(team) == counts


def test_votes_from_a_page_that_is_no_longer_true_are_refused(
    staff: User, team: Team, voting: RecognitionRound
) -> None:
    members = members_of(team)
    seen = votes_version(BallotTally.objects.filter(grid=team.grid))
    enter_votes(voting, team.grid, dict.fromkeys(members, (10, 0, 0, 0)), version=seen, by=staff)

    with pytest.raises(SavedMeanwhile):
        enter_votes(voting, team.grid, dict.fromkeys(members, (1, 9, 0, 0)), version=seen, by=staff)

    assert set(stored(team).values()) == {(10, 0, 0, 0)}


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([(20, 5, 3, 2), (20, 5, 3, 1), (20, 5, 3, 2)], 1),  # unequal sums
        ([(31, 0, 0, 0), (31, 0, 0, 0), (31, 0, 0, 0)], 0),  # more ballots than households
        ([(1, 0, 0, 0), (2, -1, 0, 0), (1, 0, 0, 0)], 1),
        ([(1, 0, 0, 0), None, (1, 0, 0, 0)], 1),  # a member is missing
    ],
)
def test_counts_that_cannot_be_right_are_refused(
    staff: User, team: Team, voting: RecognitionRound, rows: list[Any], wrong: int
) -> None:
    members = members_of(team)
    counts = {pk: row for pk, row in zip(members, rows, strict=True) if row}

    with pytest.raises(WrongVotes) as refused:
        enter_votes(voting, team.grid, counts, by=staff)

    assert refused.value.volunteer == members[wrong]
    assert stored(team) == {}


def test_no_ballots_are_no_votes(staff: User, team: Team, voting: RecognitionRound) -> None:
    with pytest.raises(RuleBroken):
        enter_votes(voting, team.grid, dict.fromkeys(members_of(team), (0, 0, 0, 0)), by=staff)


def test_strangers_are_not_voted_on(staff: User, team: Team, voting: RecognitionRound) -> None:
    counts = dict.fromkeys([*members_of(team), make_volunteer().pk], (1, 0, 0, 0))

    with pytest.raises(RuleBroken):
        enter_votes(voting, team.grid, counts, by=staff)

    assert stored(team) == {}


def test_who_left_or_helped_that_year_may_have_been_on_the_ballot(
    staff: User, team: Team, voting: RecognitionRound
) -> None:
    left = team.memberships.filter(role="member").first()
    left.left_on = date(2025, 6, 1)
    left.save()
    helper = make_volunteer()
    make_log(team=team, on=date(YEAR, 3, 1), participants=[left.volunteer], helpers=[helper])
    make_log(team=team, on=date(YEAR - 1, 3, 1), participants=[], helpers=[make_volunteer()])

    people = candidates(voting, team.grid)
    enter_votes(
        voting, team.grid, {one.volunteer.pk: (3, 0, 0, 0) for one in people if one.volunteer != helper}, by=staff
    )

    assert [one.is_member for one in people] == [True, True, False, False]
    assert {one.volunteer for one in people if not one.is_member} == {left.volunteer, helper}
    assert len(stored(team)) == 3


def test_a_row_left_empty_later_is_taken_away(staff: User, team: Team, voting: RecognitionRound) -> None:
    helper = make_volunteer()
    make_log(team=team, on=date(YEAR, 3, 1), helpers=[helper])
    members = members_of(team)
    enter_votes(voting, team.grid, dict.fromkeys([*members, helper.pk], (3, 0, 0, 0)), by=staff)

    enter_votes(voting, team.grid, dict.fromkeys(members, (3, 0, 0, 0)), by=staff)

    assert sorted(stored(team)) == sorted(members)


def test_votes_are_closed_once_scored(staff: User, team: Team, voting: RecognitionRound) -> None:
    log = make_log(team=team, on=date(YEAR, 3, 1))
    make_read(log.report)
    score_round(voting, by=make_user(Role.REVIEWER), accept_unread=True, accept_missing=True)

    with pytest.raises(RuleBroken):
        enter_votes(voting, team.grid, dict.fromkeys(members_of(team), (1, 0, 0, 0)), by=staff)

    assert stored(team) == {}


def test_the_grids_that_were_served_that_year_vote(voting: RecognitionRound) -> None:
    served = make_report(month=date(YEAR, 12, 1)).team
    make_team()
    make_report(month=date(YEAR + 1, 1, 1))
    make_report(month=date(YEAR - 1, 12, 1))
    gone = make_report(
        team=make_team(members=0, state="dissolved", dissolved_on=date(YEAR, 1, 1)), month=date(YEAR, 1, 1)
    ).team
    make_report(
        team=make_team(members=0, state="dissolved", dissolved_on=date(YEAR - 1, 12, 31)), month=date(YEAR, 1, 1)
    )

    assert set(voting_teams(YEAR)) == {served, gone}
    assert set(voting_grids(YEAR)) == {served.grid, gone.grid}


def test_a_team_that_lost_its_rule_for_a_while_still_votes(staff: User, team: Team, voting: RecognitionRound) -> None:
    make_report(team=team, month=date(YEAR, 5, 1))
    Team.objects.filter(pk=team.pk).update(activated_on=date(YEAR + 1, 2, 1))

    assert set(voting_grids(YEAR)) == {team.grid}


def test_the_teams_of_one_grid_share_its_ballots(staff: User, team: Team, voting: RecognitionRound) -> None:
    """Two teams of a year, one grid: one paper lists everybody, and there is no second set of ballots."""
    former = [membership.volunteer for membership in team.memberships.order_by("pk")]
    make_log(team=team, on=date(YEAR, 3, 1))
    team.memberships.update(left_on=date(YEAR, 5, 1))
    Team.objects.filter(pk=team.pk).update(state="dissolved", dissolved_on=date(YEAR, 5, 1))
    latter = make_team(grid=team.grid)
    make_log(team=latter, on=date(YEAR, 6, 1))

    people = candidates(voting, team.grid)
    enter_votes(voting, team.grid, {one.volunteer.pk: (30, 0, 0, 0) for one in people}, by=staff)

    assert [one.is_member for one in people] == [True] * 3 + [False] * 3
    assert {one.volunteer for one in people if not one.is_member} == set(former)
    assert list(voting_grids(YEAR)) == [team.grid]
    assert set(BallotTally.objects.values_list("grid", flat=True)) == {team.grid_id}
    assert BallotTally.objects.count() == 6


def test_votes_that_cannot_be_right_are_named_before_scoring(staff: User, team: Team, voting: RecognitionRound) -> None:
    make_read(make_log(team=team, on=date(YEAR, 3, 1)).report)
    enter_votes(voting, team.grid, dict.fromkeys(members_of(team), (20, 5, 3, 2)), by=staff)

    refuse_wrong_ballots(voting)
    Grid.objects.filter(pk=team.grid_id).update(households=29)
    with pytest.raises(RuleBroken, match=str(team.grid)):
        score_round(voting, by=make_user(Role.REVIEWER), accept_unread=True, accept_missing=True)
    Grid.objects.filter(pk=team.grid_id).update(households=30)
    BallotTally.objects.filter(volunteer=members_of(team)[0]).update(unknown=1)
    with pytest.raises(RuleBroken, match=str(team.grid)):
        score_round(voting, by=make_user(Role.REVIEWER), accept_unread=True, accept_missing=True)

    voting.refresh_from_db()
    assert voting.state == RecognitionRound.State.VOTING


def test_missing_votes_are_named_before_scoring(staff: User, team: Team, voting: RecognitionRound) -> None:
    make_read(make_log(team=team, on=date(YEAR, 3, 1)).report)
    enter_votes(voting, team.grid, dict.fromkeys(members_of(team), (20, 5, 3, 2)), by=staff)
    silent = [make_report(month=date(YEAR, 4, 1)).team.grid for _ in range(7)]
    runner = make_user(Role.REVIEWER)

    with pytest.raises(RuleBroken) as refused:
        score_round(voting, by=runner, accept_unread=True)

    assert refused.value.field == "accept_missing"
    assert f"7 ({'、'.join([*map(str, silent[:5]), '…'])})" in refused.value.message
    assert score_round(voting, by=runner, accept_unread=True, accept_missing=True).state == "scored"
