"""What the officer changes in a proposal: people moved, swapped, locked, barred; no team changes by it."""

import pytest

from accounts.models import AuditEntry
from common.rules import RuleBroken
from grids.domain.acceptance import accept_composition
from grids.domain.composition import solve_again
from grids.domain.composition_change import (
    bar_person,
    lift_wish,
    lock_person,
    move_person,
    propose_leader,
    swap_people,
    unlock_person,
)
from grids.models import Membership, ProposedSeat
from tests.factories import make_composition, make_grid, make_team, make_user, make_village, make_volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """Return a proposal for a township with two active teams of four, in which nobody has to move."""
    first = make_team(members=4)
    second = make_team(members=4, grid=make_grid(village=first.grid.village))
    composition = make_composition(first.township)
    return composition, first, second


def seats_of(composition, team):
    """Return the seats of who is proposed for the team's grid, the leader first."""
    seats = ProposedSeat.objects.filter(part__composition=composition, grid=team.grid)
    return list(seats.order_by("-is_leader", "pk"))


def locks(composition):
    return set(composition.wishes.filter(kind="lock").values_list("volunteer", "grid"))


def test_moved_person_is_in_the_other_team_locked_there_and_counted_and_no_team_changes(two):
    composition, first, second = two
    _leader, member, *_ = seats_of(composition, first)
    before = set(Membership.objects.values_list("team", "volunteer"))

    move_person(composition, member.pk, second.grid_id, by=composition.by)

    part = composition.parts.get()
    assert (part.moving, part.changed, part.is_changed_by_hand) == (1, 2, True)
    assert locks(composition) == {(member.volunteer_id, second.grid_id)}
    assert set(Membership.objects.values_list("team", "volunteer")) == before
    entries = AuditEntry.objects.filter(event="move_person").order_by("pk")
    assert set(entries[0].changes) == {"grid"}


def test_effect_on_the_rule_is_counted_at_once(two):
    composition, first, second = two
    _leader, *members = seats_of(composition, first)
    for member in members[:2]:
        move_person(composition, member.pk, second.grid_id, by=composition.by)

    part = composition.parts.get()
    assert (part.served_before, part.served_after) == (2, 1)
    assert not part.teams.get(grid=first.grid).is_complete


def test_person_put_out_of_all_teams_leaves_and_keeps_no_lock(two):
    composition, first, second = two
    member = seats_of(composition, first)[1]
    move_person(composition, member.pk, second.grid_id, by=composition.by)
    move_person(composition, member.pk, None, by=composition.by)

    part = composition.parts.get()
    assert (part.leaving, part.moving) == (1, 0)
    assert locks(composition) == set()


def test_swapped_leaders_lead_the_other_teams(two):
    composition, first, second = two
    one, other = seats_of(composition, first)[0], seats_of(composition, second)[0]

    swap_people(composition, one.pk, other.pk, by=composition.by)

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.grid_id, one.is_leader) == (second.grid_id, True)
    assert (other.grid_id, other.is_leader) == (first.grid_id, True)
    assert locks(composition) == {(one.volunteer_id, second.grid_id), (other.volunteer_id, first.grid_id)}
    assert composition.parts.get().served_after == 2


def test_somebody_without_a_team_takes_the_place_of_a_member():
    team = make_team(members=4)
    free = make_volunteer(village=team.grid.village)
    composition = make_composition(team.grid)
    seats = ProposedSeat.objects.filter(part__composition=composition)
    leader, idle = seats.get(is_leader=True), seats.get(volunteer=free)
    if idle.grid_id is not None:
        move_person(composition, idle.pk, None, by=composition.by)

    swap_people(composition, leader.pk, idle.pk, by=composition.by)

    leader.refresh_from_db()
    idle.refresh_from_db()
    assert (leader.grid_id, leader.is_leader) == (None, False)
    assert (idle.grid_id, idle.is_leader) == (team.grid_id, True)


def test_another_leader_makes_the_first_a_member(two):
    composition, first, _second = two
    leader, member, *_ = seats_of(composition, first)

    propose_leader(composition, member.pk, by=composition.by)

    assert [seat.pk for seat in seats_of(composition, first) if seat.is_leader] == [member.pk]
    assert composition.parts.get().changed == 1
    leader.refresh_from_db()
    assert leader.role == "member"


def test_lock_is_taken_away_and_a_bar_takes_the_person_out(two):
    composition, first, _second = two
    member = seats_of(composition, first)[1]
    lock_person(composition, member.pk, by=composition.by)
    unlock_person(composition, member.pk, by=composition.by)
    assert locks(composition) == set()

    bar_person(composition, member.pk, first.grid_id, by=composition.by)
    member.refresh_from_db()
    assert member.grid_id is None
    with pytest.raises(RuleBroken, match="barred from"):
        move_person(composition, member.pk, first.grid_id, by=composition.by)

    lift_wish(composition, composition.wishes.get().pk, by=composition.by)
    move_person(composition, member.pk, first.grid_id, by=composition.by)
    member.refresh_from_db()
    assert member.grid_id == first.grid_id


def test_lock_that_becomes_a_bar_is_one_word_about_the_pair(two):
    composition, first, _second = two
    member = seats_of(composition, first)[1]
    lock_person(composition, member.pk, by=composition.by)
    bar_person(composition, member.pk, first.grid_id, by=composition.by)

    assert list(composition.wishes.values_list("kind", flat=True)) == ["bar"]


def test_what_cannot_be_meant_is_refused_and_changes_nothing(two):
    composition, first, second = two
    one, other = seats_of(composition, first)[1:3]
    foreign = make_composition(make_team(members=4).township)
    elsewhere = ProposedSeat.objects.filter(part__composition=foreign).first()
    by = composition.by
    for act, message in (
        (lambda: swap_people(composition, one.pk, other.pk, by=by), "in the same team"),
        (lambda: swap_people(composition, one.pk, elsewhere.pk, by=by), "solved anew"),
        (lambda: move_person(composition, elsewhere.pk, second.grid_id, by=by), "solved anew"),
        (lambda: move_person(composition, one.pk, elsewhere.grid_id, by=by), "not part of the proposal"),
        (lambda: move_person(composition, one.pk, 999_999, by=by), "not part of the proposal"),
    ):
        with pytest.raises(RuleBroken, match=message):
            act()
    assert composition.parts.get().changed == 0
    assert composition.wishes.count() == 0


def test_people_of_two_townships_do_not_change_places():
    first, second = make_team(members=4), make_team(members=4)
    composition = make_composition(None)

    with pytest.raises(RuleBroken, match="different townships"):
        swap_people(
            composition, seats_of(composition, first)[1].pk, seats_of(composition, second)[1].pk, by=composition.by
        )


def test_person_without_a_team_cannot_be_locked_or_lead():
    team = make_team(members=4)
    composition = make_composition(team.grid)
    seat = seats_of(composition, team)[1]
    move_person(composition, seat.pk, None, by=composition.by)

    for act in (lock_person, propose_leader):
        with pytest.raises(RuleBroken, match="in no team"):
            act(composition, seat.pk, by=composition.by)


def test_accepted_grid_takes_nobody_more_and_gives_nobody_away():
    grid = make_grid()
    other = make_grid(village=make_village(township=grid.village.township))
    for village in (grid.village, other.village):
        for _ in range(3):
            make_volunteer(village=village)
    composition = make_composition(grid.village.township, mode="propose")
    part = composition.parts.get()
    accept_composition(composition, version=composition.version, team=part.teams.get(grid=grid), by=composition.by)
    inside, outside = (part.seats.filter(grid=place, is_leader=False).first() for place in (grid, other))

    with pytest.raises(RuleBroken, match="accepted already"):
        move_person(composition, outside.pk, grid.pk, by=composition.by)
    with pytest.raises(RuleBroken, match="accepted already"):
        move_person(composition, inside.pk, other.pk, by=composition.by)


def test_nothing_is_moved_while_it_is_solved(two):
    composition, first, second = two
    seat = seats_of(composition, first)[1]
    solve_again(composition, by=make_user())

    with pytest.raises(RuleBroken, match="being solved"):
        move_person(composition, seat.pk, second.grid_id, by=composition.by)
