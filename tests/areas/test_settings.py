"""What holds for a township: its own values, and the city's where it has none."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from areas.models import Township, TownshipSettings
from grids.models import Team
from tests.factories import make_channel, make_settings, make_team, make_township

pytestmark = pytest.mark.django_db


def test_a_township_without_values_has_the_citys(settings):
    township = make_township()
    settings.SILENT_AFTER_DAYS = 45
    assert TownshipSettings.of(township.pk).silent_after_days == 45
    assert TownshipSettings.of(township.pk).uses_logs
    assert TownshipSettings.by_township()[township.pk] == TownshipSettings.of(township.pk)


def test_an_own_value_holds_and_the_rest_is_the_citys(settings):
    township = make_township()
    make_settings(township, silent_after_days=10, uses_badges=False)
    holding = TownshipSettings.of(township.pk)
    assert (holding.silent_after_days, holding.uses_badges, holding.uses_logs) == (10, False, True)
    assert holding.late_entry_days == settings.LATE_ENTRY_DAYS
    assert TownshipSettings.by_township()[township.pk] == holding == township.settings.holding


def test_a_duty_that_the_city_has_off_may_be_on_in_one_township(settings):
    settings.USES_CARDS = False
    pilot, other = make_township(), make_township()
    make_settings(pilot, uses_cards=True)
    assert TownshipSettings.of(pilot.pk).uses_cards
    assert not TownshipSettings.of(other.pk).uses_cards
    assert list(Township.objects.filter(TownshipSettings.by_township().taking_part("uses_cards", path="pk"))) == [pilot]


def test_townships_that_have_a_duty_are_found_by_one_condition(django_assert_num_queries):
    off, on, usual = (make_township() for _ in range(3))
    make_settings(off, uses_logs=False)
    make_settings(on, uses_logs=True)
    with django_assert_num_queries(2):
        found = set(Township.objects.filter(TownshipSettings.by_township().taking_part("uses_logs", path="pk")))
    assert found == {on, usual}
    holdings = TownshipSettings.by_township()
    assert set(Township.objects.filter(holdings.taking_part("uses_badges", path="pk"))) == {off, on, usual}
    assert not holdings[off.pk].uses_visit_plans  # visits are told from logs
    assert holdings.values_of("uses_logs") == {True, False}
    assert holdings.values_of("silent_after_days") == {30}


def test_fewer_skill_types_than_the_city_asks_for_do_not_hold(settings):
    township = make_township()
    make_settings(township, least_skill_types=2)
    assert TownshipSettings.of(township.pk).least_skill_types == settings.TEAM_MIN_SKILL_TYPES
    make_settings(township, least_skill_types=5)
    assert TownshipSettings.of(township.pk).least_skill_types == 5


def test_a_condition_goes_by_each_townships_own_value(django_assert_num_queries, settings):
    today = timezone.localdate()
    usual, quick, slow = (make_team(formed_on=today - timedelta(days=40)) for _ in range(3))
    make_settings(quick.township, silent_after_days=10)
    make_settings(slow.township, silent_after_days=90)

    def quiet(days: int) -> Q:
        return Q(formed_on__lte=today - timedelta(days=days))

    with django_assert_num_queries(2):
        found = set(Team.objects.filter(TownshipSettings.by_township().where("silent_after_days", quiet)))
    assert found == {usual, quick}
    settings.SILENT_AFTER_DAYS = 41
    assert set(Team.objects.filter(TownshipSettings.by_township().where("silent_after_days", quiet))) == {quick}
    in_townships = TownshipSettings.by_township().where(
        "silent_after_days", lambda days: Q(pk__gt=0) & Q(code__gt=""), path="pk"
    )
    assert Township.objects.filter(in_townships).count() == 3


@pytest.mark.parametrize(("name", "value"), [("silent_after_days", 0), ("feedback_working_days", 61)])
def test_the_database_refuses_senseless_numbers(name, value):
    with pytest.raises(IntegrityError):
        make_settings(make_township(), **{name: value})


def test_one_active_channel_has_a_number_in_a_township():
    first = make_channel(number="12345")
    make_channel(number="12345")  # another township's
    make_channel(township=first.township, number="12345", is_active=False)
    with pytest.raises(IntegrityError):
        make_channel(township=first.township, number="12345")
