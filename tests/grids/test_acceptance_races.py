"""What happens to teams in the moment in which a proposal is accepted, with real transactions in parallel.

Each race is run a second time without what keeps it in order: then the rule must break, or a constraint step in.
"""

import time

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet

from common.rules import RuleBroken
from grids.domain import acceptance as acceptance_module
from grids.domain import team as team_module
from grids.domain.acceptance import accept_composition
from grids.domain.composition_change import move_person
from grids.domain.rule import missing_for_activation
from grids.domain.team import add_member, remove_member
from grids.models import Composition, Membership
from tests.factories import make_composition, make_grid, make_team, make_user, make_volunteer
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)

# SQLite's writers take turns from their first statement on, whatever is locked: there it cannot go wrong.
can_go_wrong = pytest.mark.postgresql


def refusals(answers):
    return sum(isinstance(answer, RuleBroken) for answer in answers)


@pytest.fixture(autouse=True)
def _slowly(monkeypatch):
    """Hold each transaction between its checks and its end, so that the others meet it there."""
    save = Membership.save

    def slow(self, *args, **kwargs):
        time.sleep(0.1)
        save(self, *args, **kwargs)

    monkeypatch.setattr(Membership, "save", slow)
    for module, name, check in (
        (acceptance_module, "problems_of", acceptance_module.problems_of),
        (team_module, "require_rule", team_module.require_rule),
    ):

        def checked(*args, check=check, **kwargs):
            found = check(*args, **kwargs)
            time.sleep(0.4)
            return found

        monkeypatch.setattr(module, name, checked)


@pytest.fixture
def without_locks(monkeypatch):
    """Take the row locks away."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


def two_officers_accept_at_once():
    grid = make_grid()
    for _ in range(3):
        make_volunteer(village=grid.village)
    composition = make_composition(grid, mode="propose")
    officers = [make_user(township=grid.village.township) for _ in range(2)]
    answers = in_parallel(
        *(lambda by=by: accept_composition(composition, version=composition.version, by=by) for by in officers)
    )
    state = Composition.objects.get(pk=composition.pk).state
    return refusals(answers), grid.teams.standing().count(), Membership.objects.current().count(), state


def one_member_is_moved_and_another_removed():
    """Each alone leaves three members, both together two."""
    first = make_team(members=4)
    second = make_team(members=4, grid=make_grid(village=first.grid.village))
    composition = make_composition(first.township)
    moved, removed = (membership.volunteer for membership in first.memberships.filter(role="member")[:2])
    seat = composition.parts.get().seats.get(volunteer=moved)
    move_person(composition, seat.pk, second.grid_id, by=composition.by)
    composition.refresh_from_db()
    answers = in_parallel(
        lambda: accept_composition(composition, version=composition.version, by=composition.by),
        lambda: remove_member(first, removed, reason="外出", by=composition.by),
    )
    members = list(first.memberships.current().select_related("volunteer"))
    return refusals(answers), missing_for_activation(members, 3)


def somebody_proposed_joins_another_team():
    grid = make_grid()
    people = [make_volunteer(village=grid.village) for _ in range(3)]
    other = make_team(members=4, grid=make_grid(village=grid.village))
    composition = make_composition(grid, mode="propose")
    answers = in_parallel(
        lambda: accept_composition(composition, version=composition.version, by=composition.by),
        lambda: add_member(other, people[0], by=composition.by),
    )
    return refusals(answers), people[0].memberships.current().count(), Membership.objects.current().count()


def test_two_officers_accepting_at_once_form_one_team():
    assert two_officers_accept_at_once() == (1, 1, 3, "accepted")


@can_go_wrong
def test_without_locks_only_a_constraint_keeps_it_to_one_team(without_locks):
    with pytest.raises(IntegrityError, match="team_one_standing_per_grid"):
        two_officers_accept_at_once()


def test_move_and_removal_at_once_keep_the_rule():
    assert one_member_is_moved_and_another_removed() == (1, [])


@can_go_wrong
def test_without_locks_move_and_removal_at_once_break_the_rule(without_locks):
    assert one_member_is_moved_and_another_removed()[1] != []


def test_who_joins_another_team_in_that_moment_is_in_one():
    refused, teams, members = somebody_proposed_joins_another_team()

    # Either the whole proposal stands, or the person is where they joined and nothing of it does.
    assert (refused, teams) == (1, 1)
    assert members in (4 + 3, 4 + 1)


@can_go_wrong
def test_without_locks_only_a_constraint_keeps_them_in_one(without_locks):
    with pytest.raises(IntegrityError, match="membership_"):
        somebody_proposed_joins_another_team()
