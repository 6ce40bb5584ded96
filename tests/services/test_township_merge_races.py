"""Somebody is entered for a township while it is being merged away, and two administrators merge at once."""

import time
from datetime import date
from functools import partial

import pytest
from django.db import connection

from accounts.rights import Role
from areas.models import Township
from common.rules import RuleBroken
from grids.domain import township_merge as merge_module
from grids.domain.township_merge import merge_townships
from services.invariants import invariants
from tests.factories import make_skill_type, make_team, make_township, make_user
from tests.races import in_parallel
from volunteers.domain.volunteer import register_volunteer
from volunteers.models import Volunteer

pytestmark = pytest.mark.django_db(transaction=True)
TRIGGERS = [
    f"volunteers_volunteer_{place}_goes_on_{event}"
    for place in ("township", "village")
    for event in ("insert", "update")
]


@pytest.fixture
def _slowly(monkeypatch):
    """Hold the merge between its locks and its end, so that the others meet it there."""
    refuse, move = merge_module.refusals_of, merge_module._move_what_waits

    def refusals(*places):
        found = refuse(*places)
        time.sleep(0.3)
        return found

    def move_slowly(*places):
        move(*places)
        time.sleep(0.8)

    monkeypatch.setattr(merge_module, "refusals_of", refusals)
    monkeypatch.setattr(merge_module, "_move_what_waits", move_slowly)


def race():
    """Register somebody in the township while it is merged into another one; return what came of both."""
    ended, kept, by = make_township(), make_township(), make_user(Role.ADMIN)
    team, skill = make_team(township=ended), make_skill_type()
    new = Volunteer(
        name="王新民",
        gender="female",
        birth_date=date(1980, 1, 1),
        phone="13912345678",
        unit_kind="other",
        village=team.grid.village,
        township=ended,
        primary_skill=skill,
        joined_on=date(2026, 1, 1),
    )

    def register():
        time.sleep(0.7)
        return register_volunteer(new, further_skills=[], by=by)

    return in_parallel(
        lambda: merge_townships(ended.pk, kept.pk, version=0, kept_version=0, by=by),
        register,
    )


def left_behind():
    return Volunteer.objects.filter(township__merged_into__isnull=False).count()


@pytest.mark.usefixtures("_slowly")
def test_nobody_is_entered_for_a_township_beside_its_merge():
    merged, registered = race()

    assert isinstance(merged, Township)
    assert isinstance(registered, RuleBroken)
    assert left_behind() == 0
    assert [each.name for each in invariants() if each.broken_by()] == []


@pytest.mark.usefixtures("_slowly")
def test_without_the_triggers_somebody_would_be_left_behind():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_goes_on_%'")
            kept = [(name, sql) for name, sql in cursor.fetchall() if name in TRIGGERS]
            for name, _sql in kept:
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            for name in TRIGGERS:
                cursor.execute(f"ALTER TABLE volunteers_volunteer DISABLE TRIGGER {name}")
    try:
        race()
        assert left_behind() == 1
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                for _name, sql in kept:
                    cursor.execute(sql)
            else:
                for name in TRIGGERS:
                    cursor.execute(f"ALTER TABLE volunteers_volunteer ENABLE TRIGGER {name}")


def merges(*, also_back=True):
    """Two administrators merge one township into two others, and a third one of these into it, at the same moment."""
    ended, kept, other, by = make_township(), make_township(), make_township(), make_user(Role.ADMIN)
    make_team(township=ended)
    pairs = [(ended, kept), (ended, other), (kept, ended)][: 3 if also_back else 2]
    return in_parallel(
        *(partial(merge_townships, one.pk, into.pk, version=0, kept_version=0, by=by) for one, into in pairs)
    )


@pytest.mark.usefixtures("_slowly")
def test_one_of_several_merges_at_once_happens():
    answers = merges()

    assert sum(isinstance(answer, Township) for answer in answers) == 1
    assert all(isinstance(answer, Township | RuleBroken) for answer in answers)
    assert Township.objects.filter(merged_into__isnull=False).count() == 1
    assert [each.name for each in invariants() if each.broken_by()] == []


@pytest.mark.postgresql
@pytest.mark.usefixtures("_slowly")
def test_without_the_lock_a_township_would_be_merged_twice(monkeypatch):
    monkeypatch.setattr(
        merge_module,
        "locked_pair",
        lambda model, *pks: {place.pk: _raised(place) for place in model.objects.filter(pk__in=pks)},
    )

    answers = merges(also_back=False)

    assert sum(isinstance(answer, Township) for answer in answers) > 1


def _raised(place):
    place.version += 1
    return place
