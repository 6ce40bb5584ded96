"""网格覆盖: the coverage board of the city and of a township, its figures, filters, search, table and file."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.rights import Role
from grids.models import Membership
from grids.states import GridState
from tests.export_reading import read_csv
from tests.factories import (
    make_grid,
    make_log,
    make_request,
    make_team,
    make_township,
    make_user,
    make_village,
)

pytestmark = pytest.mark.django_db

CITY = "/grids/"


@pytest.fixture
def township():
    return make_township()


@pytest.fixture
def staff(client_of, township):
    return client_of(Role.TOWNSHIP_STAFF, township=township)


@pytest.fixture
def admin(client_of):
    return client_of(Role.ADMIN)


def board_of(township):
    return reverse("grids:township_detail", args=[township.pk])


def fill(village):
    """Give the village a grid in each of five states, and a retired one."""
    today = timezone.localdate()
    make_grid(village=village)
    make_team(grid=make_grid(village=village), state="forming", members=1)
    for days in (1, 1, settings.SILENT_AFTER_DAYS + 12):
        team = make_team(grid=make_grid(village=village))
        make_log(team=team, on=today - timedelta(days=days))
    asked = timezone.now() - timedelta(days=7)
    make_request(team=village.grids.get(number=3).teams.get(), asked_at=asked)
    make_grid(village=village, is_retired=True)
    return village


def legend_of(response):
    return {entry["state"]: entry["count"] for entry in response.context["legend"]}


def figures_of(tile):
    """Return address, state and count of each figure of a township's tile, in their order."""
    found = re.findall(r'href="([^"]*state=([a-z_]+))">.*?<b>([0-9]+)</b>', tile["figures"])
    return [(address, state, int(count)) for address, state, count in found]


FILLED = {"no_team": 1, "forming": 1, "overdue": 1, "skills": 0, "silent": 1, "well": 1}


# --- A township ----------------------------------------------------------------------------------------


def test_township_has_a_row_a_village_and_a_tile_a_grid(staff, township):
    village, bare = fill(make_village(township=township)), make_village(township=township)
    fill(make_village())

    response = staff.get(CITY)

    rows = [(row["key"], row["shown"]) for row in response.context["rows"]]
    assert rows == [(village.pk, 5), (bare.pk, 0)]
    assert legend_of(response) == FILLED
    assert response.context["total"].households == 5 * 30
    html = response.content.decode()
    assert html.count('role="tooltip"') == 5
    assert "1 request is overdue" in html
    assert " title=" not in html.partition("<main")[2].partition("</main>")[0]


def test_each_tile_is_described_by_its_own_reason(staff, township):
    fill(make_village(township=township))

    html = staff.get(CITY).content.decode()

    described = re.findall(r'aria-describedby="(why-[0-9]+)"', html)
    assert len(described) == 5
    assert described == re.findall(r'id="(why-[0-9]+)"', html)


def test_every_figure_of_a_board_leads_to_its_rows(staff, township):
    fill(make_village(township=township))
    response = staff.get(CITY)

    for entry in response.context["legend"]:
        found = staff.get(CITY + entry["url"]).context
        assert sum(row["shown"] for row in found["rows"]) == entry["count"], entry
        assert len(staff.get(found["list_url"]).context["page"].rows) == entry["count"], entry
    assert len(staff.get(response.context["list_url"]).context["page"].rows) == 5


def test_state_that_is_chosen_is_left_by_the_same_link(staff, township):
    fill(make_village(township=township))

    (entry,) = [entry for entry in staff.get(CITY, {"state": "silent"}).context["legend"] if entry["current"]]

    assert entry["state"] == GridState.SILENT
    assert entry["url"] == "?"


def test_search_keeps_the_villages_with_the_words(staff, township):
    fill(make_village(township=township, name="白溪村"))
    make_village(township=township, name="黄坦村")

    assert [row["name"] for row in staff.get(CITY, {"q": "溪"}).context["rows"]] == ["白溪村"]
    nothing = staff.get(CITY, {"q": "无此村"})
    assert "No village matches." in nothing.content.decode()
    assert legend_of(nothing) == FILLED


@pytest.mark.parametrize("query", [{"state": "x"}, {"state": "retired"}, {"view": "x"}, {"q": "长" * 41}])
def test_filters_that_are_not_understood_are_said(staff, township, query):
    fill(make_village(township=township))

    response = staff.get(CITY, query)

    assert response.context["asked"].problems == ["A filter was not understood, so everything is shown."]
    assert legend_of(response) == FILLED


def test_what_is_typed_is_printed_as_text(staff, township):
    html = staff.get(CITY, {"q": '"><b>'}).content.decode()

    assert '"><b>' not in html
    assert "&quot;&gt;&lt;b&gt;" in html


def test_table_figures_lead_to_their_rows(client_of, township):
    fill(make_village(township=township))
    for person in (client_of(Role.TOWNSHIP_STAFF, township=township), client_of(Role.ADMIN)):
        rows = person.get(board_of(township), {"view": "table"}).context["lines"]

        figures = [figure for row in rows for figure in row["figures"]]
        assert [count for _label, count, _url in figures] == [5, 3, 2, *FILLED.values()]
        for label, count, url in figures:
            assert (len(person.get(url).context["page"].rows) if url else 0) == count, label


def test_file_of_a_township_holds_the_table(staff, township):
    village = fill(make_village(township=township))

    lines = read_csv(staff.post(CITY, {"export": "csv"}))

    assert lines[0][:4] == ["Village", "Grids", "Covered", "Uncovered"]
    assert lines[1] == [str(village), "5", "3", "2", *map(str, FILLED.values())]


# --- The city ------------------------------------------------------------------------------------------


def test_city_has_a_tile_a_township_with_the_worst_named_first(admin, township):
    fill(make_village(township=township))
    empty = make_township()

    response = admin.get(CITY)

    tiles = {tile["name"]: tile for tile in response.context["tiles"]}
    worst_first = [name for name, count in FILLED.items() if count]
    assert [state for _address, state, _count in figures_of(tiles[township.name])] == worst_first
    assert tiles[township.name]["worst"] == GridState.NO_TEAM
    assert (tiles[empty.name]["sum"], tiles[empty.name]["figures"]) == ("0 grids", "")
    assert legend_of(response) == FILLED


def test_city_figures_lead_to_the_township_with_the_same(admin, township):
    fill(make_village(township=township))

    (tile,) = admin.get(CITY).context["tiles"]

    assert len(figures_of(tile)) == 5
    for address, _state, count in figures_of(tile):
        assert sum(row["shown"] for row in admin.get(address).context["rows"]) == count


def test_township_in_good_order_has_no_worst_state(admin, township):
    make_log(team=make_team(township=township), on=timezone.localdate())

    (tile,) = admin.get(CITY).context["tiles"]

    assert tile["worst"] is None


def test_city_is_narrowed_to_the_townships_with_a_state(admin, township):
    fill(make_village(township=township))
    make_grid(township=make_township())

    assert [tile["name"] for tile in admin.get(CITY, {"state": "silent"}).context["tiles"]] == [township.name]
    assert "No grid is in this state." in admin.get(CITY, {"state": "skills"}).content.decode()


def test_city_search_shows_the_villages_of_any_township(admin, township):
    village = fill(make_village(township=township, name="白溪村"))
    other = make_village(name="白溪外村")

    response = admin.get(CITY, {"q": "白溪"})

    assert {row["key"]: row["shown"] for row in response.context["rows"]} == {village.pk: 5, other.pk: 0}
    assert str(township) in response.content.decode()


def test_city_search_says_when_there_are_more(admin):
    for _ in range(31):
        make_village(name="同名村")

    response = admin.get(CITY, {"q": "同名"})

    assert len(response.context["rows"]) == 30
    assert "type a longer part" in response.content.decode()


def test_city_table_and_file_hold_the_same(admin, township):
    fill(make_village(township=township))

    (row,) = admin.get(CITY, {"view": "table"}).context["lines"]
    lines = read_csv(admin.post(CITY, {"export": "csv"}))

    assert lines[1] == [row["name"], *(str(count) for _label, count, _url in row["figures"])]
    for _label, count, url in row["figures"]:
        assert (len(admin.get(url).context["page"].rows) if url else 0) == count


# --- Who sees what -------------------------------------------------------------------------------------


def test_leader_sees_the_township_and_the_state_of_the_own_grid_only(client, township):
    village = fill(make_village(township=township))
    own = village.grids.get(number=5).teams.get()
    leader = make_user(Role.TEAM_LEADER, township=township)
    volunteer = own.memberships.get(role=Membership.Role.LEADER).volunteer
    type(volunteer).objects.filter(pk=volunteer.pk).update(user=leader)
    client.force_login(leader)

    response = client.get(CITY)

    assert legend_of(response) == {**dict.fromkeys(FILLED, 0), "no_team": 1, "forming": 1, "silent": 1, "covered": 2}
    tiles = response.content.decode().partition('class="board-villages"')[2]
    assert "An active team serves this grid." in tiles
    assert "overdue" not in tiles
    assert legend_of(client.get(CITY, {"view": "table"})) == legend_of(response)
    found = client.get(reverse("grids:grid_list"), {"state": "overdue"}).context["page"]
    assert found.rows == []
    assert response.context["offer"] is None


@pytest.mark.parametrize("query", [{}, {"view": "table"}, {"q": "村"}, {"state": "well"}])
def test_queries_do_not_depend_on_how_much_there_is(client_of, township, query, django_assert_max_num_queries):
    people = [client_of(Role.ADMIN), client_of(Role.TOWNSHIP_STAFF, township=township)]
    for _ in range(2):
        for _ in range(3):
            fill(make_village(township=township, name="某村"))
            make_grid()
        for person in people:
            with django_assert_max_num_queries(14):
                assert person.get(CITY, query).status_code == 200
            with django_assert_max_num_queries(14):
                assert person.get(board_of(township), query).status_code == 200


class _Balance(HTMLParser):
    """Fails where a tag is not closed."""

    VOID = {"input", "meta", "link", "br", "img", "path", "rect", "circle", "line", "polyline", "ellipse", "polygon"}

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_pages_close_their_tags(admin, township):
    fill(make_village(township=township))
    for path in (CITY, board_of(township), f"{CITY}?view=table"):
        reader = _Balance()
        reader.feed(admin.get(path).content.decode())
        assert reader.open == ["html"] or reader.open == []


def test_tiles_print_names_and_braces_as_text(staff, township):
    fill(make_village(township=township, name="<b>{0}&村"))

    html = staff.get(CITY).content.decode()

    assert "&lt;b&gt;{0}&amp;村" in html
    assert "<b>{0}" not in html
    assert not re.search("[\ue000-\uf8ff]", html)
