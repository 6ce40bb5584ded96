"""Lists: keyset pages in mixed directions, filters that never fail, a capped count, refreshes by htmx."""

import re

import pytest

from accounts.rights import Role
from areas.models import Village
from common import lists
from tests.factories import make_township, make_village

PATH = "/test/villages/"
pytestmark = pytest.mark.django_db


def names_on(response) -> list[str]:
    return re.findall(r'<a class="row-link"[^>]*>([^<]*)</a>', response.content.decode())


def link(response, words: str) -> str:
    """The address of the pager's link that is built for the words first, previous, next or last."""
    address = getattr(response.context["page"], f"{words}_url")
    assert address
    return PATH + address


def make_villages(count: int):
    """Villages of two townships with names that occur twice, and their names in the list's order."""
    townships = [make_township(name="乙镇"), make_township(name="甲镇")]
    for number in range(count):
        make_village(name=f"村{number // 2:02}", township=townships[number % 2])
    ordered = Village.objects.order_by("-township__name", "name", "-id")
    return [village.name for village in ordered]


def test_pages_forwards_show_every_row_once(client_of):
    expected = make_villages(14)
    client = client_of(Role.ADMIN)

    response = client.get(PATH)
    found = names_on(response)
    while response.context["page"].next_url:
        response = client.get(link(response, "next"))
        found += names_on(response)

    assert found == expected


def test_pages_backwards_from_the_last_show_every_row_once(client_of):
    expected = make_villages(14)
    client = client_of(Role.ADMIN)

    response = client.get(link(client.get(PATH), "last"))
    assert response.context["page"].next_url == ""
    found = names_on(response)
    while response.context["page"].previous_url:
        response = client.get(link(response, "previous"))
        found = names_on(response) + found

    assert found == expected


def test_row_that_vanished_does_not_break_the_way_on(client_of):
    expected = make_villages(9)
    client = client_of(Role.ADMIN)
    address = link(client.get(PATH), "next")
    Village.objects.order_by("-township__name", "name", "-id")[3].delete()

    assert names_on(client.get(address)) == expected[4:8]


def test_place_beyond_the_last_row_shows_the_last_page(client_of):
    expected = make_villages(9)
    client = client_of(Role.ADMIN)
    address = link(client.get(link(client.get(PATH), "next")), "next")
    last = Village.objects.order_by("-township__name", "name", "-id").last()
    last.delete()

    assert names_on(client.get(address)) == expected[4:8]


def test_first_page_has_no_way_back_and_a_short_list_no_pages(client_of):
    make_villages(4)

    page = client_of(Role.ADMIN).get(PATH).context["page"]

    assert (page.first_url, page.previous_url, page.next_url, page.last_url) == ("", "", "", "")
    assert page.has_pages is False


def test_deep_page_asks_as_little_as_the_first(client_of, django_assert_num_queries):
    make_villages(30)
    client = client_of(Role.ADMIN)
    deep = link(client.get(link(client.get(PATH), "last")), "previous")

    for address in (PATH, deep):
        with django_assert_num_queries(6):  # session, user, rows, count, townships to choose from, reminders
            client.get(address)


@pytest.mark.parametrize(
    "query",
    [
        "after=rubbish",
        "after=",
        "before=%01",
        "at=middle",
        "after=" + "x" * 5000,
        "before=eyJhIjoxfQ:1:2",
    ],
)
def test_broken_place_is_the_beginning_with_a_message(query, client_of):
    expected = make_villages(6)

    response = client_of(Role.ADMIN).get(f"{PATH}?{query}")

    assert response.status_code == 200
    assert names_on(response) == expected[:4]
    assert len(response.context["page"].problems) == 1


def test_place_of_another_order_is_not_understood(client_of):
    make_villages(6)
    keyset = lists.Keyset(Village.objects.all(), ("name", "id"), 4)
    foreign = keyset.cursor(Village.objects.first())

    assert len(client_of(Role.ADMIN).get(PATH, {"after": foreign}).context["page"].problems) == 1


@pytest.mark.parametrize(
    "query",
    [
        "township=999999",
        "township=x",
        "township=%00",
        "township=99999999999999999999999",
        "q=" + "长" * 101,
    ],
)
def test_filter_that_is_not_understood_shows_nothing_and_says_so(query, client_of):
    make_villages(6)

    response = client_of(Role.ADMIN).get(f"{PATH}?{query}")

    assert response.status_code == 200
    assert names_on(response) == []
    assert len(response.context["page"].problems) == 1


def test_foreign_township_is_no_choice_and_shows_none_of_its_rows(client_of):
    foreign = make_village(name="外村").township
    own = make_village(name="本村").township
    client = client_of(Role.TOWNSHIP_STAFF, township=own)

    response = client.get(PATH, {"township": foreign.pk})

    assert "外村" not in response.content.decode()
    assert foreign.name not in response.content.decode()


def test_dependent_filter_that_no_longer_fits_is_left_out(client_of):
    first, second = make_village(name="甲村"), make_village(name="乙村")

    response = client_of(Role.ADMIN).get(PATH, {"township": second.township_id, "village": first.pk})

    assert names_on(response) == ["乙村"]
    assert [chip.label for chip in response.context["page"].chips] == ["Township"]
    assert len(response.context["page"].problems) == 1


def test_dependent_filter_that_fits_is_offered_and_kept(client_of):
    village = make_village(name="甲村")
    make_village(name="乙村", township=village.township)

    response = client_of(Role.ADMIN).get(PATH, {"township": village.township_id, "village": village.pk})

    assert names_on(response) == ["甲村"]
    assert response.context["page"].problems == []
    assert f'<option value="{village.pk}" selected>甲村</option>' in response.content.decode()


def test_filters_stay_in_every_address_and_chips_remove_one(client_of):
    expected = make_villages(30)
    township = Village.objects.get(pk=Village.objects.order_by("-township__name").first().pk).township
    client = client_of(Role.ADMIN)

    response = client.get(PATH, {"q": "村", "township": township.pk, "unknown": "x"})
    page = response.context["page"]
    following = client.get(link(response, "next"))

    assert [chip.value for chip in page.chips] == ["村", township.name]
    assert [chip.url for chip in page.chips] == [f"?township={township.pk}", "?q=%E6%9D%91"]
    assert names_on(following) == [name for name in expected if name][4:8]
    assert str(following.context["page"].count) == "15"


def test_refresh_by_htmx_sends_the_list_alone_and_its_clean_address(client_of):
    make_villages(6)

    response = client_of(Role.ADMIN).get(PATH, {"q": "村00", "township": ""}, headers={"HX-Request": "true"})

    html = response.content.decode()
    assert names_on(response) == ["村00", "村00"]
    assert "<html" not in html
    assert 'id="filter-village" hx-swap-oob="true"' in html
    assert 'id="filter-township"' not in html
    assert response["HX-Push-Url"] == f"{PATH}?q=%E6%9D%9100"
    assert "HX-Request" in response["Vary"]


def test_return_through_the_browsers_history_shows_the_whole_page(client_of):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert "<html" in client_of(Role.ADMIN).get(PATH, headers=headers).content.decode()


def test_count_is_capped(client_of, monkeypatch):
    monkeypatch.setattr(lists, "COUNTED", 5)
    make_villages(8)

    assert str(client_of(Role.ADMIN).get(PATH).context["page"].count) == "5+"


def test_typed_markup_is_not_reflected(client_of):
    response = client_of(Role.ADMIN).get(PATH, {"q": '"><script>x</script>'})

    assert "<script>x" not in response.content.decode()


def test_empty_list_of_filters_offers_to_clear_them(client_of):
    make_villages(2)

    html = client_of(Role.ADMIN).get(PATH, {"q": "nobody"}).content.decode()

    assert 'class="btn btn-secondary" href="?"' in html


def test_choice_of_ones_own_township_alone_is_not_offered(client_of):
    make_villages(4)
    staff = client_of(Role.TOWNSHIP_STAFF, township=Village.objects.first().township)

    assert 'name="township"' not in staff.get(PATH).content.decode()
    assert 'name="township"' in client_of(Role.ADMIN).get(PATH).content.decode()
