"""The admin site keeps the rules of teams too."""

from datetime import date

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from accounts.rights import Role
from grids.models import Grid, Membership, Team
from tests.factories import make_grid, make_membership, make_team, make_village, make_volunteer

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


def url(model, page, record=None):
    return reverse(f"admin:grids_{model}_{page}", args=[record.pk] if record else [])


def inline(**values):
    """Return what Django's admin sends of a team, with the memberships shown below it."""
    counts = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0", "opened_version": "0"}
    return counts | values


def test_grid_is_drawn_and_changed(admin):
    village = make_village()
    values = {
        "village": village.pk,
        "number": "1",
        "households": "30",
        "boundary": "",
        "official_code": "",
        "opened_version": "0",
    }

    admin.post(url("grid", "add"), values)
    grid = Grid.objects.get()
    changed = values | {"households": "31", "boundary": "溪东"}
    admin.post(url("grid", "change", grid), changed)
    stale = admin.post(url("grid", "change", grid), changed | {"households": "32"})

    grid.refresh_from_db()
    assert (grid.households, grid.boundary, stale.status_code) == (31, "溪东", 200)
    assert set(AuditEntry.objects.filter(content_type__model="grid").values_list("event", flat=True)) == {
        "draw_grid",
        "edit_grid",
    }


def test_grid_with_a_team_is_not_retired(admin):
    team, bare = make_team(), make_grid()
    chosen = {"action": "retire", "_selected_action": [bare.pk, team.grid.pk]}

    admin.post(url("grid", "changelist"), chosen)
    assert Grid.objects.filter(is_retired=True).count() == 0
    admin.post(url("grid", "changelist"), chosen | {"_selected_action": [bare.pk]})

    assert list(Grid.objects.filter(is_retired=True)) == [bare]


def test_team_is_formed_and_renamed(admin):
    grid = make_grid()

    admin.post(url("team", "add"), inline(grid=grid.pk, name="红旗队", formed_on="2026-01-01"))
    team = Team.objects.get()
    admin.post(url("team", "change", team), inline(name="东方队"))

    team.refresh_from_db()
    assert (team.name, team.state, team.township) == ("东方队", "forming", grid.village.township)


@pytest.mark.parametrize("model", ["grid", "team"])
def test_record_saved_meanwhile_keeps_the_entries_and_can_be_sent_again(admin, model):
    team = make_team()
    record = {"grid": team.grid, "team": team}[model]
    address = url(model, "change", record)
    field, first, mine = {"grid": ("boundary", "溪东", "溪西"), "team": ("name", "东方队", "红旗队")}[model]
    values = inline(households="30", official_code="", boundary="")
    admin.post(address, values | {field: first})

    stale = admin.post(address, values | {field: mine})

    assert stale.status_code == 200
    form = stale.context["adminform"].form
    assert form[field].value() == mine
    record.refresh_from_db()
    assert getattr(record, field) == first
    again = admin.post(address, values | {field: mine, "opened_version": form["opened_version"].value()})
    assert again.status_code == 302
    record.refresh_from_db()
    assert getattr(record, field) == mine


def test_those_who_only_look_are_shown_no_version(client_of):
    for model, record in (("team", make_team()), ("grid", make_grid())):
        page = client_of(Role.AUDITOR).get(url(model, "change", record)).content.decode()

        assert "opened_version" not in page


def test_second_team_of_a_grid_is_refused_on_the_form(admin):
    grid = make_team().grid

    response = admin.post(url("team", "add"), inline(grid=grid.pk, name="红旗队", formed_on="2026-01-01"))

    assert response.status_code == 200
    assert "红旗队" in response.content.decode()
    assert Team.objects.count() == 1


def test_incomplete_team_is_not_activated(admin):
    team = make_team(members=2, state="forming")

    admin.post(url("team", "changelist"), {"action": "activate", "_selected_action": [team.pk]})

    assert Team.objects.get().state == "forming"


def test_member_joins_and_leaves_by_the_rules(admin):
    team = make_team()
    newcomer = make_volunteer(village=team.grid.village)
    joins = {"team": team.pk, "volunteer": newcomer.pk, "role": "member", "joined_on": "2026-01-01"}

    admin.post(url("membership", "add"), joins)
    membership = Membership.objects.get(volunteer=newcomer)
    admin.post(url("membership", "change", membership), {"left_on": "2026-02-01", "reason": "外出"})

    membership.refresh_from_db()
    assert (membership.left_on, membership.reason) == (date(2026, 2, 1), "外出")


@pytest.mark.parametrize("role", ["leader", "member"])
def test_foreign_member_and_second_leader_are_refused_on_the_form(admin, role):
    team = make_team()
    person = make_volunteer(village=team.grid.village) if role == "leader" else make_volunteer()
    values = {"team": team.pk, "volunteer": person.pk, "role": role, "joined_on": "2026-01-01"}

    response = admin.post(url("membership", "add"), values)

    assert response.status_code == 200
    assert len(response.context["errors"]) == 1
    assert team.memberships.count() == 3


def test_needed_member_does_not_leave(admin):
    membership = make_team().memberships.last()

    response = admin.post(url("membership", "change", membership), {"left_on": "2026-02-01", "reason": "外出"})

    assert response.status_code == 200
    membership.refresh_from_db()
    assert membership.left_on is None


def test_past_memberships_stay_as_they_are(admin):
    former = make_membership(make_team(), left_on=date(2022, 1, 1))

    assert admin.post(url("membership", "change", former), {"left_on": "", "reason": ""}).status_code == 403


@pytest.mark.parametrize("model", ["grid", "team", "membership"])
def test_lists_ask_the_same_whatever_their_length(admin, model, django_assert_max_num_queries):
    for count in (1, 5):
        for _ in range(count):
            make_team()

        with django_assert_max_num_queries(12):
            assert admin.get(url(model, "changelist"), {"q": "队"}).status_code == 200


def test_team_page_asks_the_same_whatever_the_members(admin, django_assert_max_num_queries):
    for members in (3, 10):
        team = make_team(members=members)

        with django_assert_max_num_queries(14):
            assert admin.get(url("team", "change", team)).status_code == 200
