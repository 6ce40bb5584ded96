"""Votes entered as tallies, team by team."""

from datetime import date
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from accounts.rights import Role
from common.rules import RuleBroken
from grids.models import Team
from services.domain.ballot import WrongVotes, candidates, enter_votes, voting_teams
from services.domain.recognition import open_round, score_round
from services.models import BallotTally, RecognitionRound
from tests.factories import make_grid, make_log, make_read, make_team, make_user, make_volunteer

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
    rows = BallotTally.objects.filter(team=team)
    return {row.volunteer_id: (row.satisfied, row.fairly_satisfied, row.dissatisfied, row.unknown) for row in rows}


def test_votes_are_kept_as_counters(staff: User, team: Team, voting: RecognitionRound) -> None:
    first, second, third = members_of(team)
    counts = {first: (20, 5, 3, 2), second: (30, 0, 0, 0), third: (0, 0, 0, 30)}

    enter_votes(voting, team, counts, by=staff)

    assert stored(team) == counts
    assert AuditEntry.objects.filter(event="enter_votes", actor=staff).count() == 3


def test_votes_entered_again_replace_the_former(staff: User, team: Team, voting: RecognitionRound) -> None:
    first, second, third = members_of(team)
    enter_votes(voting, team, dict.fromkeys((first, second, third), (10, 0, 0, 0)), by=staff)

    counts = {first: (9, 1, 0, 0), second: (10, 0, 0, 0), third: (10, 0, 0, 0)}
    enter_votes(voting, team, counts, by=staff)

    assert stored(team) == counts
    entry = AuditEntry.objects.filter(event="enter_votes", action=AuditEntry.Action.UPDATE).get()
    assert entry.changes_dict["satisfied"] == [10, 9]


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
        enter_votes(voting, team, counts, by=staff)

    assert refused.value.volunteer == members[wrong]
    assert stored(team) == {}


def test_no_ballots_are_no_votes(staff: User, team: Team, voting: RecognitionRound) -> None:
    with pytest.raises(RuleBroken):
        enter_votes(voting, team, dict.fromkeys(members_of(team), (0, 0, 0, 0)), by=staff)


def test_strangers_are_not_voted_on(staff: User, team: Team, voting: RecognitionRound) -> None:
    counts = dict.fromkeys([*members_of(team), make_volunteer().pk], (1, 0, 0, 0))

    with pytest.raises(RuleBroken):
        enter_votes(voting, team, counts, by=staff)

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

    people = candidates(voting, team)
    enter_votes(voting, team, {one.volunteer.pk: (3, 0, 0, 0) for one in people if one.volunteer != helper}, by=staff)

    assert [one.is_member for one in people] == [True, True, False, False]
    assert {one.volunteer for one in people if not one.is_member} == {left.volunteer, helper}
    assert len(stored(team)) == 3


def test_a_row_left_empty_later_is_taken_away(staff: User, team: Team, voting: RecognitionRound) -> None:
    helper = make_volunteer()
    make_log(team=team, on=date(YEAR, 3, 1), helpers=[helper])
    members = members_of(team)
    enter_votes(voting, team, dict.fromkeys([*members, helper.pk], (3, 0, 0, 0)), by=staff)

    enter_votes(voting, team, dict.fromkeys(members, (3, 0, 0, 0)), by=staff)

    assert sorted(stored(team)) == sorted(members)


def test_votes_are_closed_once_scored(staff: User, team: Team, voting: RecognitionRound) -> None:
    log = make_log(team=team, on=date(YEAR, 3, 1))
    make_read(log.report)
    score_round(voting, by=make_user(Role.REVIEWER), accept_unread=True)

    with pytest.raises(RuleBroken):
        enter_votes(voting, team, dict.fromkeys(members_of(team), (1, 0, 0, 0)), by=staff)

    assert stored(team) == {}


def test_the_teams_that_were_active_that_year_vote(voting: RecognitionRound) -> None:
    served = make_team()
    make_team(members=0)
    make_team(activated_on=date(YEAR + 1, 1, 1))
    make_team(members=0, state="dissolved", activated_on=date(2020, 1, 1), dissolved_on=date(YEAR - 1, 12, 31))
    gone = make_team(members=0, state="dissolved", activated_on=date(2020, 1, 1), dissolved_on=date(YEAR, 1, 1))

    assert set(voting_teams(voting)) == {served, gone}
