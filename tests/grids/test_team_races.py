"""What several people do to teams at the same moment, with real transactions in parallel, on both databases.

Each race is run a second time without what keeps it in order: then the rule must break, or the race shows nothing.
"""

import time

import pytest
from django.db import connection
from django.db.models import QuerySet

from common.rules import RuleBroken
from grids.domain import team as team_module
from grids.domain.rule import missing_for_activation
from grids.domain.team import add_member, choose_leader, form_team, remove_member, replace_member
from grids.models import Membership, Team
from tests.factories import make_grid, make_team, make_user, make_volunteer
from tests.races import in_parallel
from volunteers.domain.volunteer import leave

pytestmark = pytest.mark.django_db(transaction=True)


# SQLite's writers take turns from their first statement on, whatever is locked: there it cannot go wrong.
can_go_wrong = pytest.mark.postgresql


def refusals(answers):
    return sum(isinstance(answer, RuleBroken) for answer in answers)


@pytest.fixture(autouse=True)
def _slowly(monkeypatch):
    """Hold each transaction between its checks and its end, so that the others meet it there."""
    for model in (Membership, Team):
        save = model.save

        def slow(self, *args, save=save, **kwargs):
            time.sleep(0.15)
            save(self, *args, **kwargs)

        monkeypatch.setattr(model, "save", slow)

    def checked(*args, check=team_module.require_rule, **kwargs):
        check(*args, **kwargs)
        time.sleep(0.3)

    monkeypatch.setattr(team_module, "require_rule", checked)


@pytest.fixture
def without_locks(monkeypatch):
    """Take the row locks away."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def without_constraints():
    """Take the constraints away that would still refuse what the locks keep from happening."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'"
            " AND conrelid = 'grids_membership'::regclass"
        )
        exclusions = cursor.fetchall()
        names = ("membership_one_current_per_volunteer", "membership_one_leader_per_team", "team_one_standing_per_grid")
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(names)])
        indexes = [definition for (definition,) in cursor.fetchall()]
        for name, _ in exclusions:
            cursor.execute(f"ALTER TABLE grids_membership DROP CONSTRAINT {name}")
        for name in names:
            cursor.execute(f"DROP INDEX {name}")
    assert (len(exclusions), len(indexes)) == (1, 3)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM grids_rolechange")
        cursor.execute("DELETE FROM grids_membership")
        cursor.execute("DELETE FROM grids_team")
        for definition in indexes:
            cursor.execute(definition)
        for name, definition in exclusions:
            cursor.execute(f"ALTER TABLE grids_membership ADD CONSTRAINT {name} {definition}")


# --- The races ------------------------------------------------------------------------------------------


def eight_join_a_team_of_nine():
    team, by = make_team(members=9), make_user()
    people = [make_volunteer(village=team.grid.village) for _ in range(8)]
    answers = in_parallel(*(lambda person=person: add_member(team, person, by=by) for person in people))
    return refusals(answers), team.memberships.current().count()


def two_leave_a_team_of_four():
    team, by = make_team(members=4), make_user()
    people = [membership.volunteer for membership in team.memberships.filter(role="member")[:2]]
    answers = in_parallel(
        *(lambda person=person: remove_member(team, person, reason="外出", by=by) for person in people)
    )
    members = list(team.memberships.current().select_related("volunteer"))
    return refusals(answers), missing_for_activation(members, 3)


def two_of_one_type_replace_the_others():
    """Each exchange alone leaves three skill types, both together two."""
    team, by = make_team(members=4), make_user()
    first, *others = [membership.volunteer for membership in team.memberships.order_by("pk")]
    people = [make_volunteer(village=team.grid.village, primary_skill=first.primary_skill) for _ in range(2)]
    answers = in_parallel(
        *(
            lambda out=out, person=person: replace_member(team, out, person, reason="轮换", by=by)
            for out, person in zip(others[:2], people, strict=True)
        )
    )
    members = list(team.memberships.current().select_related("volunteer"))
    return refusals(answers), missing_for_activation(members, 3)


def two_teams_take_one_volunteer():
    by, first = make_user(), make_team()
    second = make_team(grid=make_grid(village=first.grid.village))
    person = make_volunteer(village=first.grid.village)
    answers = in_parallel(*(lambda team=team: add_member(team, person, by=by) for team in (first, second)))
    return refusals(answers), person.memberships.current().count()


def two_are_made_the_leader():
    team, by = make_team(members=5), make_user()
    people = [membership.volunteer for membership in team.memberships.filter(role="member")[:2]]
    in_parallel(*(lambda person=person: choose_leader(team, person, by=by) for person in people))
    return team.memberships.current().filter(role="leader").count()


def two_teams_are_formed_for_one_grid():
    grid, by = make_grid(), make_user()
    answers = in_parallel(*(lambda: form_team(grid, by=by) for _ in range(2)))
    return refusals(answers), grid.teams.standing().count()


def one_joins_and_leaves_the_programme():
    team, by = make_team(), make_user()
    person = make_volunteer(village=team.grid.village)
    in_parallel(lambda: add_member(team, person, by=by), lambda: leave(person, reason="搬迁", by=by))
    person.refresh_from_db()
    return person.status, person.memberships.current().count()


# --- In order, and without what keeps them so --------------------------------------------------------------


def test_eight_joining_a_team_of_nine_make_ten():
    assert eight_join_a_team_of_nine() == (7, 10)


@can_go_wrong
def test_without_locks_eight_joining_a_team_of_nine_make_more(without_locks):
    assert eight_join_a_team_of_nine()[1] > 10


def test_two_leaving_a_team_of_four_leave_three():
    assert two_leave_a_team_of_four() == (1, [])


@can_go_wrong
def test_without_locks_two_leaving_a_team_of_four_break_the_rule(without_locks):
    assert two_leave_a_team_of_four()[1] != []


def test_two_exchanges_keep_the_skill_types():
    assert two_of_one_type_replace_the_others() == (1, [])


@can_go_wrong
def test_without_locks_two_exchanges_lose_skill_types(without_locks):
    assert two_of_one_type_replace_the_others()[1] != []


def test_two_teams_taking_one_volunteer_get_one():
    assert two_teams_take_one_volunteer() == (1, 1)


@can_go_wrong
def test_without_locks_and_constraints_two_teams_share_a_volunteer(without_locks, without_constraints):
    assert two_teams_take_one_volunteer() == (0, 2)


def test_two_made_the_leader_leave_one():
    assert two_are_made_the_leader() == 1


@can_go_wrong
def test_without_locks_and_constraints_a_team_has_two_leaders(without_locks, without_constraints):
    assert two_are_made_the_leader() == 2


def test_two_teams_formed_for_one_grid_make_one():
    assert two_teams_are_formed_for_one_grid() == (1, 1)


@can_go_wrong
def test_without_locks_and_constraints_a_grid_has_two_teams(without_locks, without_constraints):
    assert two_teams_are_formed_for_one_grid() == (0, 2)


def test_one_who_leaves_the_programme_while_joining_is_in_no_team():
    assert one_joins_and_leaves_the_programme() == ("left", 0)


@can_go_wrong
def test_without_locks_one_who_left_the_programme_is_in_a_team(without_locks):
    assert one_joins_and_leaves_the_programme() == ("left", 1)


def test_exchanges_across_two_teams_do_not_lock_each_other_out():
    by, first = make_user(), make_team(members=4)
    second = make_team(grid=make_grid(village=first.grid.village), members=4)
    free = [make_volunteer(village=first.grid.village) for _ in range(3)]
    outgoing = [team.memberships.filter(role="member").first().volunteer for team in (first, second)]

    answers = in_parallel(
        lambda: replace_member(first, outgoing[0], free[0], reason="轮换", by=by),
        lambda: replace_member(second, outgoing[1], free[1], reason="轮换", by=by),
        lambda: add_member(first, free[2], by=by),
    )

    assert refusals(answers) == 0
    assert (first.memberships.current().count(), second.memberships.current().count()) == (5, 4)
