"""Bulk actions: what was ticked, or all that the filters find, and never what the person does not see."""

import re

import pytest

from accounts.rights import Role
from common import bulk
from tests.factories import make_village

TICK, CHOSEN = "/test/villages/tick/", "/test/villages/chosen/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def villages():
    return [make_village(name=f"村{number}") for number in range(4)]


def names(response) -> list[str]:
    assert response.status_code == 200
    return response.json()["names"]


def refusal(response) -> str:
    assert response.status_code == 422
    return response.json()["message"]


def test_ticked_rows_are_chosen_whatever_else_is_sent(villages, client_of):
    keys = [villages[1].pk, "x", "", "-1", "9" * 40, villages[3].pk, villages[1].pk]

    response = client_of(Role.ADMIN).post(CHOSEN, {"key": keys})

    assert names(response) == ["村1", "村3"]
    assert response.json()["on"] == [["key", str(villages[1].pk)], ["key", str(villages[3].pk)]]


def test_all_found_is_what_the_filters_find(villages, client_of):
    response = client_of(Role.ADMIN).post(f"{CHOSEN}?q=村2", {"all": "on", "key": [villages[0].pk]})

    assert names(response) == ["村2"]
    assert response.json()["on"] == [["all", "on"]]


def test_rows_of_elsewhere_are_never_chosen(villages, client_of):
    own, foreign = villages[:2]
    staff = client_of(Role.TOWNSHIP_STAFF, township=own.township)

    assert names(staff.post(CHOSEN, {"key": [own.pk, foreign.pk]})) == [own.name]
    assert names(staff.post(CHOSEN, {"all": "on"})) == [own.name]
    told = refusal(staff.post(CHOSEN, {"key": [foreign.pk]}))
    assert told == refusal(staff.post(CHOSEN, {"key": [999_999_999]}))
    assert "Go back to the list" in told


@pytest.mark.parametrize("sent", [{}, {"key": ["x"]}, {"key": [""]}])
def test_nothing_ticked_is_said(sent, villages, client_of):
    assert refusal(client_of(Role.ADMIN).post(CHOSEN, sent)).startswith("Nothing was chosen.")


def test_filters_that_are_not_understood_choose_nothing(villages, client_of):
    client = client_of(Role.ADMIN)

    assert "A filter was not understood" in refusal(client.post(f"{CHOSEN}?township=x", {"all": "on"}))
    assert "find nothing any more" in refusal(client.post(f"{CHOSEN}?q=nobody", {"all": "on"}))


def test_dependent_filter_that_does_not_fit_is_not_left_out_silently(villages, client_of):
    query = f"?township={villages[0].township_id}&village={villages[1].pk}"

    assert "left out" in refusal(client_of(Role.ADMIN).post(f"{CHOSEN}{query}", {"all": "on"}))


def test_more_ticks_than_a_page_holds_are_refused(villages, client_of, monkeypatch):
    monkeypatch.setattr(bulk, "MOST_TICKED", 2)

    assert "too many ticks" in refusal(client_of(Role.ADMIN).post(CHOSEN, {"key": [each.pk for each in villages]}))


def test_list_with_actions_has_a_tick_in_every_row_and_sends_its_filters_along(villages, client_of):
    html = client_of(Role.ADMIN).get(TICK, {"q": "村", "unknown": "x"}).content.decode()

    assert re.findall(r'name="key" value="(\d+)" form="bulk" aria-label="Tick (\w+)"', html) == [
        (str(village.pk), village.name) for village in villages
    ]
    assert 'formaction="/test/villages/chosen/?twice=yes&amp;q=%E6%9D%91"' in html
    assert html.count('id="bulk"') == 1


def test_list_without_actions_has_no_ticks(villages, client_of):
    html = client_of(Role.ADMIN).get("/test/villages/").content.decode()

    assert 'form="bulk"' not in html
    assert "bulk.js" not in html
