"""The pages of villages, grids and teams: what they show, to whom, and what they do."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from grids.models import Grid, Membership, Team
from tests.factories import (
    make_grid,
    make_log,
    make_membership,
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
def staff(client_of, township):
    return client_of(Role.TOWNSHIP_STAFF, township=township)


def url(name, record=None):
    return reverse(f"grids:{name}", args=[record.pk] if record else [])


def found(response):
    """Return the names of the rows of a list."""
    return [row["name"] for row in response.context["page"].rows]


def many_teams(township, count):
    for _ in range(count):
        make_log(team=make_team(township=township))


# --- What is shown --------------------------------------------------------------------------------------


def test_village_detail_has_a_tile_for_each_grid(staff, township):
    village = make_village(township=township)
    grids = [make_grid(village=village) for _ in range(2)]

    response = staff.get(url("village_detail", village))

    assert [tile.name for tile in response.context["tiles"]] == [str(grid) for grid in grids]


def test_team_list_shows_members_leader_and_last_service(staff, township):
    team = make_team(township=township, members=4)
    make_log(team=team, on=timezone.localdate())

    (row,) = staff.get(url("team_list")).context["page"].rows

    leader = team.memberships.get(role="leader").volunteer.name
    assert (row["leader"], row["count"], len(row["skills"])) == (leader, 4, 4)


def test_team_list_filters_by_silence_as_the_home_page_counts(staff, township):
    today = timezone.localdate()
    silent, served, young = (make_team(township=township) for _ in range(3))
    make_log(team=silent, on=today - timedelta(days=30))
    make_log(team=silent, on=today, is_withdrawn=True, withdrawn_reason="误记")
    make_log(team=served, on=today - timedelta(days=29))
    Team.objects.filter(pk=young.pk).update(activated_on=today)

    assert found(staff.get(url("team_list"), {"silent": "30"})) == [silent.name]
    assert found(staff.get(url("team_list"), {"silent": "never"})) == [young.name]


def test_team_list_filters_by_name_state_and_village(staff, township):
    red = make_team(township=township, name="红旗服务队")
    forming = make_team(township=township, state="forming", name="东方服务队")

    assert found(staff.get(url("team_list"), {"q": "红旗"})) == [red.name]
    assert found(staff.get(url("team_list"), {"state": "forming"})) == [forming.name]
    assert found(staff.get(url("team_list"), {"village": red.grid.village_id})) == [red.name]


@pytest.mark.parametrize(
    "query", [{"silent": "-1"}, {"state": "x"}, {"village": "٣"}, {"township": "9"}, {"q": "\0"}, {"after": "x"}]
)
def test_team_list_takes_rubbish(client_of, query):
    assert client_of(Role.ADMIN).get(url("team_list"), query).status_code == 200


def test_team_list_does_not_offer_or_take_another_township(staff):
    elsewhere = make_team()

    response = staff.get(url("team_list"), {"village": elsewhere.grid.village_id})

    assert found(response) == []
    assert elsewhere.name not in response.content.decode()


def test_team_detail_says_what_is_missing(staff, township):
    team = make_team(township=township, members=2, state="forming")

    response = staff.get(url("team_detail", team))

    assert len(response.context["missing"]) == 2
    assert list(response.context["missing_members"]) == [0]


def test_team_detail_tells_who_was_in_the_team_on_a_day(staff, township):
    team = make_team(township=township)
    former = make_membership(team, joined_on=date(2021, 1, 1), left_on=date(2022, 1, 1))

    def on(day):
        found = staff.get(url("team_detail", team), {"day": day}).context["time_line"]["on_day"]
        return {member["name"] for member in found["members"]}

    present = set(team.memberships.current().values_list("volunteer__name", flat=True))
    assert on("2021年7月12日") == present | {former.volunteer.name}
    assert on("2022-07-12") == present


@pytest.mark.parametrize("day", ["", "0202-01-01", "2026-02-29", "\0", "x" * 300])
def test_team_detail_takes_any_day(staff, township, day):
    assert staff.get(url("team_detail", make_team(township=township)), {"day": day}).status_code == 200


def test_team_leader_sees_the_own_team_without_actions(client_of, township):
    team, other = make_team(township=township), make_team(township=township)
    client = client_of(Role.TEAM_LEADER, township=township)
    leader = team.memberships.get(role="leader").volunteer
    leader.user = client.user
    leader.save()

    page = client.get(url("team_detail", team))

    assert page.status_code == 200
    assert url("member_add", team) not in page.content.decode()
    assert client.get(url("team_detail", other)).status_code == 404
    assert found(client.get(url("team_list"))) == [team.name]
    assert client.get(url("member_add", team)).status_code == 403


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("township_detail", lambda team: team.township),
        ("village_detail", lambda team: team.grid.village),
        ("grid_create", lambda team: team.grid.village),
        ("grid_detail", lambda team: team.grid),
        ("grid_edit", lambda team: team.grid),
        ("team_form", lambda team: team.grid),
        ("team_detail", lambda team: team),
        ("team_rename", lambda team: team),
        ("team_dissolve", lambda team: team),
        ("member_add", lambda team: team),
        ("member_replace", lambda team: team.memberships.first()),
        ("member_remove", lambda team: team.memberships.first()),
    ],
)
def test_another_townships_pages_are_not_there(staff, name, record):
    assert staff.get(url(name, record(make_team()))).status_code == 404


@pytest.mark.parametrize(
    "page", ["village_list", "township_detail", "village_detail", "grid_list", "grid_detail", "team_list"]
)
def test_queries_do_not_depend_on_the_number_of_teams(client_of, page, django_assert_max_num_queries, township):
    client, village = client_of(Role.ADMIN), make_village(township=township)
    record = {"township_detail": township, "village_detail": village, "grid_detail": make_grid(village=village)}.get(
        page
    )
    for count in (1, 6):
        for _ in range(count):
            make_log(team=make_team(grid=make_grid(village=village)))

        with django_assert_max_num_queries(18):
            assert client.get(url(page, record)).status_code == 200


@pytest.mark.parametrize("page", ["team_detail", "member_add"])
def test_queries_do_not_depend_on_the_number_of_members(client_of, page, django_assert_max_num_queries, township):
    client = client_of(Role.ADMIN)
    team = make_team(township=township, members=1, state="forming")
    for count in (1, 7):
        for _ in range(count):
            make_membership(team)
            make_membership(team, left_on=date(2022, 1, 1))
            make_volunteer(village=team.grid.village)

        with django_assert_max_num_queries(27 if page == "team_detail" else 16):
            assert client.get(url(page, team), {"day": "2021-01-01"}).status_code == 200


# --- What is done -----------------------------------------------------------------------------------------


def test_staff_draw_a_grid_form_a_team_and_activate_it(staff, township):
    village = make_village(township=township)
    people = [make_volunteer(village=village) for _ in range(3)]

    grid_page = staff.post(url("grid_create", village), {"number": "1", "households": "30"})
    grid = Grid.objects.get()
    team_page = staff.post(url("team_form", grid), {"name": "", "on": "2026-01-05"})
    team = Team.objects.get()
    for position, person in enumerate(people):
        role = "member" if position else "leader"
        added = staff.post(url("member_add", team), {"volunteer": person.pk, "role": role, "on": "2026-01-06"})
        assert added.status_code == 302
    staff.post(url("team_activate", team))

    assert (grid_page.url, team_page.url) == (grid.get_absolute_url(), team.get_absolute_url())
    team.refresh_from_db()
    assert team.state == "active"
    assert team.memberships.current().count() == 3


def test_candidates_are_free_people_of_the_township_home_village_first(staff, township):
    team = make_team(township=township)
    elsewhere = make_volunteer(village=make_village(township=township), name_pinyin="aaa")
    near = make_volunteer(village=team.grid.village, name_pinyin="zzz")
    make_volunteer(village=team.grid.village, status="suspended")
    make_volunteer()

    assert staff.get(url("member_add", team)).context["candidates"] == [near, elsewhere]


@pytest.mark.parametrize("text", ["王大", "wdc", "wangda", "WDC", "0099", "００９９"])
def test_candidates_are_searched_by_name_pinyin_and_number(staff, township, text):
    team = make_team(township=township)
    make_volunteer(village=team.grid.village)
    wanted = make_volunteer(
        village=team.grid.village, name="王大成", name_pinyin="wangdacheng", name_initials="wdc", number="0099001"
    )

    response = staff.get(url("member_add", team), {"q": text}, headers={"HX-Request": "true"})

    assert response.context["candidates"] == [wanted]
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"volunteer": "x", "role": "member", "on": "2026-01-01"},
        {"volunteer": "1", "role": "chief", "on": "2026-01-01"},
        {"volunteer": "1", "role": "member", "on": "2026-02-29"},
        {"volunteer": "9" * 40, "role": "member", "on": "0202-01-01"},
        {"volunteer": "\0", "role": "\0", "on": "\0"},
    ],
)
def test_member_add_takes_bad_input(staff, township, data):
    team = make_team(township=township)

    assert staff.post(url("member_add", team), data).status_code == 422
    assert team.memberships.count() == 3


def test_member_add_refuses_another_townships_volunteer_without_naming_them(staff, township):
    team, foreign = make_team(township=township), make_volunteer(name="金丝雀")

    response = staff.post(url("member_add", team), {"volunteer": foreign.pk, "role": "member", "on": "2026-01-01"})

    assert response.status_code == 422
    assert "金丝雀" not in response.content.decode()


def test_member_add_keeps_the_choice_when_a_rule_refuses_it(staff, township):
    team, other = make_team(township=township), make_team(township=township)
    taken = other.memberships.last().volunteer

    response = staff.post(url("member_add", team), {"volunteer": taken.pk, "role": "member", "on": "2026-01-01"})

    assert response.status_code == 422
    assert response.context["candidates"][0] == taken
    assert other.name in response.content.decode()


def test_member_replace_is_one_step(staff, township):
    team = make_team(township=township)
    outgoing, incoming = team.memberships.last(), make_volunteer(village=team.grid.village)

    response = staff.post(
        url("member_replace", outgoing), {"volunteer": incoming.pk, "reason": "轮换", "on": "2026-01-01"}
    )

    assert response.url == team.get_absolute_url()
    assert team.memberships.current().filter(volunteer=incoming).exists()
    assert Membership.objects.get(pk=outgoing.pk).reason == "轮换"


def test_member_remove_says_why_not_and_keeps_what_was_typed(staff, township):
    team = make_team(township=township)

    response = staff.post(url("member_remove", team.memberships.last()), {"reason": "外出务工", "on": "2026-01-01"})

    assert response.status_code == 422
    assert "外出务工" in response.content.decode()
    assert team.memberships.current().count() == 3


@pytest.mark.parametrize(("reason", "on"), [("", "2026-01-01"), ("长" * 101, "2026-01-01"), ("走", "2199-01-01")])
def test_member_remove_takes_bad_input(staff, township, reason, on):
    team = make_team(township=township, members=4)

    response = staff.post(url("member_remove", team.memberships.last()), {"reason": reason, "on": on})

    assert response.status_code == 422
    assert team.memberships.current().count() == 4


def test_leader_and_deputy_are_chosen_by_buttons(staff, township):
    team = make_team(township=township)
    first, second, third = team.memberships.order_by("pk")

    staff.post(url("leader_choose", second))
    staff.post(url("deputy_choose", third))
    staff.post(url("deputy_choose", first))
    staff.post(url("deputy_release", first))

    assert list(team.memberships.order_by("pk").values_list("role", flat=True)) == ["member", "leader", "deputy"]


def test_button_of_a_stale_page_says_why_nothing_happens(staff, township):
    team = make_team(township=township, members=0)
    former = make_membership(team, left_on=date(2022, 1, 1))

    page = staff.post(url("leader_choose", former), follow=True)

    assert len(list(page.context["messages"])) == 1
    assert team.memberships.filter(role="leader").count() == 0


def test_team_dissolve_asks_for_the_reason(staff, township):
    team = make_team(township=township)

    assert staff.post(url("team_dissolve", team), {"reason": "", "on": ""}).status_code == 422
    assert staff.post(url("team_dissolve", team), {"reason": "并村", "on": "2026-01-01"}).status_code == 302

    team.refresh_from_db()
    assert team.state == "dissolved"
    assert staff.get(url("team_detail", team)).status_code == 200


def test_team_rename_and_grid_edit_refuse_an_old_version_once(staff, township):
    team = make_team(township=township)
    staff.post(url("team_rename", team), {"name": "红旗队", "version": "0"})

    stale = staff.post(url("team_rename", team), {"name": "东方队", "version": "0"})
    again = staff.post(
        url("team_rename", team), {"name": "东方队", "version": stale.context["form"]["version"].value()}
    )

    assert (stale.status_code, again.status_code) == (422, 302)
    team.refresh_from_db()
    assert team.name == "东方队"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"number": "0", "households": "30"},
        {"number": "1", "households": "x"},
        {"number": "1" * 30, "households": "1"},
        {"number": "1", "households": "30", "boundary": "界" * 201},
        {"number": "1", "households": "30", "official_code": "\0"},
    ],
)
def test_grid_create_takes_bad_input(staff, township, data):
    assert staff.post(url("grid_create", make_village(township=township)), data).status_code == 422
    assert Grid.objects.count() == 0


def test_grid_retire_waits_for_its_team(staff, township):
    team = make_team(township=township)

    staff.post(url("grid_retire", team.grid))
    assert Grid.objects.get().is_retired is False
    staff.post(url("team_dissolve", team), {"reason": "并村", "on": "2026-01-01"})
    staff.post(url("grid_retire", team.grid))

    assert Grid.objects.get().is_retired is True


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.AUDITOR])
def test_reviewers_and_auditors_look_only(client_of, role):
    team, client = make_team(), client_of(role)

    assert client.get(url("team_detail", team)).status_code == 200
    assert client.post(url("team_activate", team)).status_code == 403
    assert client.post(url("member_add", team)).status_code == 403
    assert make_user(role).township is None
