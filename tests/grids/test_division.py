"""A village into grids, and a grid into several."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from common.rules import RuleBroken
from grids.domain.change import ChangedMeanwhile, seen_hash
from grids.domain.division import (
    Part,
    divide_village,
    households_of,
    propose_division,
    propose_split,
    share_out,
    split_grid,
)
from grids.domain.grid import draw_grid, edit_grid, retire_grid
from grids.models import ChangedGrid, Grid, GridChange
from tests.factories import make_grid, make_team, make_user, make_village

pytestmark = pytest.mark.django_db


def divide(village, parts, households, **options):
    options = {"seen": seen_hash(village), "by": make_user()} | options
    return divide_village(village, parts, households=households, **options)


def split(grid, parts, **options):
    return split_grid(grid, parts, **({"seen": seen_hash(grid.village), "by": make_user()} | options))


def numbers(village):
    return list(village.grids.in_use().order_by("number").values_list("number", "households"))


# --- A village -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("households", "grids", "shares"), [(300, 10, [30] * 10), (7, 3, [3, 2, 2]), (2, 2, [1, 1])])
def test_share_out_is_even_and_complete(households, grids, shares):
    assert share_out(households, grids) == shares


def test_three_hundred_households_become_ten_grids():
    village = make_village()

    parts = propose_division(village, households=300, grids=10)
    change = divide(village, parts, 300)

    assert numbers(village) == [(number, 30) for number in range(1, 11)]
    assert households_of(village) == 300
    assert (change.kind, change.on, change.grids.count()) == ("divided", timezone.localdate(), 10)


def test_division_adds_what_a_village_with_grids_lacks():
    village = make_village()
    make_grid(village=village, number=1, households=40)
    make_grid(village=village, number=5, households=20)

    parts = propose_division(village, households=160, grids=5)

    # After the highest number first; what is free below would come last.
    assert [(part.number, part.households) for part in parts] == [(6, 34), (7, 33), (8, 33)]
    divide(village, parts, 160)
    assert households_of(village) == 160


@pytest.mark.parametrize(
    ("households", "grids", "field", "told"),
    [
        (100, 1, "grids", "The village has 1 grid already"),
        (30, 3, "households", "so none is left for new ones"),
        (31, 3, "grids", "2 grids cannot be made of 1 household"),
    ],
)
def test_division_that_cannot_be_is_refused_with_its_field(households, grids, field, told):
    village = make_village()
    make_grid(village=village, households=30)

    with pytest.raises(RuleBroken) as caught:
        propose_division(village, households=households, grids=grids)

    assert caught.value.field == field
    assert told in caught.value.message


def test_division_beyond_the_numbers_is_refused():
    village = make_village()
    make_grid(village=village, number=99, is_retired=True)

    with pytest.raises(RuleBroken, match="98 numbers are free"):
        propose_division(village, households=5000, grids=99)


def test_rows_that_do_not_add_up_say_by_how_much():
    village = make_village()

    with pytest.raises(RuleBroken, match="2 households are in no grid: the rows add up to 58, and there are 60"):
        divide(village, [Part(1, 30), Part(2, 28)], 60)
    with pytest.raises(RuleBroken, match="There is 1 household too many"):
        divide(village, [Part(1, 30), Part(2, 31)], 60)
    with pytest.raises(RuleBroken, match="A grid has one household at least"):
        divide(village, [Part(1, 60), Part(2, 0)], 60)

    assert not Grid.objects.exists()
    assert not GridChange.objects.exists()


@pytest.mark.parametrize(
    ("parts", "field", "told"),
    [
        ([Part(2, 30), Part(2, 30)], "number_1", "Number 2 is given twice"),
        ([Part(2, 30), Part(7, 30)], "number_1", "The village has a grid with the number 7 already"),
        ([Part(8, 30), Part(2, 30)], "number_0", "a retired grid with the number 8"),
    ],
)
def test_number_that_is_taken_is_refused_at_its_row(parts, field, told):
    village = make_village()
    make_grid(village=village, number=7, households=10)
    make_grid(village=village, number=8, households=10, is_retired=True)

    with pytest.raises(RuleBroken) as caught:
        divide(village, parts, 70)

    assert caught.value.field == field
    assert told in caught.value.message
    assert village.grids.count() == 2


def test_same_form_sent_twice_divides_once():
    village, key = make_village(), uuid4()
    seen = seen_hash(village)

    first = divide(village, [Part(1, 30)], 30, key=key)
    again = divide(village, [Part(1, 30)], 30, key=key, seen=seen)

    assert again == first
    assert village.grids.count() == 1


def test_key_of_another_village_is_refused():
    key = uuid4()
    divide(make_village(), [Part(1, 30)], 30, key=key)

    with pytest.raises(RuleBroken, match="another village"):
        divide(make_village(), [Part(1, 30)], 30, key=key)


def test_division_of_what_somebody_changed_meanwhile_is_refused():
    village = make_village()
    seen = seen_hash(village)
    draw_grid(village, 1, 30, "", by=make_user())

    with pytest.raises(ChangedMeanwhile):
        divide(village, [Part(2, 30)], 60, seen=seen)

    assert village.grids.count() == 1


# --- A grid --------------------------------------------------------------------------------------------


def test_split_keeps_the_grid_with_its_team_and_adds_the_rest():
    team = make_team()
    grid = team.grid
    Grid.objects.filter(pk=grid.pk).update(households=61)
    grid.refresh_from_db()

    parts = propose_split(grid, 3)
    change = split(grid, [Part(1, 21, "溪东"), *parts[1:]], remark="户数太多")

    assert [(part.number, part.households) for part in parts] == [(1, 21), (2, 20), (3, 20)]
    assert numbers(grid.village) == [(1, 21), (2, 20), (3, 20)]
    grid.refresh_from_db()
    team.refresh_from_db()
    assert (grid.boundary, grid.version, team.grid, team.state) == ("溪东", 1, grid, "active")
    rows = change.grids.values_list("grid__number", "part", "households_before", "households_after")
    assert list(rows) == [(1, "kept", 61, 21), (2, "new", None, 20), (3, "new", None, 20)]
    assert change.remark == "户数太多"


def test_split_neither_loses_nor_invents_households():
    grid = make_grid(households=30)

    with pytest.raises(RuleBroken, match="5 households are in no grid"):
        split(grid, [Part(1, 15), Part(2, 10)])

    assert numbers(grid.village) == [(1, 30)]


def test_split_into_more_grids_than_households_is_refused():
    with pytest.raises(RuleBroken, match="4 grids cannot be made of 3 households"):
        propose_split(make_grid(households=3), 4)


def test_split_needs_two_parts_and_free_numbers():
    grid = make_grid(households=30)
    make_grid(village=grid.village, number=2)

    with pytest.raises(RuleBroken, match="two grids at least"):
        split(grid, [Part(1, 30)])
    with pytest.raises(RuleBroken) as caught:
        split(grid, [Part(1, 15), Part(2, 15)])

    assert caught.value.field == "number_1"


def test_retired_grid_is_not_split():
    grid = retire_grid(make_grid(), by=make_user())

    with pytest.raises(RuleBroken, match="has been retired"):
        split(grid, [Part(1, 15), Part(2, 15)])


def test_change_does_not_lie_before_the_one_before_it():
    grid = make_grid(households=30)
    split(grid, [Part(1, 20), Part(2, 10)])
    grid.refresh_from_db()

    with pytest.raises(RuleBroken) as caught:
        split(grid, [Part(1, 10), Part(3, 10)], on=timezone.localdate() - timedelta(days=1))

    assert caught.value.field == "on"


# --- One grid ------------------------------------------------------------------------------------------


def test_drawing_changing_and_retiring_leave_their_record():
    village, by = make_village(), make_user()
    grid = draw_grid(village, 4, 30, "", by=by)
    edit_grid(grid.pk, {"households": 33, "boundary": "溪东"}, version=0, by=by)
    edit_grid(grid.pk, {"boundary": "溪西"}, version=1, by=by)
    retire_grid(grid, by=by)

    rows = ChangedGrid.objects.filter(grid=grid).order_by("id")
    assert list(rows.values_list("change__kind", "part", "households_before", "households_after")) == [
        ("drawn", "new", None, 30),
        ("changed", "kept", 30, 33),
        ("retired", "given_up", 33, None),
    ]


def test_change_lies_on_its_own_day():
    village = make_village()

    change = divide(village, [Part(1, 30)], 30, on=date(2026, 3, 1))

    assert change.on == date(2026, 3, 1)
    with pytest.raises(RuleBroken, match="lies in the future"):
        divide(village, [Part(2, 30)], 60, on=timezone.localdate() + timedelta(days=1))
