"""The grids of a village get other numbers in one step."""

import random
from datetime import date
from uuid import uuid4

import pytest
from django.utils.translation import override

from accounts.models import AuditEntry
from common.rules import RuleBroken
from grids.domain.change import ChangedMeanwhile, seen_hash
from grids.domain.grid import draw_grid
from grids.domain.numbering import in_a_row, renumber_grids
from grids.domain.team import form_team, name_after
from grids.lineage import former_numbers
from grids.models import GridChange
from tests.factories import make_grid, make_team, make_user, make_village

pytestmark = pytest.mark.django_db


def renumber(village, numbers, **options):
    return renumber_grids(village, numbers, **({"seen": seen_hash(village), "by": make_user()} | options))


def numbers_of(village):
    return dict(village.grids.order_by("pk").values_list("pk", "number"))


def test_two_grids_swap_their_numbers_and_keep_what_they_were():
    village = make_village()
    three, four = make_grid(village=village, number=3), make_grid(village=village, number=4)

    renumber(village, {three.pk: 4, four.pk: 3}, on=date(2026, 3, 1))

    assert numbers_of(village) == {three.pk: 4, four.pk: 3}
    assert former_numbers(three) == [(3, date(2026, 3, 1))]
    entry = AuditEntry.objects.filter(event="renumber_grids", object_id=three.pk, changes__has_key="number").get()
    assert entry.changes == {"number": ["3", "4"]}


@pytest.mark.parametrize("seed", range(5))
def test_any_permutation_works(seed):
    village, random_ = make_village(), random.Random(seed)
    grids = [make_grid(village=village, number=number) for number in random_.sample(range(1, 100), 25)]
    wanted = [grid.number for grid in grids]
    random_.shuffle(wanted)
    numbers = {grid.pk: number for grid, number in zip(grids, wanted, strict=True)}

    renumber(village, numbers)

    assert numbers_of(village) == numbers


def test_ninety_eight_grids_go_round_in_a_circle_and_ninety_nine_cannot():
    village = make_village()
    grids = [make_grid(village=village, number=number) for number in range(1, 99)]
    circle = {grid.pk: grid.number % 98 + 1 for grid in grids}

    renumber(village, circle)
    assert numbers_of(village) == circle

    last = make_grid(village=village, number=99)
    with pytest.raises(RuleBroken, match="none is free"):
        renumber(village, {last.pk: circle[grids[0].pk], grids[0].pk: 99})


def test_two_grids_cannot_share_a_number():
    village = make_village()
    one, two = make_grid(village=village, number=1), make_grid(village=village, number=2)

    with pytest.raises(RuleBroken) as caught:
        renumber(village, {one.pk: 2})
    assert (caught.value.field, numbers_of(village)) == (f"number_{one.pk}", {one.pk: 1, two.pk: 2})
    with pytest.raises(RuleBroken, match="from 1 to 99"):
        renumber(village, {one.pk: 100})


def test_retired_grid_makes_room():
    village = make_village()
    retired, last = make_grid(village=village, number=2, is_retired=True), make_grid(village=village, number=3)
    make_grid(village=village, number=1)

    proposed = in_a_row(list(village.grids.all()))
    renumber(village, proposed)

    assert numbers_of(village)[last.pk] == 2
    assert numbers_of(village)[retired.pk] == 99
    assert [each.number for each in former_numbers(retired)] == [2]


def test_nothing_changed_and_strange_grids_are_refused():
    village = make_village()
    grid = make_grid(village=village)

    with pytest.raises(RuleBroken, match="No number was changed"):
        renumber(village, {grid.pk: grid.number})
    with pytest.raises(RuleBroken, match="Only grids of this village"):
        renumber(village, {make_grid().pk: 5})

    assert not GridChange.objects.exists()


def test_team_called_after_its_grid_is_called_after_the_new_number():
    village, by = make_village(), make_user()
    one, two = make_grid(village=village, number=1), make_grid(village=village, number=2)
    with override("zh-hans"):
        formed = form_team(one, by=by)
    named = make_team(grid=two, name="红船先锋队")

    renumber(village, {one.pk: 2, two.pk: 1})

    formed.refresh_from_db()
    named.refresh_from_db()
    one.refresh_from_db()
    assert (formed.name, named.name) == (name_after(one), "红船先锋队")


def test_renumbering_what_somebody_changed_meanwhile_is_refused():
    village = make_village()
    grid, seen = make_grid(village=village), seen_hash(village)
    draw_grid(village, 7, 30, "", by=make_user())

    with pytest.raises(ChangedMeanwhile):
        renumber(village, {grid.pk: 8}, seen=seen)


def test_same_form_sent_twice_renumbers_once():
    village, key = make_village(), uuid4()
    grid = make_grid(village=village)

    first = renumber(village, {grid.pk: 5}, key=key)

    assert renumber(village, {grid.pk: 5}, key=key) == first
    assert GridChange.objects.count() == 1
