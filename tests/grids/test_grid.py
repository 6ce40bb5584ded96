"""What may happen to a grid."""

import pytest
from django.core.exceptions import ValidationError

from common.rules import RuleBroken, SavedMeanwhile
from grids.domain.grid import draw_grid, edit_grid, retire_grid
from grids.domain.team import dissolve_team
from grids.models import Grid
from tests.factories import make_grid, make_team, make_user, make_village

pytestmark = pytest.mark.django_db


def test_draw_grid():
    village = make_village()

    grid = draw_grid(village, 3, 28, "溪东", by=make_user())

    assert (grid.village, grid.number, grid.households, grid.boundary) == (village, 3, 28, "溪东")


def test_draw_grid_refuses_a_number_that_is_taken_also_by_a_retired_one():
    taken = make_grid(is_retired=True)

    with pytest.raises(RuleBroken) as caught:
        draw_grid(taken.village, taken.number, 20, "", by=make_user())

    assert caught.value.field == "number"


@pytest.mark.parametrize(("number", "households"), [(0, 30), (100, 30), (1, 0), (1, 5001)])
def test_draw_grid_refuses_numbers_out_of_range(number, households):
    with pytest.raises(ValidationError):
        draw_grid(make_village(), number, households, "", by=make_user())

    assert Grid.objects.count() == 0


def test_edit_grid_changes_what_may_change():
    grid = make_grid()

    edit_grid(grid.pk, {"households": 31, "boundary": "溪西", "number": 9}, version=0, by=make_user())

    grid.refresh_from_db()
    assert (grid.households, grid.boundary, grid.number, grid.version) == (31, "溪西", 1, 1)


def test_edit_grid_refuses_an_old_version():
    grid = make_grid()
    edit_grid(grid.pk, {"households": 31}, version=0, by=make_user())

    with pytest.raises(SavedMeanwhile):
        edit_grid(grid.pk, {"households": 32}, version=0, by=make_user())


def test_retire_grid_waits_for_its_team_to_be_dissolved():
    team, by = make_team(), make_user()

    with pytest.raises(RuleBroken):
        retire_grid(team.grid, by=by)
    dissolve_team(team, reason="并村", by=by)

    assert retire_grid(team.grid, by=by).is_retired is True


def test_retired_grid_does_not_change():
    grid = retire_grid(make_grid(), by=make_user())

    with pytest.raises(RuleBroken):
        retire_grid(grid, by=make_user())
    with pytest.raises(RuleBroken):
        edit_grid(grid.pk, {"households": 2}, version=grid.version, by=make_user())


def test_uncovered_grids_have_no_active_team():
    make_team()
    forming, bare = make_team(state="forming").grid, make_grid()
    make_grid(is_retired=True)

    assert set(Grid.objects.uncovered()) == {forming, bare}
