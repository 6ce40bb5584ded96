"""Composing teams: begun once, solved in the background, stopped, solved again with locks, never twice at a time."""

from uuid import uuid4

import pytest

from accounts.models import AuditEntry
from accounts.rights import Role
from common.jobs import carry_on
from common.rules import RuleBroken
from grids.domain import composition_work
from grids.domain.composition import begin_composition, discard_composition, solve_again, stop_composition
from grids.domain.composition_change import bar_person, lock_person, move_person
from grids.domain.composition_work import compose
from grids.models import Composition, CompositionPart, Membership, ProposedSeat, Team
from tests.factories import (
    make_composition,
    make_grid,
    make_skill_type,
    make_team,
    make_township,
    make_user,
    make_village,
    make_volunteer,
)

pytestmark = pytest.mark.django_db


def make_free(village, count):
    """Make free volunteers of different skill types."""
    return [make_volunteer(village=village) for _ in range(count)]


def solve_now(composition):
    """Let a worker do what was asked for."""
    carry_on.call(composition._meta.label, composition.pk)
    composition.refresh_from_db()
    return composition


def seated(composition):
    """Return who is proposed for which grid."""
    seats = ProposedSeat.objects.filter(part__composition=composition, grid__isnull=False)
    return dict(seats.values_list("volunteer", "grid"))


def test_begun_composition_waits_and_then_proposes_a_team_and_nothing_changes():
    grid, by = make_grid(), make_user(Role.ADMIN)
    people = make_free(grid.village, 3)
    composition = begin_composition(grid, mode="propose", key=uuid4(), by=by)

    assert (composition.is_at_work, str(composition.scope)) == (True, str(grid))
    solve_now(composition)

    part = composition.parts.get()
    assert (part.state, part.is_proven, part.gap) == ("solved", True, 0)
    assert (part.grids, part.served_before, part.served_after, part.coming, part.changed) == (1, 0, 1, 3, 1)
    assert seated(composition) == {person.pk: grid.pk for person in people}
    assert part.seats.filter(is_leader=True).count() == 1
    assert (Team.objects.count(), Membership.objects.count()) == (0, 0)
    assert AuditEntry.objects.filter(event="begin_composition", actor=by).count() == 1


def test_form_sent_twice_begins_one():
    grid, by, key = make_grid(), make_user(Role.ADMIN), uuid4()

    first = begin_composition(grid, mode="propose", key=key, by=by)

    assert begin_composition(grid, mode="propose", key=key, by=by) == first
    assert Composition.objects.count() == 1


def test_place_without_grids_is_refused():
    village = make_village()
    make_grid(village=village, is_retired=True)

    with pytest.raises(RuleBroken, match="no grids in use"):
        begin_composition(village, mode="propose", key=uuid4(), by=make_user(Role.ADMIN))
    assert Composition.objects.count() == 0


def test_city_is_solved_township_by_township():
    first, second = make_grid(), make_grid()
    make_free(first.village, 3)
    make_free(second.village, 2)
    composition = make_composition(None, mode="propose")

    parts = list(composition.parts.order_by("township__code"))
    assert [(part.state, part.served_after) for part in parts] == [("solved", 1), ("solved", 0)]
    assert [each["count"] for each in parts[1].unmet if each["kind"] in ("skills", "members")] == [1]
    assert {part.seats.count() for part in parts} == {3, 2}


def test_village_has_only_its_own_grids_in_it():
    grid = make_grid()
    elsewhere = make_grid(village=make_village(township=grid.village.township))
    composition = make_composition(grid.village, mode="propose")

    grids = composition.parts.get().teams.values_list("grid", flat=True)
    assert list(grids) == [grid.pk]
    assert elsewhere.pk not in grids


def test_without_free_volunteers_the_best_is_how_it_stands_and_what_is_missing_is_said():
    team = make_team(members=3)
    make_grid(village=team.grid.village)
    part = make_composition(team.township).parts.get()

    assert (part.served_before, part.served_after, part.changed) == (1, 1, 0)
    assert sum(each["count"] for each in part.unmet if each["kind"] in ("skills", "members")) == 3


def test_people_of_one_skill_type_only_do_not_make_a_team():
    grid, skill = make_grid(), make_skill_type()
    for _ in range(5):
        make_volunteer(village=grid.village, primary_skill=skill)
    part = make_composition(grid, mode="propose").parts.get()

    assert part.served_after == 0
    assert [each["kind"] for each in part.unmet if each["kind"] == "skills"] == ["skills", "skills"]


def test_stopped_before_its_turn_is_not_solved():
    grid, by = make_grid(), make_user(Role.ADMIN)
    make_free(grid.village, 3)
    composition = begin_composition(grid, mode="propose", key=uuid4(), by=by)

    stop_composition(composition, by=by)
    solve_now(composition)

    assert (composition.work_state, composition.is_stopped, composition.is_at_work) == ("done", True, False)
    assert composition.parts.get().state == "waiting"


def test_stopped_between_townships_keeps_what_was_found(monkeypatch):
    first, _second = make_grid(), make_grid()
    make_free(first.village, 3)
    by = make_user(Role.ADMIN)
    composition = begin_composition(None, mode="propose", key=uuid4(), by=by)
    monkeypatch.setattr(composition_work, "LOOK", 0)
    solved = []

    def progress(done, total):
        if done == 1 and not solved:
            solved.append(done)
            stop_composition(composition, by=by)

    compose(composition, progress)

    states = list(composition.parts.order_by("township__code").values_list("state", flat=True))
    assert states == ["solved", "waiting"]
    assert seated(composition) != {}


def test_stop_reaches_the_solver_while_it_runs(monkeypatch):
    """The worker's watch is asked from within HiGHS; the sign of life goes on meanwhile."""
    grid, by = make_grid(), make_user(Role.ADMIN)
    make_free(grid.village, 4)
    composition = begin_composition(grid, mode="propose", key=uuid4(), by=by)
    monkeypatch.setattr(composition_work, "LOOK", 0)
    asked, signs = [], []
    real = composition_work.solve

    def solve(problem, *, seconds, is_cancelled):
        asked.append(is_cancelled())
        stop_composition(composition, by=by)
        return real(problem, seconds=seconds, is_cancelled=is_cancelled)

    monkeypatch.setattr(composition_work, "solve", solve)
    compose(composition, lambda done, total: signs.append((done, total)))

    assert asked == [False]
    assert composition.parts.get().state == "waiting"
    assert len(signs) > 2


def test_begun_anew_after_a_crash_goes_on_with_what_is_missing():
    first, second = make_grid(), make_grid()
    make_free(first.village, 3)
    make_free(second.village, 3)
    composition = make_composition(None, mode="propose")
    kept, lost = composition.parts.order_by("township__code")
    seats = set(kept.seats.values_list("pk", flat=True))
    CompositionPart.objects.filter(pk=lost.pk).update(state="waiting")

    compose(composition, lambda done, total: None)

    assert set(kept.seats.values_list("pk", flat=True)) == seats
    lost.refresh_from_db()
    assert lost.state == "solved"


def test_what_a_worker_of_an_earlier_run_finds_is_not_kept():
    grid = make_grid()
    make_free(grid.village, 3)
    composition = make_composition(grid, mode="propose")
    late = Composition.objects.get(pk=composition.pk)
    solve_again(composition, by=composition.by)

    compose(late, lambda done, total: None)

    assert composition.parts.get().state == "waiting"


def test_locked_people_stay_and_barred_ones_go_when_solved_again():
    grid = make_grid()
    other = make_grid(village=grid.village)
    people = make_free(grid.village, 6)
    composition = make_composition(grid.village.township, mode="propose")
    by = composition.by
    part = composition.parts.get()
    kept = part.seats.get(volunteer=people[0])
    there = other.pk if kept.grid_id == grid.pk else grid.pk
    move_person(composition, kept.pk, there, by=by)
    barred = part.seats.exclude(volunteer=people[0]).filter(grid=there).first()
    bar_person(composition, barred.pk, there, by=by)

    composition = solve_now(solve_again(composition, by=by))

    now = seated(composition)
    assert now[people[0].pk] == there
    assert now.get(barred.volunteer_id) != there
    assert (composition.run, composition.parts.get().is_changed_by_hand) == (2, False)


def test_locks_that_cannot_hold_are_named():
    grid = make_grid()
    skill = make_skill_type()
    people = [make_volunteer(village=grid.village, primary_skill=skill) for _ in range(11)]
    composition = make_composition(grid, mode="propose")
    for person in people:
        seat = composition.parts.get().seats.get(volunteer=person)
        if seat.grid_id is None:
            move_person(composition, seat.pk, grid.pk, by=composition.by)
        else:
            lock_person(composition, seat.pk, by=composition.by)

    solve_now(solve_again(composition, by=composition.by))

    part = composition.parts.get()
    assert part.state == "impossible"
    assert part.conflict["rule"] in ("most", "skills")
    assert {person for person, _grid in part.conflict["locks"]} <= {person.pk for person in people}
    assert composition.wishes.count() == 11


def test_lock_of_somebody_who_is_gone_is_left_out():
    grid = make_grid()
    people = make_free(grid.village, 3)
    composition = make_composition(grid, mode="propose")
    lock_person(composition, composition.parts.get().seats.get(volunteer=people[0]).pk, by=composition.by)
    make_team(members=0, grid=make_grid(village=grid.village)).memberships.create(
        volunteer=people[0], joined_on="2026-01-01", role="leader"
    )

    solve_now(solve_again(composition, by=composition.by))

    part = composition.parts.get()
    assert part.state == "solved"
    assert people[0].pk not in seated(composition)


@pytest.mark.parametrize("act", [solve_again, discard_composition])
def test_nothing_is_done_to_it_while_it_is_solved_or_once_it_is_settled(act):
    grid, by = make_grid(), make_user(Role.ADMIN)
    composition = begin_composition(grid, mode="propose", key=uuid4(), by=by)
    with pytest.raises(RuleBroken, match="being solved"):
        act(composition, by=by)

    settled = make_composition(make_township() and make_grid())
    discard_composition(settled, by=by)
    with pytest.raises(RuleBroken, match="settled"):
        act(settled, by=by)


def test_solving_again_without_grids_is_refused_and_leaves_the_proposal():
    grid = make_grid()
    composition = make_composition(grid)
    grid.is_retired = True
    grid.save()

    with pytest.raises(RuleBroken, match="no grids in use here any more"):
        solve_again(composition, by=composition.by)

    assert composition.parts.count() == 1


def test_grids_that_came_since_are_in_it_when_solved_again():
    grid = make_grid()
    composition = make_composition(None)
    new = make_grid()
    Composition.objects.filter(pk=composition.pk).update(work_state="done")
    grid.is_retired = True
    grid.save()

    solve_now(solve_again(composition, by=composition.by))

    townships = composition.parts.values_list("township", flat=True)
    assert list(townships) == [new.village.township_id]
