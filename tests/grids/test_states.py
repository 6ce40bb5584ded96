"""How a grid is served: its state, why it is so, where it is mended, and that all pages say the same."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import resolve
from django.utils import timezone

from accounts.rights import Role
from areas.models import TownshipSettings
from grids.models import Grid, Membership, Team
from grids.states import GridState, with_state
from grids.tiles import tiles_of
from services.domain.request import withdraw_request
from tests.factories import (
    make_grid,
    make_log,
    make_membership,
    make_request,
    make_settings,
    make_skill_type,
    make_team,
    make_township,
    make_user,
    make_village,
    make_volunteer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def township():
    return make_township()


@pytest.fixture
def staff(township):
    return make_user(Role.TOWNSHIP_STAFF, township=township)


def days_ago(days):
    return timezone.localdate() - timedelta(days=days)


def asked(days):
    return timezone.now() - timedelta(days=days)


def serving(township, *, days=1, **fields):
    """Make a team that served so many days ago."""
    team = make_team(township=township, **fields)
    make_log(team=team, on=days_ago(days))
    return team


def one_kind(team):
    """Give all members the same primary skill type."""
    skill = make_skill_type()
    for membership in team.memberships.select_related("volunteer"):
        type(membership.volunteer).objects.filter(pk=membership.volunteer_id).update(primary_skill=skill)


def state_of(grid, reader):
    (state,) = with_state(Grid.objects.filter(pk=grid.pk), reader).values_list("state", flat=True)
    return state


def tile_of(grid, reader):
    (tile,) = tiles_of(Grid.objects.filter(pk=grid.pk), reader)
    assert tile.state == state_of(grid, reader)
    return tile


# --- The state ------------------------------------------------------------------------------------------


def test_state_names_what_is_to_be_mended_first(township, staff):
    bare, retired = make_grid(township=township), make_grid(township=township, is_retired=True)
    forming, well = make_team(township=township, state="forming"), serving(township)
    silent = serving(township, days=settings.SILENT_AFTER_DAYS)
    short, overdue = serving(township), serving(township)
    one_kind(short)
    make_request(team=overdue, asked_at=asked(1))

    assert [state_of(grid, staff) for grid in (bare, retired)] == [GridState.NO_TEAM, GridState.RETIRED]
    states = [state_of(team.grid, staff) for team in (forming, overdue, short, silent, well)]
    assert states == [GridState.FORMING, GridState.OVERDUE, GridState.SKILLS, GridState.SILENT, GridState.WELL]


def test_state_of_a_team_that_lacks_everything_is_who_waits(township, staff):
    team = serving(township, days=90)
    one_kind(team)
    assert state_of(team.grid, staff) == GridState.SKILLS

    make_request(team=team, asked_at=asked(9))
    tile = tile_of(team.grid, staff)

    assert tile.state == GridState.OVERDUE
    assert [text.split()[1] for text in tile.reasons] == ["request", "members", "last"]
    assert "passed 8 days ago" in tile.reasons[0]


def test_grid_whose_team_was_dissolved_has_no_team(township, staff):
    team = make_team(township=township, state="dissolved", dissolved_on=days_ago(1))

    assert state_of(team.grid, staff) == GridState.NO_TEAM


def test_team_that_became_active_lately_is_not_silent(township, staff):
    team = make_team(township=township, activated_on=days_ago(settings.SILENT_AFTER_DAYS - 1))

    tile = tile_of(team.grid, staff)

    assert tile.state == GridState.WELL
    assert tile.reasons[0].startswith("No service so far")


def test_withdrawn_service_ends_no_silence(township, staff):
    team = make_team(township=township)
    make_log(team=team, on=days_ago(1), is_withdrawn=True, withdrawn_reason="误记")

    assert state_of(team.grid, staff) == GridState.SILENT


def test_request_is_overdue_once_a_deadline_has_passed(township, staff):
    team = serving(township)
    request = make_request(team=team)
    assert state_of(team.grid, staff) == GridState.WELL

    type(request).objects.filter(pk=request.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    assert state_of(team.grid, staff) == GridState.OVERDUE

    withdraw_request(request, by=staff)
    assert state_of(team.grid, staff) == GridState.WELL


def test_each_township_goes_by_its_own_settings(township, staff):
    strict = make_township()
    make_settings(strict, silent_after_days=10, least_skill_types=4)
    admin = make_user(Role.ADMIN)
    teams = {place: [serving(place, days=12, members=4), serving(place)] for place in (township, strict)}

    found = {place: [state_of(team.grid, admin) for team in teams[place]] for place in teams}

    assert found[township] == [GridState.WELL, GridState.WELL]
    assert found[strict] == [GridState.SILENT, GridState.SKILLS]
    assert "asks for 4" in tile_of(teams[strict][1].grid, admin).reasons[0]


def test_nobody_is_silent_where_no_logs_are_kept(township, staff):
    team, elsewhere = serving(township, days=90), serving(make_township(), days=90)
    make_settings(township, uses_logs=False)

    assert state_of(team.grid, staff) == GridState.WELL
    assert set(Team.objects.silent(timezone.localdate())) == {elsewhere}


def test_settings_are_asked_for_once(township, staff, django_assert_num_queries):
    serving(township)
    with django_assert_num_queries(2):
        list(with_state(Grid.objects.all(), staff).values_list("state"))


# --- What a leader is told ------------------------------------------------------------------------------


def leader_of(team):
    user = make_user(Role.TEAM_LEADER, township=team.township)
    volunteer = team.memberships.get(role=Membership.Role.LEADER).volunteer
    type(volunteer).objects.filter(pk=volunteer.pk).update(user=user)
    return user


def test_leader_is_told_everything_of_the_own_grid_and_of_others_only_whether_there_is_a_team(township):
    own, other = serving(township, days=90), serving(township, days=90)
    forming, bare = make_team(township=township, state="forming"), make_grid(township=township)
    make_request(team=other, asked_at=asked(30))
    leader = leader_of(own)

    assert tile_of(own.grid, leader).state == GridState.SILENT
    tile = tile_of(other.grid, leader)
    assert tile.state == GridState.COVERED
    assert (tile.team, tile.leader, tile.count, tile.last, tile.brief) == ("", "", 0, "", "")
    assert tile.reasons == ("An active team serves this grid.",)
    assert [tile_of(grid, leader).state for grid in (forming.grid, bare)] == [GridState.FORMING, GridState.NO_TEAM]
    assert tile_of(forming.grid, leader).reasons == ("A team is being formed for this grid.",)


def test_leader_is_led_only_to_pages_that_are_there_for_them(township, client):
    own, _other = serving(township, days=90), serving(township)
    make_team(township=township, state="forming")
    make_grid(township=township)
    leader = leader_of(own)
    client.force_login(leader)

    for tile in tiles_of(Grid.objects.visible_to(leader), leader):
        assert client.get(tile.url).status_code == 200, tile


# --- Where it is mended ---------------------------------------------------------------------------------


def test_tiles_lead_to_the_mend(township, staff):
    reviewer = make_user(Role.REVIEWER, township=township)
    bare, forming = make_grid(township=township), make_team(township=township, members=2, state="forming")
    silent, overdue, short, well = (serving(township, days=days) for days in (60, 1, 1, 1))
    make_request(team=overdue, asked_at=asked(20))
    one_kind(short)
    grids = [bare, *(team.grid for team in (forming, overdue, short, silent, well))]

    def names(reader):
        return [resolve(tile_of(grid, reader).url.partition("?")[0]).view_name for grid in grids]

    assert names(staff) == [
        "grids:composition_begin",
        "grids:member_add",
        "services:request_list",
        "grids:member_add",
        "services:team_month",
        "grids:team_detail",
    ]
    assert names(reviewer) == [
        "grids:grid_detail",
        "grids:team_detail",
        "services:request_list",
        *["grids:team_detail"] * 3,
    ]


def test_overdue_tile_leads_to_exactly_its_requests(township, staff, client):
    team = serving(township)
    late = make_request(team=team, asked_at=asked(20))
    make_request(team=team)
    make_request(asked_at=asked(20))
    client.force_login(staff)

    page = client.get(tile_of(team.grid, staff).url).context["page"]

    assert [row["url"] for row in page.rows] == [late.get_absolute_url()]


def test_forming_team_that_is_complete_or_full_leads_to_its_page(township, staff):
    complete = make_team(township=township, state="forming")
    full = make_team(township=township, members=10, state="forming")
    one_kind(full)

    assert "Activate it" in tile_of(complete.grid, staff).reasons[0]
    for team in (complete, full):
        assert tile_of(team.grid, staff).url == team.get_absolute_url()


def test_forming_team_says_what_it_has_and_what_is_asked(township, staff):
    village = make_village(township=township)
    team = make_team(grid=make_grid(village=village), members=0)
    make_membership(team, make_volunteer(village=village))

    tile = tile_of(team.grid, staff)

    assert tile.reasons[0] == "The team has 1 member of 1 skill type so far."
    assert tile.reasons[-1] == "The leader is missing."
    assert TownshipSettings.of(township.pk).least_skill_types == 3
