"""Grids of one village become one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from common.rules import RuleBroken
from grids.domain.change import ChangedMeanwhile, seen_hash
from grids.domain.grid import draw_grid
from grids.domain.merging import merge_grids, words_about_merge
from grids.models import GridChange
from tests.factories import make_grid, make_team, make_user, make_village

pytestmark = pytest.mark.django_db


def merge(kept, *given_up, **options):
    words = words_about_merge(kept, given_up)
    options = {"seen": seen_hash(kept.village, words), "reason": "并网", "by": make_user()} | options
    return merge_grids(kept.village, kept.pk, [grid.pk for grid in given_up], **options)


def test_merge_keeps_one_with_its_team_and_retires_the_others():
    kept = make_team(grid=make_grid(households=30))
    other = make_team(grid=make_grid(village=kept.grid.village, households=25))
    bare = make_grid(village=kept.grid.village, households=5)

    change = merge(kept.grid, other.grid, bare)

    for record in (kept, other, kept.grid, other.grid, bare):
        record.refresh_from_db()
    assert (kept.grid.households, kept.state, kept.grid.is_retired) == (60, "active", False)
    assert (other.state, other.dissolved_on, other.grid.is_retired) == ("dissolved", change.on, True)
    assert (other.grid.households, bare.is_retired) == (25, True)
    assert set(other.memberships.values_list("reason", flat=True)) == {"并网"}
    rows = change.grids.values_list("part", "number_after", "households_before", "households_after")
    assert sorted(rows) == [("given_up", 2, 25, None), ("given_up", 3, 5, None), ("kept", 1, 30, 60)]


def test_merge_keeps_to_one_village_and_to_grids_in_use():
    kept = make_grid()
    elsewhere, retired = make_grid(), make_grid(village=kept.village, is_retired=True)

    with pytest.raises(RuleBroken, match="Grids of one village"):
        merge(kept, elsewhere)
    with pytest.raises(RuleBroken, match="has been retired"):
        merge(kept, retired)
    with pytest.raises(RuleBroken, match="two grids at least"):
        merge(kept)
    with pytest.raises(RuleBroken, match="two grids at least"):
        merge(kept, kept, make_grid(village=kept.village))

    assert not GridChange.objects.exists()


def test_merge_beyond_the_largest_grid_is_refused():
    kept = make_grid(households=4000)

    with pytest.raises(RuleBroken, match="Together these grids have 5001 households"):
        merge(kept, make_grid(village=kept.village, households=1001))


def test_merge_on_a_day_before_a_team_was_formed_changes_nothing():
    kept = make_grid()
    other = make_team(grid=make_grid(village=kept.village), formed_on=timezone.localdate())

    with pytest.raises(RuleBroken) as caught:
        merge(kept, other.grid, on=timezone.localdate() - timedelta(days=1))

    other.refresh_from_db()
    assert (caught.value.field, other.state, GridChange.objects.count()) == ("on", "active", 0)


def test_merge_of_what_somebody_changed_meanwhile_is_refused():
    kept = make_grid()
    other = make_grid(village=kept.village)
    seen = seen_hash(kept.village, words_about_merge(kept, [other]))
    draw_grid(kept.village, 9, 30, "", by=make_user())

    with pytest.raises(ChangedMeanwhile):
        merge(kept, other, seen=seen)

    other.refresh_from_db()
    assert not other.is_retired


def test_same_form_sent_twice_merges_once():
    kept, key = make_grid(households=30), uuid4()
    other = make_grid(village=kept.village, households=20)
    seen = seen_hash(kept.village, words_about_merge(kept, [other]))

    first = merge(kept, other, key=key)
    assert merge(kept, other, key=key, seen=seen) == first

    kept.refresh_from_db()
    assert kept.households == 50


def test_merge_into_a_village_that_is_not_theirs_is_refused():
    grid, village = make_grid(), make_village()
    other = make_grid(village=grid.village)

    with pytest.raises(RuleBroken, match="Grids of one village"):
        merge_grids(village, grid.pk, [other.pk], seen=seen_hash(village), reason="并网", by=make_user())
