"""The record of what became of grids: nobody rewrites it, and it says what can be."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from grids.domain.grid import draw_grid
from grids.models import ChangedGrid, GridChange
from tests.factories import make_grid, make_user, make_village

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    return draw_grid(make_village(), 3, 30, "", by=make_user()).changes.get()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE grids_changedgrid SET number_after = 4",
        "DELETE FROM grids_changedgrid",
        "UPDATE grids_gridchange SET remark = 'x'",
        "DELETE FROM grids_gridchange",
    ],
)
def test_record_is_never_changed_or_deleted(row, statement):
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert list(ChangedGrid.objects.values_list("pk", "number_after", "change__remark")) == [(row.pk, 3, "")]


@pytest.mark.parametrize(
    "values",
    [
        {"part": "new", "number_before": 2},
        {"part": "new", "households_before": 20},
        {"part": "new", "households_after": None},
        {"part": "kept", "number_before": None},
        {"part": "kept", "number_before": 2, "households_before": None},
        {"part": "kept", "number_before": 0, "households_before": 20},
        {"part": "given_up", "number_before": 3, "households_before": 30},
        {"part": "given_up", "number_before": 2, "households_before": 30, "households_after": None},
        {"part": "else"},
        {"part": "new", "number_after": 100},
        {"part": "new", "households_after": 5001},
    ],
)
def test_row_says_what_can_be(row, values):
    grid = make_grid()
    change = GridChange.objects.create(village=grid.village, kind="changed", on=date(2026, 3, 1), by=make_user())

    with pytest.raises(IntegrityError), transaction.atomic():
        ChangedGrid.objects.create(
            **{"change": change, "grid": grid, "number_after": 3, "households_after": 30} | values
        )


def test_grid_is_in_a_change_once(row):
    with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
        ChangedGrid.objects.create(change=row.change, grid=row.grid, part="new", number_after=3, households_after=30)
