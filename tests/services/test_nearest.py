"""The nearest team that is able to take a request, with its reasons."""

from datetime import date

import pytest

from services.domain.dispatch import hand_back
from services.domain.nearest import Distance, nearest_teams
from services.models import HelpRequest
from tests.factories import (
    make_category,
    make_grid,
    make_page_request,
    make_qualification,
    make_request,
    make_team,
    make_township,
    make_user,
    make_village,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 7, 8)


@pytest.fixture
def township():
    return make_township()


@pytest.fixture
def village(township):
    return make_village(township=township, district="东片")


@pytest.fixture
def asked(village):
    """Return a request from the village that no team has."""
    return make_page_request(village=village)


def team_in(village, **fields):
    return make_team(grid=make_grid(village=village), **fields)


def found(asked, **options):
    return [each.team for each in nearest_teams(asked, TODAY, **options).proposals]


def test_own_village_comes_first_then_the_part_of_the_township_then_the_rest(asked, village, township):
    far = team_in(make_village(township=township, district="西片"))
    near = team_in(make_village(township=township, district="东片"))
    own = team_in(village)
    make_team()  # another township's

    nearest = nearest_teams(asked, TODAY)

    assert [each.team for each in nearest.proposals] == [own, near, far]
    assert [each.distance for each in nearest.proposals] == [Distance.VILLAGE, Distance.DISTRICT, Distance.TOWNSHIP]
    assert nearest.are_able


def test_villages_without_a_part_are_not_near_each_other(township):
    asked = make_page_request(village=make_village(township=township))
    other = team_in(make_village(township=township))

    assert [(each.team, each.distance) for each in nearest_teams(asked, TODAY).proposals] == [
        (other, Distance.TOWNSHIP)
    ]


def test_of_equally_near_ones_the_team_with_the_fewest_open_requests_comes_first(asked, village):
    busy, idle = team_in(village), team_in(village)
    make_request(team=busy)
    make_request(team=idle, state="resolved")

    assert [(each.team, each.open_requests) for each in nearest_teams(asked, TODAY).proposals] == [(idle, 0), (busy, 1)]


def test_able_is_who_has_the_skill_and_the_qualification(asked, village, township):
    team_in(village)
    able = team_in(make_village(township=township))
    doctor = able.memberships.first().volunteer
    make_qualification(doctor)
    category = make_category(qualification_kind="medical")
    category.skills.set([doctor.primary_skill])
    HelpRequest.objects.update(category=category)
    asked.refresh_from_db()

    nearest = nearest_teams(asked, TODAY)

    assert [(each.team, each.fitting, each.holders) for each in nearest.proposals] == [(able, 1, 1)]
    assert (nearest.are_able, nearest.qualification) == (True, "Medical")


def test_expired_qualification_makes_nobody_able_and_the_nearest_are_proposed_all_the_same(asked, village):
    team = team_in(village)
    make_qualification(team.memberships.first().volunteer, expires_on=date(2026, 7, 7))
    HelpRequest.objects.update(category=make_category(qualification_kind="medical"))
    asked.refresh_from_db()

    nearest = nearest_teams(asked, TODAY)

    assert (nearest.are_able, [each.team for each in nearest.proposals]) == (False, [team])


def test_who_has_it_gave_it_back_or_is_not_active_is_not_proposed(village, township):
    first, second = team_in(village), team_in(village)
    team_in(village, members=0)  # still forming
    asked = make_request(team=first)

    assert found(asked) == [second]

    staff = make_user(township=township)
    hand_back(asked, reason="都在外地", by=staff)
    asked = HelpRequest.objects.get(pk=asked.pk)
    assert found(asked) == [second]


def test_no_more_than_a_few_are_proposed_in_few_queries(asked, village, django_assert_max_num_queries):
    for _number in range(5):
        team_in(village)

    with django_assert_max_num_queries(4):
        assert len(found(asked)) == 3
