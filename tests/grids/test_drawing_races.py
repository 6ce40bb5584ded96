"""Two officers draw up grids of one village at the same moment, with real transactions in parallel.

Each race is run a second time without what keeps it in order: then something must break, or the race shows nothing.
"""

import time
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.db.models import F, QuerySet, Sum

from common.rules import RuleBroken
from grids.domain.change import seen_hash
from grids.domain.division import Part, divide_village, split_grid
from grids.domain.merging import merge_grids, words_about_merge
from grids.domain.numbering import renumber_grids
from grids.models import ChangedGrid, Grid, GridChange
from services.domain.request import open_request
from services.models import HelpRequest
from tests.factories import make_grid, make_team, make_user, make_village
from tests.races import in_parallel

pytestmark = pytest.mark.django_db(transaction=True)

# SQLite's writers take turns from their first statement on, whatever is locked: there it cannot go wrong.
can_go_wrong = pytest.mark.postgresql


@pytest.fixture(autouse=True)
def _slowly(monkeypatch):
    """Hold each transaction between its checks and its writing, so that the others meet it there."""
    for model, seconds in ((GridChange, 0.15), (Grid, 0.15), (HelpRequest, 0.5)):
        save = model.save

        def slow(self, *args, save=save, seconds=seconds, **kwargs):
            time.sleep(seconds)
            save(self, *args, **kwargs)

        monkeypatch.setattr(model, "save", slow)


@pytest.fixture
def without_locks(monkeypatch):
    """Take the row locks away, and what notices that somebody was faster."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self.all())


@pytest.fixture
def without_constraint():
    """Take the constraint away that would still refuse two grids with one number."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE grids_grid DROP CONSTRAINT grid_number_in_village")
    yield
    with connection.cursor() as cursor:
        for table in ("grids_changedgrid", "grids_gridchange"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("DELETE FROM grids_grid")
        cursor.execute("ALTER TABLE grids_grid ADD CONSTRAINT grid_number_in_village UNIQUE (village_id, number)")


def refusals(answers):
    return sum(isinstance(answer, RuleBroken) for answer in answers)


def answered(act):
    """Let an act answer with the constraint that stopped it."""
    try:
        return act()
    except IntegrityError as error:
        return error


# --- The races -----------------------------------------------------------------------------------------


def two_divide_one_village():
    village, by = make_village(), make_user()
    seen = seen_hash(village)
    parts = [Part(1, 30), Part(2, 30)]
    answers = in_parallel(
        *(lambda: answered(lambda: divide_village(village, parts, households=60, seen=seen, by=by)) for _ in range(2))
    )
    return answers, village.grids.count()


def two_split_one_grid():
    grid, by = make_grid(households=60), make_user()
    seen = seen_hash(grid.village)
    answers = in_parallel(
        *(
            lambda number=number: split_grid(grid, [Part(1, 30), Part(number, 30)], seen=seen, by=by)
            for number in (2, 3)
        )
    )
    return refusals(answers), grid.village.grids.aggregate(sum=Sum("households"))["sum"]


def two_swap_the_same_numbers():
    village, by = make_village(), make_user()
    one, two = make_grid(village=village, number=1), make_grid(village=village, number=2)
    seen = seen_hash(village)
    answers = in_parallel(
        *(lambda: answered(lambda: renumber_grids(village, {one.pk: 2, two.pk: 1}, seen=seen, by=by)) for _ in range(2))
    )
    return answers, sorted(village.grids.values_list("number", flat=True))


def one_merges_while_somebody_asks_the_team():
    kept, by = make_team(), make_user()
    other = make_team(grid=make_grid(village=kept.grid.village))
    seen = seen_hash(kept.grid.village, words_about_merge(kept.grid, [other.grid]))
    in_parallel(
        lambda: merge_grids(kept.grid.village, kept.grid_id, [other.grid_id], seen=seen, reason="并网", by=by),
        lambda: open_request(key=uuid4(), team=other, caller="陈阿婆", content="修水管", by=by),
    )
    other.refresh_from_db()
    return other.state, HelpRequest.objects.open().filter(team=other).count()


# --- In order, and without what keeps them so -----------------------------------------------------------


def test_two_who_divide_a_village_divide_it_once():
    answers, grids = two_divide_one_village()

    assert (refusals(answers), grids) == (1, 2)


@can_go_wrong
def test_without_locks_the_constraint_still_keeps_numbers_apart(without_locks):
    answers, grids = two_divide_one_village()

    assert ([type(answer) for answer in answers].count(IntegrityError), grids) == (1, 2)


@can_go_wrong
def test_without_locks_and_constraint_a_village_is_divided_twice(without_locks, without_constraint):
    answers, grids = two_divide_one_village()

    assert (refusals(answers), grids) == (0, 4)


def test_two_who_split_a_grid_invent_no_household():
    assert two_split_one_grid() == (1, 60)


@can_go_wrong
def test_without_locks_two_splits_invent_households(without_locks):
    assert two_split_one_grid() == (0, 90)


def test_two_who_swap_numbers_swap_them_once():
    answers, numbers = two_swap_the_same_numbers()

    assert (refusals(answers), numbers) == (1, [1, 2])
    assert not ChangedGrid.objects.exclude(number_before=F("grid__number") % 2 + 1).exists()


def test_request_to_a_team_that_ends_goes_on_or_is_refused():
    state, stranded = one_merges_while_somebody_asks_the_team()

    assert (state, stranded) in {("dissolved", 0), ("active", 1)}


@can_go_wrong
def test_without_locks_a_request_is_stranded(without_locks):
    assert one_merges_while_somebody_asks_the_team() == ("dissolved", 1)
