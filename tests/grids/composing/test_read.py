"""The question as the database has it."""

import pytest

from grids.composing.problem import Place, Rule
from grids.composing.read import problem_of
from grids.composing.solve import solve
from grids.models import Grid, Membership
from tests.factories import (
    make_attendance,
    make_course,
    make_grid,
    make_settings,
    make_skill_type,
    make_team,
    make_township,
    make_village,
    make_volunteer,
)

pytestmark = pytest.mark.django_db


def test_problem_holds_the_free_and_the_members_of_the_grids():
    township = make_township()
    village = make_village(township=township, district="溪北片")
    team = make_team(grid=make_grid(village=village))
    elsewhere = make_team(grid=make_grid(village=village))
    empty = make_grid(village=village, households=44)
    free = make_volunteer(village=village)
    make_volunteer(village=village, status="suspended")
    make_volunteer()
    make_attendance(make_course(), free)
    make_settings(township, least_skill_types=4)

    problem = problem_of(Grid.objects.filter(pk__in=[team.grid_id, empty.pk]), mode="repair")

    members = set(team.memberships.values_list("volunteer", flat=True))
    assert {person.pk for person in problem.people} == {free.pk, *members}
    assert not members & set(elsewhere.memberships.values_list("volunteer", flat=True))
    assert problem.places == (Place(team.grid_id, village.pk, 30, team.pk), Place(empty.pk, village.pk, 44, None))
    assert problem.rule == Rule(3, 10, 4)
    assert problem.near[village.pk] == "溪北片"
    by_pk = {person.pk: person for person in problem.people}
    assert (by_pk[free.pk].is_trained, by_pk[free.pk].grid, by_pk[free.pk].role) == (True, None, "")
    leader = team.memberships.get(role=Membership.Role.LEADER).volunteer_id
    assert (by_pk[leader].grid, by_pk[leader].role, by_pk[leader].is_trained) == (team.grid_id, "leader", False)


def test_problem_of_several_townships_is_refused():
    make_grid()
    make_grid()
    with pytest.raises(ValueError, match="township by township"):
        problem_of(Grid.objects.all(), mode="propose")


def test_problem_of_no_grids_has_no_people():
    make_volunteer()
    problem = problem_of(Grid.objects.all(), mode="propose")
    assert (problem.people, problem.places) == ((), ())
    assert solve(problem, seconds=5).seats == {}


def test_retired_skill_types_and_grids_are_not_asked_for():
    grid = make_grid()
    make_grid(village=grid.village, is_retired=True)
    retired = make_skill_type(is_retired=True)
    problem = problem_of(Grid.objects.all(), mode="propose")
    assert [place.grid for place in problem.places] == [grid.pk]
    assert retired.pk not in problem.skills


def test_a_grid_takes_its_share_of_the_free_people():
    village = make_village()
    small, large = make_grid(village=village, households=20), make_grid(village=village, households=40)
    make_team(grid=make_grid(village=village))
    for _ in range(9):
        make_volunteer(village=village)
    assert problem_of(Grid.objects.filter(pk=small.pk), mode="propose").fair_seats == 3
    assert problem_of(Grid.objects.filter(pk=large.pk), mode="propose").fair_seats == 6
    assert problem_of(Grid.objects.all(), mode="propose").fair_seats is None


def test_problem_takes_the_same_queries_for_any_size(django_assert_max_num_queries):
    village = make_village()
    for many in (1, 6):
        for _ in range(many):
            make_team(grid=make_grid(village=village))
            make_volunteer(village=village)
        with django_assert_max_num_queries(8):
            problem_of(Grid.objects.all(), mode="repair")


def test_what_the_database_asks_is_solved():
    village = make_village()
    grid = make_grid(village=village)
    skills = [make_skill_type() for _ in range(4)]
    people = [make_volunteer(village=village, primary_skill=skill) for skill in skills]
    solution = solve(problem_of(Grid.objects.all(), mode="propose"), seconds=10)
    assert solution.is_proven
    assert solution.seats == {person.pk: grid.pk for person in people}
    assert solution.served == {grid.pk}
